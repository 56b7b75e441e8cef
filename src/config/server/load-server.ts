import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Problem } from '../../core/place.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { ConfigError } from '../config-error.ts';
import type { ServerConfig } from '../config.ts';
import { serverSchema } from '../schema/config-schema.ts';
import { expandServer } from '../variables/expand-server.ts';
import type { Variables } from '../variables/expand-text.ts';
import { loadPolicy } from '../load-policy.ts';
import { policyOfServer } from '../policy-of-server.ts';
import type { Policy } from '../policy.ts';
import type { ReadFile } from '../source/read-bytes.ts';
import type { OnFile } from '../source/read-text.ts';
import type { Env } from '../variables/resolve-path.ts';
import { problemAt } from '../source/source.ts';
import type { Path, Source } from '../source/source.ts';
import { checkServer, toServer, toTransport } from './to-server.ts';

/** One entry of `servers`, and what surrounds it. */
interface Entry {
  name: string;
  written: JsonValue;
  path: Path;
  source: Source;
  /** Folder of the configuration. */
  directory: string;
  cwd: string;
  env: Env;
  variables: Variables;
  readFile?: ReadFile;
  onFile?: OnFile;
}

/** Loads one server with its policy; every problem of both comes at once, and no server if there is any. */
export async function loadServer(
  entry: Entry,
): Promise<{ server?: ServerConfig; problems: readonly Problem[]; warnings: readonly Problem[] }> {
  const { name, written, path, source } = entry;
  const checked = checkSchema(serverSchema, written, source, path);
  const problems: Problem[] = checked.ok ? [] : checked.problems;
  if (isJsonObject(written)) problems.push(...checkServer(written, entry));

  const expansion = isJsonObject(written) ? await expandServer(written, entry, entry.variables) : undefined;
  // A server that is switched off need not have its variables set.
  if (isJsonObject(written) && written['enabled'] !== false) problems.push(...(expansion?.problems ?? []));

  const context = {
    ...entry,
    expanded: (at: Path): string | undefined => expansion?.expanded.get(JSON.stringify(at)),
  };
  const transport = checked.ok && problems.length === 0 ? toTransport(checked.value, context) : undefined;
  const base = transport?.type === 'stdio' ? transport.cwd : '/';
  const { policy, ...found } = await findPolicy(entry, base);
  problems.push(...found.problems);
  if (!checked.ok || transport === undefined || policy === undefined) return { problems, warnings: found.warnings };
  const server = toServer(checked.value, { name, transport, policy, ...secretsOf(expansion?.secrets) }, context);
  return problems.length > 0 ? { problems, warnings: found.warnings } : { server, problems, warnings: found.warnings };
}

function secretsOf(secrets: readonly string[] = []): { secrets?: readonly string[] } {
  return secrets.length > 0 ? { secrets } : {};
}

async function findPolicy(
  entry: Entry,
  base: string,
): Promise<{ policy?: Policy; problems: readonly Problem[]; warnings: readonly Problem[] }> {
  const { name, written, path, source } = entry;
  const reference = isJsonObject(written) ? written['policy'] : undefined;
  if (typeof reference !== 'string' || reference === '') {
    return { policy: policyOfServer({ server: name, base }), problems: [], warnings: [] };
  }
  try {
    return { ...(await loadPolicy(reference, { ...entry, server: name, base })), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // What has no place is wrong with the reference, which stands here.
    const problems = error.problems.map((problem) =>
      problem.place === undefined ? problemAt(source, [...path, 'policy'], problem.message) : problem,
    );
    return { problems, warnings: [] };
  }
}
