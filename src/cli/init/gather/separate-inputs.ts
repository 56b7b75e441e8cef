import type { FoundServer } from './gather-servers.ts';
import { textsOfLaunch } from '../secrets/missing-variables.ts';
import { toVariable } from '../secrets/vault.ts';

type Launch = FoundServer['entry']['launch'];

/**
 * The servers with a variable of its own for each question of VS Code: two files may ask for different things by the same id, and whoever
 * sets the one would give it to the server of the other. So with a variable that a server takes from the environment, or that `texts` name.
 */
export function separateInputs(servers: readonly FoundServer[], texts: readonly string[] = []): FoundServer[] {
  const taken = [...namesIn(texts), ...servers.flatMap(variablesOf)];
  const owners = new Map(taken.map((variable) => [variable, environment]));
  return servers.map((server) => {
    const { entry, name } = server;
    const file = fileOf(server);
    let { launch } = entry;
    const inputs = entry.inputs.map((input) => {
      if (file === undefined) return input;
      let { variable } = input;
      for (let number = 1; (owners.get(variable) ?? file) !== file; number += 1) {
        variable = toVariable(name, number === 1 ? input.variable : `${input.variable}_${number}`);
      }
      owners.set(variable, file);
      if (variable !== input.variable) launch = renamed(launch, input.variable, variable);
      return { ...input, variable };
    });
    return { ...server, entry: { ...entry, launch, inputs } };
  });
}

const environment = '';

/** The file whose questions a server's are; none of a client whose secrets have one name everywhere. */
function fileOf({ found: [first] }: FoundServer): string | undefined {
  return first?.client === 'vscode' ? first.place.file : undefined;
}

/** Those that a server takes from the environment. */
function variablesOf(server: FoundServer): string[] {
  const { launch, inputs } = server.entry;
  const asked = new Set(fileOf(server) === undefined ? [] : inputs.map(({ variable }) => variable));
  return namesIn(textsOfLaunch(launch)).filter((name) => !asked.has(name));
}

function namesIn(texts: readonly string[]): string[] {
  const written = /(?<!\$)\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?\}/g;
  return texts.flatMap((text) => [...text.matchAll(written)].map(([, name = '']) => name));
}

function renamed(launch: Launch, from: string, to: string): Launch {
  const text = (written: string): string =>
    written.replaceAll(
      /(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)((?::-[^}]*)?)\}/g,
      (whole, variable: string, rest: string) => (variable === from ? `\${${to}${rest}}` : whole),
    );
  const texts = (settings: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, text(value)]));
  if ('url' in launch) return { ...launch, url: text(launch.url), headers: texts(launch.headers) };
  const { command, args, env, cwd } = launch;
  const folder = cwd === undefined ? {} : { cwd: text(cwd) };
  return { command: text(command), args: args.map(text), env: texts(env), ...folder };
}
