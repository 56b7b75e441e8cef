import { isDeepStrictEqual } from 'node:util';
import type { ServerConfig } from '../../config/config.ts';

/** The enabled servers, as the configuration has them now. */
export interface Roster {
  /** In the order of the configuration. */
  all(): readonly ServerConfig[];
  find(name: string): ServerConfig | undefined;
}

/** What another configuration means for the connections, by names of servers. */
export interface RosterChange {
  /** Those whose connections serve no more: not there any more, or reached in another way. */
  dropped: ReadonlySet<string>;
  /** Those to be connected: new, or reached in another way. */
  opened: ReadonlySet<string>;
}

/** `replace` puts other servers in the place of those so far. Those that are not enabled are passed over. */
export function createRoster(
  servers: readonly ServerConfig[],
): Roster & { replace(next: readonly ServerConfig[]): RosterChange } {
  let byName = index(servers);
  return {
    all: () => [...byName.values()],
    find: (name) => byName.get(name),
    replace(next) {
      const before = byName;
      byName = index(next);
      const stays = (name: string): boolean =>
        byName.has(name) && isDeepStrictEqual(wayOf(before.get(name)), wayOf(byName.get(name)));
      return {
        dropped: new Set([...before.keys()].filter((name) => !stays(name))),
        opened: new Set([...byName.keys()].filter((name) => !stays(name))),
      };
    },
  };
}

/** All that decides about how it is reached. */
function wayOf(server: ServerConfig | undefined): unknown {
  return [server?.transport, server?.auth];
}

function index(servers: readonly ServerConfig[]): ReadonlyMap<string, ServerConfig> {
  return new Map(servers.flatMap((server) => (server.enabled ? [[server.name, server] as const] : [])));
}
