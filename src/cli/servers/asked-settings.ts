import { usageFailure } from '../failure.ts';

/** The environment of a program from `KEY=VALUE`, and `KEY` alone for what the proxy has under that name. Throws without showing a value. */
export function toVariables(written: readonly string[]): Record<string, string> {
  const all = written.map((one): [string, string] => {
    const [, name = '', value] = /^([^=]*)(?:=([^]*))?$/.exec(one) ?? [];
    const isName = value === undefined ? /^[A-Za-z_]\w*$/ : /^[A-Za-z_][\w.-]*$/;
    if (isName.test(name)) return [name, value ?? `\${${name}}`];
    throw usageFailure(
      `--env wants the name of a variable${value === undefined ? '' : ' before ='}, of letters, digits and _`,
      'write --env KEY=VALUE, or --env KEY for what mcp-marshal has in its own environment',
    );
  });
  return once(all, '--env', (name) => name);
}

/** Headers from `Name: value`. Throws without showing a value. */
export function toHeaders(written: readonly string[]): Record<string, string> {
  const all = written.map((one): [string, string] => {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*([^\r\n]*)$/.exec(one.trim()) ?? [];
    if (name !== undefined && value !== undefined && value !== '') return [name, value];
    throw usageFailure('--header wants a name and a value', "write --header 'Name: value'");
  });
  return once(all, '--header', (name) => name.toLowerCase());
}

function once(
  all: readonly [string, string][],
  option: string,
  keyOf: (name: string) => string,
): Record<string, string> {
  const seen = new Set<string>();
  for (const [name] of all) {
    if (seen.has(keyOf(name))) throw usageFailure(`${option} has ${name} twice`, 'keep one of them');
    seen.add(keyOf(name));
  }
  return Object.fromEntries(all);
}
