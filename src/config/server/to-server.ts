import { resolve } from 'node:path';
import type { z } from 'zod';
import type { JsonObject } from '../../core/json.ts';
import type { Problem } from '../../core/place.ts';
import type { ServerConfig, Transport } from '../config.ts';
import type { serverSchema } from '../schema/config-schema.ts';
import type { Policy } from '../policy.ts';
import { resolvePath } from '../variables/resolve-path.ts';
import type { Env } from '../variables/resolve-path.ts';
import { problemAt, problemAtKey } from '../source/source.ts';
import type { Path, Source } from '../source/source.ts';

/** Calls in flight on a server where neither configuration nor policy says. */
const defaultMaxParallel = 8;

const urlTypes = ['http', 'streamable-http', 'streamableHttp', 'sse'];

/** A server as written, after its schema. */
type WrittenServer = z.output<typeof serverSchema>;

/** What a server needs to know to become its normal form. */
interface ServerContext {
  source: Source;
  path: Path;
  /** Folder of the configuration, and the working directory. */
  directory: string;
  cwd: string;
  env: Env;
  /** The text at a path with its variables replaced; undefined where they could not be. */
  expanded: (path: Path) => string | undefined;
}

/** Problems of a server as written that its schema cannot say: keys that exclude, need or contradict each other. */
export function checkServer(server: JsonObject, { source, path }: { source: Source; path: Path }): Problem[] {
  const { command, url, type } = server;
  const problems: Problem[] = [];
  if (command === undefined && url === undefined) {
    problems.push(
      problemAtKey(source, path, 'has neither command nor url; write command: npx, or url: https://host/path'),
    );
  } else if (command !== undefined && url !== undefined) {
    problems.push(problemAtKey(source, [...path, 'url'], 'stands beside command; keep one of the two'));
  } else {
    const foreign = command === undefined ? (['args', 'env', 'cwd'] as const) : (['headers'] as const);
    const home = command === undefined ? 'command' : 'url';
    for (const key of foreign) {
      if (server[key] === undefined) continue;
      problems.push(problemAtKey(source, [...path, key], `belongs to a server with ${home}; remove it`));
    }
    const fitting = command === undefined ? urlTypes : ['stdio'];
    // An unknown type is the schema's to report.
    if (typeof type === 'string' && ['stdio', ...urlTypes].includes(type) && !fitting.includes(type)) {
      const other = command === undefined ? 'url; write http or sse' : 'command; write stdio';
      problems.push(problemAt(source, [...path, 'type'], `"${type}" does not fit a server with ${other}`));
    }
  }
  return problems;
}

/** How to reach the server, variables replaced and paths absolute. `checkServer` has found no problem. */
export function toTransport(server: WrittenServer, context: ServerContext): Transport {
  const { path, directory, cwd, env, expanded } = context;
  const at = (...steps: (string | number)[]): string => expanded([...path, ...steps]) ?? '';
  const texts = (key: 'env' | 'headers'): Record<string, string> =>
    Object.fromEntries(Object.keys(server[key] ?? {}).map((name) => [name, at(key, name)]));
  if (server.command === undefined) {
    return { type: server.type === 'sse' ? 'sse' : 'http', url: at('url'), headers: texts('headers') };
  }
  const command = at('command');
  return {
    type: 'stdio',
    // A path is relative to its file, like every path there; a bare name is looked up by the system.
    command: /^\.\.?[\\/]/.test(command) ? resolve(directory, command) : command,
    args: (server.args ?? []).map((_, index) => at('args', index)),
    env: texts('env'),
    cwd: server.cwd === undefined ? cwd : resolvePath(at('cwd'), directory, env),
  };
}

/** The normal form of a server. Of several limits the smallest holds, of several timeouts the most specific. */
export function toServer(
  server: WrittenServer,
  parts: { name: string; transport: Transport; policy: Policy; secrets?: readonly string[] },
  { source, path }: ServerContext,
): ServerConfig {
  const { limits } = parts.policy;
  const set = [server.maxParallel, limits.maxParallel].filter((limit) => limit !== undefined);
  const maxParallel = set.length > 0 ? Math.min(...set) : defaultMaxParallel;
  const timeoutMs = server.timeout ?? limits.timeoutMs;
  return {
    ...parts,
    place: source.keyPlaceOf(path),
    enabled: server.enabled,
    ...(timeoutMs !== undefined && { timeoutMs }),
    maxParallel,
    maxParallelWrites: Math.min(limits.maxParallelWrites ?? maxParallel, maxParallel),
    maxParallelIsSet: set.length > 0,
    parallel: server.parallel,
  };
}
