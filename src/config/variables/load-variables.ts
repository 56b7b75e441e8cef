import { parseEnv } from 'node:util';
import type { Variables } from './expand-text.ts';
import { readFileOrPipe } from '../source/read-bytes.ts';
import type { ReadFile } from '../source/read-bytes.ts';
import { readText } from '../source/read-text.ts';
import type { OnFile } from '../source/read-text.ts';
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
  options: { directory: string; env: Env; readFile?: ReadFile; onFile?: OnFile },
): Promise<{ variables: Variables; reason?: string }> {
  const { directory, env, readFile, onFile } = options;
  const readSecret = (written: string, read: ReadFile | undefined): ReturnType<typeof readText> => {
    const path = resolvePath(written, directory, env);
    onFile?.(path);
    return readText(path, maxSecretBytes, read);
  };
  const read = envFile === undefined ? undefined : await readSecret(envFile, readFile);
  const fromFile: Env = read?.ok ? parseEnv(read.text) : {};
  const variables: Variables = {
    // Own properties only: `${constructor}` is no variable.
    lookup: (name) => [env, fromFile].find((from) => Object.hasOwn(from, name) && from[name] !== undefined)?.[name],
    readFile: async (path) => {
      // A shell may hand a secret over as a pipe.
      const file = await readSecret(path, readFile ?? readFileOrPipe);
      return file.ok ? { text: file.text.replace(/\r?\n$/, '') } : { reason: `the file "${path}" ${file.reason}` };
    },
  };
  return { variables, ...(read?.ok === false && { reason: read.reason }) };
}
