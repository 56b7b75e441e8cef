import { dirname } from 'node:path';
import { parseEnv } from 'node:util';
import { findConfig } from '../../../config/find-config.ts';
import { maxFileBytes } from '../../../config/load-policy.ts';
import { parseSource } from '../../../config/source/parse-source.ts';
import { readText } from '../../../config/source/read-text.ts';
import type { Source } from '../../../config/source/source.ts';
import { resolvePath } from '../../../config/variables/resolve-path.ts';
import type { Env } from '../../../config/variables/resolve-path.ts';
import { valueAt } from '../../../clients/client.ts';
import { findClearSecrets } from './find-clear-secrets.ts';
import type { ClearSecret } from './find-clear-secrets.ts';
import { findVariables } from './find-variables.ts';
import type { NeededVariable } from './find-variables.ts';

/** What the configuration says before its variables are replaced. */
export interface Written {
  /** Absolute. */
  file: string;
  /** Absolute; absent where it has none. */
  envFile?: string;
  /** Variables without a default that `envFile` does not set: the environment has to. */
  variables: readonly NeededVariable[];
  secrets: readonly ClearSecret[];
}

/** Reads the configuration once more, as it is written. Nothing where there is none, or where it cannot be parsed. Never rejects. */
export async function readWritten(options: {
  file: string | undefined;
  env: Env;
  cwd: string;
}): Promise<Written | undefined> {
  const { env } = options;
  const found = await findConfig(options).catch(() => undefined);
  // A pipe was read once, and holds nothing any more: only a file is looked at again.
  const read = found && (await readText(found.path, maxFileBytes));
  const source: Source | undefined = read?.ok === true ? parseSource(read.text, found?.shown ?? '').usable : undefined;
  if (found === undefined || source === undefined) return undefined;
  const named = valueAt(source.value, 'envFile');
  const envFile = typeof named === 'string' ? resolvePath(named, dirname(found.path), env) : undefined;
  const text = envFile === undefined ? undefined : await readText(envFile, maxFileBytes);
  const set = new Set(text?.ok === true ? Object.keys(parseEnv(text.text)) : []);
  return {
    file: found.path,
    ...(envFile !== undefined && { envFile }),
    variables: findVariables(source).filter(({ name }) => !set.has(name)),
    secrets: findClearSecrets(source),
  };
}
