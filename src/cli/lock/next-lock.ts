import type { PresentServer } from '../../catalog/lock/compare-server.ts';
import { lockServer } from '../../catalog/lock/lock-server.ts';
import type { LockedServer, LockFile } from '../../config/lock/lock-file.ts';
import type { LockTarget } from './lock-target.ts';

/**
 * The lock file after a person has accepted what is there now: all of it, or what `target` says, the rest staying as it was. Servers that
 * were not asked, since they are switched off, keep what was accepted of them; those that are not configured any more go.
 */
export function nextLock(
  lock: LockFile | undefined,
  {
    servers,
    configured,
    target,
  }: {
    servers: ReadonlyMap<string, PresentServer>;
    /** Names of all servers of the configuration. */
    configured: ReadonlySet<string>;
    target: LockTarget | undefined;
  },
): LockFile {
  const accepted = new Map(lock?.servers);
  if (target === undefined) {
    for (const name of accepted.keys()) if (!configured.has(name)) accepted.delete(name);
    for (const [name, server] of servers) accepted.set(name, lockServer(server));
    return { servers: accepted };
  }
  const present = servers.get(target.server);
  if (present === undefined) return { servers: accepted };
  accepted.set(target.server, withTool(accepted.get(target.server), lockServer(present), target.tool));
  return { servers: accepted };
}

/** The server as it is now; of one tool alone, all the rest of it as it was accepted. */
function withTool(before: LockedServer | undefined, now: LockedServer, tool: string | undefined): LockedServer {
  if (tool === undefined || before === undefined) return now;
  const tools = new Map(before.tools);
  const accepted = now.tools.get(tool);
  if (accepted === undefined) tools.delete(tool);
  else tools.set(tool, accepted);
  return { ...before, tools };
}
