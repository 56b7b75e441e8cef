import { resolve } from 'node:path';
import type { z } from 'zod';
import type { JsonObject } from '../../core/json.ts';
import type { Problem } from '../../core/place.ts';
import type { Launch, ServerConfig, Transport, UpstreamAuth } from '../config.ts';
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
    const foreign = command === undefined ? (['args', 'env', 'cwd'] as const) : (['headers', 'auth'] as const);
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

/** How a server is started or reached, as its file has it. */
function toLaunch({ command, args = [], env = {}, cwd, type, url = '', headers = {} }: WrittenServer): Launch {
  if (command === undefined)
    return { type: type === 'sse' ? 'sse' : 'http', url, headers: Object.keys(headers).sort() };
  return { command, args: args.map(String), env: Object.keys(env).sort(), ...(cwd !== undefined && { cwd }) };
}

/** How to log in at the server, variables replaced. */
function toUpstreamAuth({ auth }: WrittenServer, { path, expanded }: ServerContext): UpstreamAuth | undefined {
  if (auth === undefined) return undefined;
  const { type, scope, issuer } = auth;
  const texts = (['clientId', 'clientSecret'] as const).flatMap((key) => {
    const text = auth[key] === undefined ? undefined : expanded([...path, 'auth', key]);
    return text === undefined ? [] : [[key, text] as const];
  });
  return {
    type,
    ...(scope !== undefined && { scope }),
    ...(issuer !== undefined && { issuer }),
    ...Object.fromEntries(texts),
  };
}

/** The normal form of a server. Of several limits the smallest holds, of several timeouts the most specific. */
export function toServer(
  server: WrittenServer,
  parts: { name: string; transport: Transport; policy: Policy; secrets?: readonly string[] },
  context: ServerContext,
): ServerConfig {
  const { source, path } = context;
  const auth = toUpstreamAuth(server, context);
  const { limits } = parts.policy;
  const set = [server.maxParallel, limits.maxParallel].filter((limit) => limit !== undefined);
  const maxParallel = set.length > 0 ? Math.min(...set) : defaultMaxParallel;
  const timeoutMs = server.timeout ?? limits.timeoutMs;
  return {
    ...parts,
    ...(auth !== undefined && { auth }),
    launch: toLaunch(server),
    place: source.keyPlaceOf(path),
    enabled: server.enabled,
    ...(timeoutMs !== undefined && { timeoutMs }),
    maxParallel,
    maxParallelWrites: Math.min(limits.maxParallelWrites ?? maxParallel, maxParallel),
    maxParallelIsSet: set.length > 0,
    parallel: server.parallel,
  };
}
