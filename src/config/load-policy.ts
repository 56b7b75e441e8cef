import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFile } from '../lib/package-file.ts';
import { isJsonObject } from '../core/json.ts';
import type { Problem } from '../core/place.ts';
import { checkSchema } from './schema/check-schema.ts';
import { ConfigError } from './config-error.ts';
import { showPath } from './find-config.ts';
import { findIdleSettings } from './find-idle-settings.ts';
import { parseSource } from './source/parse-source.ts';
import type { PolicyContext } from './policy-of-server.ts';
import { policySchema } from './schema/policy-schema.ts';
import type { Policy } from './policy.ts';
import { readText } from './source/read-text.ts';
import type { ReadFile } from './source/read-bytes.ts';
import type { OnFile } from './source/read-text.ts';
import { resolvePath } from './variables/resolve-path.ts';
import type { Env } from './variables/resolve-path.ts';
import { problemAt } from './source/source.ts';
import { suggest } from './schema/suggest.ts';
import { toPolicy } from './to-policy.ts';

/**
 * Largest configuration or policy that is read, in bytes: some times what fits into as many words as a file may hold. The time that
 * the worst text takes grows with it, and a file that is read again while calls run must not hold them up.
 */
export const maxFileBytes = 256 * 1024;

export interface LoadPolicyOptions extends PolicyContext {
  /** What a relative path of a policy starts at: the folder of the configuration. */
  directory: string;
  /** Working directory, to which messages shorten paths. */
  cwd: string;
  env: Env;
  readFile?: ReadFile;
  onFile?: OnFile;
}

/**
 * Loads the policy of one server: a file, or `builtin:NAME` for one that ships with the package.
 * Throws ConfigError with every problem; problems without a place are about the reference itself.
 */
export async function loadPolicy(
  reference: string,
  options: LoadPolicyOptions,
): Promise<{ policy: Policy; warnings: readonly Problem[] }> {
  const found = await findPolicy(reference, options);
  if (!found.builtin) options.onFile?.(found.path);
  const read = await readText(found.path, maxFileBytes, options.readFile);
  if (!read.ok) throw new ConfigError([{ message: `the policy "${reference}" ${read.reason}` }]);

  const { usable: source, problems } = parseSource(read.text, found.shown);
  if (source === undefined) throw new ConfigError(problems);
  const checked = checkSchema(policySchema, source.value, source);
  if (!checked.ok) problems.push(...checked.problems);
  const server = isJsonObject(source.value) ? source.value['server'] : undefined;
  if (!found.builtin && typeof server === 'string' && server !== options.server) {
    const message = `"${server}" is not the server that uses this policy; write ${options.server}, or give each server its own file`;
    problems.push(problemAt(source, ['server'], message));
  }
  if (!checked.ok || problems.length > 0) throw new ConfigError(problems);
  const file = found.builtin ? reference : found.path;
  const policy = toPolicy(checked.value, source, { ...options, file });
  // Nobody can mend a file of the package, so a warning about one would be noise.
  if (found.builtin) return { policy, warnings: [] };
  return { policy, warnings: findIdleSettings(policy, source) };
}

async function findPolicy(
  reference: string,
  { directory, cwd, env }: LoadPolicyOptions,
): Promise<{ path: string; shown: string; builtin: boolean }> {
  if (!reference.startsWith('builtin:')) {
    const path = resolvePath(reference, directory, env);
    return { path, shown: showPath(path, cwd), builtin: false };
  }
  const name = reference.slice('builtin:'.length);
  const folder = packageFile('config/policies');
  const names = (await readdir(folder)).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
  if (!names.includes(name)) {
    const near = suggest(name, names);
    const mend = near === undefined ? '' : `did you mean builtin:${near}? `;
    const message = `"${reference}" does not ship with mcp-marshal; ${mend}These do: ${names.join(', ')}`;
    throw new ConfigError([{ message }]);
  }
  return { path: join(folder, `${name}.yaml`), shown: `config/policies/${name}.yaml`, builtin: true };
}
