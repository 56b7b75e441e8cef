import type { ServerConfig } from '../config/config.ts';
import type { JsonObject } from '../core/json.ts';
import type { Client } from '../core/protocol/client.ts';
import type { Logger } from '../lib/logger.ts';
import type { Instance, InstanceOptions } from './instance/instance.ts';
import { profileOf } from './instance/capabilities.ts';
import { createInstance } from './instance/instance.ts';
import { createKeptCatalog } from './kept-catalog.ts';
import type { FleetGroup, FleetGroupOptions, OpenGroup } from './link/fleet-group.ts';
import { createFleetGroup } from './link/fleet-group.ts';
import type { FleetLink } from './link/fleet-link.ts';
import { createFleetLink } from './link/fleet-link.ts';
import { createGroups } from './link/groups.ts';
import { createOwnInstances } from './link/own-instances.ts';
import { createRouter } from './link/router.ts';
import { createKeeping } from './keeping.ts';
import type { UpstreamTimings } from './pace/timings.ts';
import { defaultTimings } from './pace/timings.ts';

/** All upstreams of a configuration, each living on its own: what one of them does or suffers never holds another. */
export interface Fleet {
  /**
   * Connects all enabled upstreams side by side, in the background, for clients with these capabilities (none, where absent): the
   * base group. With one client whose capabilities are known before, that spares a second connection to each server.
   */
  start(capabilities?: JsonObject): void;
  /** What clients with the capabilities given to `start` see. There before the start, with what is kept from the last run. */
  base: FleetGroup;
  /** Lets a client in: to the group with its capabilities, which is opened where there is none. Never throws. */
  join(client: Client): JoinedLink;
  /** Resolves when each enabled upstream of the base group has been ready or failed at least once, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
  /** Closes all upstreams side by side, and returns after 3 s whatever they do. */
  close(): Promise<void>;
}

export interface JoinedLink extends FleetLink {
  /** How long ago the connections were begun that the client shares with others of its capabilities. */
  groupAgeMs(): number;
}

export interface FleetOptions {
  servers: readonly ServerConfig[];
  logger: Logger;
  /** Where tool lists are kept from run to run. */
  stateDir: string;
  /** What this server has answered may not hold any more: it has said so, its tools have changed, or its connection has ended. */
  onStale?: (server: string) => void;
  timings?: Partial<UpstreamTimings>;
  random?: () => number;
}

/** Two escalations of a second each, and a margin. */
const closeLimitMs = 3000;

export function createFleet({ servers, logger, stateDir, onStale, timings, random }: FleetOptions): Fleet {
  const enabled = servers.filter((server) => server.enabled);
  const byName = new Map(enabled.map((server) => [server.name, server]));
  const { callWaitMs, groupLingerMs } = { ...defaultTimings, ...timings };
  const keeping = createKeeping({ servers: enabled, catalog: createKeptCatalog({ stateDir, logger }) });

  const open = (server: ServerConfig, own: Pick<InstanceOptions, 'kept' | 'onState' | 'onTools'>): Instance =>
    createInstance({
      ...own,
      server,
      logger: logger.child({ server: server.name }),
      asking: keeping.asking,
      timings,
      random,
      onStale: () => onStale?.(server.name),
    });
  const known: FleetGroupOptions['known'] = (server, capabilities) => keeping.known(server, profileOf(capabilities));
  const openShared: FleetGroupOptions['open'] = (server, { onChange, capabilities }) =>
    open(server, {
      kept: known(server.name, capabilities()),
      onState: onChange,
      onTools(listed) {
        onStale?.(server.name);
        keeping.keep({ server: server.name, profile: profileOf(capabilities()) }, listed);
        onChange();
      },
    });
  const start = (group: OpenGroup, capabilities: JsonObject): void => {
    // Before the upstreams: starting a process takes its time.
    keeping.start(group, capabilities);
    group.start(capabilities);
  };

  const base = createFleetGroup({ servers: enabled, open: openShared, known });
  const groups = createGroups({
    base,
    open(capabilities) {
      const group = createFleetGroup({ servers: enabled, base, open: openShared, known });
      start(group, capabilities);
      return group;
    },
    logger,
    lingerMs: groupLingerMs,
  });
  const own = createOwnInstances((server, { kept, onChange }) =>
    open(server, { kept, onState: onChange, onTools: onChange }),
  );

  return {
    start: (capabilities = {}) => start(base, capabilities),
    base,
    join(client) {
      const { group, giveBack } = groups.take(client.capabilities);
      const link = createFleetLink({
        client,
        group,
        enter: group.enter,
        createRouter: (visitor) =>
          createRouter({ visitor, group, servers: byName, asking: keeping.asking, own, waitMs: callWaitMs }),
        onClose: giveBack,
      });
      return { ...link, groupAgeMs: group.ageMs };
    },
    settled: base.settled,
    async close() {
      keeping.stop();
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeLimitMs);
      });
      const all = Promise.all([base.close(), groups.close(), own.closeAll()]).then(() => keeping.saved());
      await Promise.race([all, limit]);
      clearTimeout(timer);
    },
  };
}
