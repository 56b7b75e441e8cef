import type { ServerEntry } from '../../clients/client.ts';
import type { Launch } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';

/** Longer than the configuration takes. */
const maxTimeoutMs = 24 * 60 * 60_000;

/** A launch by the keys of the configuration, in the order in which people read them. */
export function toEntry(
  launch: ServerEntry['launch'],
  { policy, timeoutMs, enabled }: { policy?: string | undefined; timeoutMs?: number | undefined; enabled: boolean },
): JsonObject {
  const timeout = timeoutMs === undefined ? undefined : toDuration(timeoutMs);
  return {
    ...('url' in launch ? ofRemote(launch) : ofProgram(launch)),
    ...(policy !== undefined && { policy }),
    ...(timeout !== undefined && { timeout }),
    ...(!enabled && { enabled }),
  };
}

/** The launch as the lock file and the built-in policies know it: of environment and headers the names alone. */
export function toLaunch(launch: ServerEntry['launch']): Launch {
  if ('url' in launch) return { type: launch.type, url: launch.url, headers: Object.keys(launch.headers).sort() };
  const { command, args, env, cwd } = launch;
  return { command, args, env: Object.keys(env).sort(), ...(cwd !== undefined && { cwd }) };
}

function ofProgram({ command, args, env, cwd }: Extract<ServerEntry['launch'], { command: string }>): JsonObject {
  const names = Object.keys(env).filter((name) => name !== '' && !name.includes('='));
  return {
    command,
    ...(args.length > 0 && { args: [...args] }),
    ...(names.length > 0 && { env: Object.fromEntries(names.map((name) => [name, env[name]])) }),
    ...(cwd !== undefined && { cwd }),
  };
}

function ofRemote({ type, url, headers }: Extract<ServerEntry['launch'], { url: string }>): JsonObject {
  return { ...(type === 'sse' && { type }), url, ...(Object.keys(headers).length > 0 && { headers: { ...headers } }) };
}

function toDuration(timeoutMs: number): string | undefined {
  const whole = Math.round(timeoutMs);
  if (!(whole >= 1 && whole <= maxTimeoutMs)) return undefined;
  return whole % 1_000 === 0 ? `${whole / 1_000}s` : `${whole}ms`;
}
