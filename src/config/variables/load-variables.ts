import { parseEnv } from 'node:util';
import type { Variables } from './expand-text.ts';
import { readText } from '../source/read-text.ts';
import type { ReadFile } from '../source/read-text.ts';
import { resolvePath } from './resolve-path.ts';
import type { Env } from './resolve-path.ts';

/** Keys, tokens and certificates are far smaller. */
const maxSecretBytes = 64 * 1024;

/**
 * The variables of a configuration: the environment first, then `envFile`. `reason` says why `envFile` is unusable, in a
 * phrase that follows its name.
 */
export async function loadVariables(
  envFile: string | undefined,
  options: { directory: string; env: Env; readFile?: ReadFile },
): Promise<{ variables: Variables; reason?: string }> {
  const { directory, env, readFile } = options;
  const read =
    envFile === undefined ? undefined : await readText(resolvePath(envFile, directory, env), maxSecretBytes, readFile);
  const fromFile: Env = read?.ok ? parseEnv(read.text) : {};
  const variables: Variables = {
    // Own properties only: `${constructor}` is no variable.
    lookup: (name) => [env, fromFile].find((from) => Object.hasOwn(from, name) && from[name] !== undefined)?.[name],
    readFile: async (path) => {
      const file = await readText(resolvePath(path, directory, env), maxSecretBytes, readFile);
      return file.ok ? { text: file.text.replace(/\r?\n$/, '') } : { reason: `the file "${path}" ${file.reason}` };
    },
  };
  return { variables, ...(read?.ok === false && { reason: read.reason }) };
}
