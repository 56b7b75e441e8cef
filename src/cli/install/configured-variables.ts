import type { Config } from '../../config/config.ts';
import { valueOf } from '../../config/edit/open-text.ts';
import { readText } from '../../config/source/read-text.ts';
import { resolvePath } from '../../config/variables/resolve-path.ts';
import { dirname } from 'node:path';

/** As for the configuration itself. */
const maxFileBytes = 1024 * 1024;
/** More than any configuration refers to. */
const maxVariables = 200;

/** Names of the environment's variables. */
export interface ConfiguredVariables {
  all: string[];
  /** Those without which the configuration is not valid: it gives them no default. */
  required: string[];
}

/** The names of the environment's variables that a configuration refers to, but for those that its `envFile` gives. */
export async function configuredVariables(
  { file }: Pick<Config, 'file'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ConfiguredVariables> {
  const read = await readText(file, maxFileBytes);
  const value = read.ok ? valueOf(read.text, file) : undefined;
  if (value === undefined) return { all: [], required: [] };
  const written = JSON.stringify(value).matchAll(/\$(\$?)\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}/g);
  const isRequired = new Map<string, boolean>();
  for (const [, escape, name = '', fallback] of written) {
    if (escape === '') isRequired.set(name, fallback === undefined || isRequired.get(name) === true);
  }
  const { envFile } = value;
  const given = typeof envFile === 'string' ? await namesOf(resolvePath(envFile, dirname(file), env)) : [];
  for (const name of given) isRequired.delete(name);
  const all = [...isRequired.keys()].slice(0, maxVariables);
  return { all, required: all.filter((name) => isRequired.get(name)) };
}

async function namesOf(envFile: string): Promise<string[]> {
  const read = await readText(envFile, maxFileBytes);
  if (!read.ok) return [];
  return [...read.text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=/gm)].map(
    ([, name = '']) => name,
  );
}
