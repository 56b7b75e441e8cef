import type { ServerConfig } from '../config/config.ts';
import type { JsonObject } from '../core/json.ts';
import type { Client } from '../core/protocol/client.ts';
import type { Logger } from '../lib/logger.ts';
import { createCredentialBook } from './auth/credential-book.ts';
import type { Instance, InstanceOptions } from './instance/instance.ts';
import { profileOf } from './instance/capabilities.ts';
import { createInstance } from './instance/instance.ts';
import { measure, type Measured } from './health/measure.ts';
import { createKeptCatalog } from './kept-catalog.ts';
import type { FleetGroup, FleetGroupOptions, OpenGroup } from './link/fleet-group.ts';
import { createFleetGroup } from './link/fleet-group.ts';
import type { FleetLink, FleetLinkOptions } from './link/fleet-link.ts';
import { createFleetLink } from './link/fleet-link.ts';
import { createGroups } from './link/groups.ts';
import { createOwnInstances } from './link/own-instances.ts';
import { createRouter } from './link/router.ts';
import { createStandingCount } from './link/standing-count.ts';
import { createKeeping } from './keeping.ts';
import type { UpstreamTimings } from './pace/timings.ts';
import { defaultTimings } from './pace/timings.ts';
import { createRetirement, graceOf } from './reload/retirement.ts';
import { createRoster } from './reload/roster.ts';

/** All upstreams of a configuration, each living on its own: what one of them does or suffers never holds another. */
export interface Fleet {
  /**
   * Connects all enabled upstreams side by side, in the background, for clients with these capabilities (none, where absent): the
   * base group. With one client whose capabilities are known before, that spares a second connection to each server.
   */
  start(capabilities?: JsonObject): void;
  /** What clients with the capabilities given to `start` see. There before the start, with what is kept from the last run. */
  base: FleetGroup;
  /**
   * Lets a client in: to the group with its capabilities, which is opened where there is none. Never throws. Calls of tools that
   * `isWithheld` says are not to be sent end as cancelled and unsent.
   */
  join(client: Client, options?: Pick<FleetLinkOptions, 'isWithheld'>): JoinedLink;
  /**
   * Puts other servers in the place of those so far. One that is reached as before keeps its connections, whatever else of it has
   * changed. One that is reached in another way is connected anew: what runs on its old connections ends there, what comes goes over
   * the new ones. Calls of one that is not there any more come back as `unknown_tool`, and those that run have two minutes at most.
   */
  apply(servers: readonly ServerConfig[]): void;
  /** Resolves when each enabled upstream of the base group has been ready or failed at least once, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
  /** How fast a server of the base group answers now, and in which version; nothing where it is not connected. Never rejects. */
  measure(server: string, limitMs: number): Promise<Measured | undefined>;
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
  /** The last connection to this server that stood has ended: what was under way there cannot take effect by way of us any more. */
  onDisconnected?: (server: string) => void;
  /** A connection to this server stands, until `ended`. */
  onConnected?: ((server: ServerConfig, ended: Promise<unknown>) => void) | undefined;
  /** Between the start of the process and that of the fleet, where its first client has waited for it. */
  startupMs?: number;
  timings?: Partial<UpstreamTimings>;
  random?: () => number;
}

type OwnOptions = Pick<InstanceOptions, 'kept' | 'onState' | 'onTools' | 'isSuccessor'>;

/** Two escalations of a second each, and a margin. */
const closeLimitMs = 3000;

export function createFleet({
  servers,
  logger,
  stateDir,
  startupMs = 0,
  timings,
  random,
  ...told
}: FleetOptions): Fleet {
  const { onStale, onDisconnected, onConnected } = told;
  const roster = createRoster(servers);
  const { callWaitMs, groupLingerMs } = { ...defaultTimings, ...timings };
  const retirement = createRetirement();
  const credentials = createCredentialBook({ stateDir, logger });
  const standing = createStandingCount((server) => onDisconnected?.(server));
  let isClosed = false;
  const keeping = createKeeping({ servers: roster, catalog: createKeptCatalog({ stateDir, logger }), startupMs });

  /** By which each was opened: what runs over one that leaves was sent under it. */
  const configs = new WeakMap<Instance, ServerConfig>();
  const open = (server: ServerConfig, own: OwnOptions): Instance => {
    const { onState, onTools } = own;
    // What one says that is on its way out is nothing that is there.
    const unlessRetired =
      <T extends readonly unknown[]>(tell: ((...told: T) => void) | undefined) =>
      (...told: T): void => {
        if (!retirement.has(instance)) tell?.(...told);
      };
    const instance: Instance = createInstance({
      ...own,
      server,
      logger: logger.child({ server: server.name }),
      credentials: credentials.of(server),
      asking: keeping.asking,
      timings,
      random,
      onState: unlessRetired(onState),
      onTools: unlessRetired(onTools),
      onStale: unlessRetired(() => onStale?.(server.name)),
      onConnection(ended) {
        standing.add(server.name, ended);
        onConnected?.(server, ended);
      },
    });
    configs.set(instance, server);
    return instance;
  };
  const retire = (instance: Instance): Promise<void> => {
    const isGone = roster.find(instance.server) === undefined;
    const config = configs.get(instance);
    return retirement.retire(instance, { graceMs: config ? graceOf(config, { isGone }) : 0 });
  };
  const known: FleetGroupOptions['known'] = (server, capabilities) => keeping.known(server, profileOf(capabilities));
  const openShared: FleetGroupOptions['open'] = (server, { onChange, capabilities, isSuccessor }) =>
    open(server, {
      kept: known(server.name, capabilities()),
      isSuccessor,
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

  const base = createFleetGroup({ servers: roster, open: openShared, known, retire });
  const groups = createGroups({
    base,
    open(capabilities) {
      const group = createFleetGroup({ servers: roster, base, open: openShared, known, retire });
      start(group, capabilities);
      return group;
    },
    logger,
    lingerMs: groupLingerMs,
  });
  const own = createOwnInstances({
    open: (server, { kept, onChange }) => open(server, { kept, onState: onChange, onTools: onChange }),
    retire,
  });

  return {
    start: (capabilities = {}) => start(base, capabilities),
    base,
    join(client, { isWithheld } = {}) {
      const { group, giveBack } = groups.take(client.capabilities);
      const link = createFleetLink({
        client,
        group,
        enter: group.enter,
        createRouter: (visitor) =>
          createRouter({ visitor, group, servers: roster, asking: keeping.asking, own, waitMs: callWaitMs }),
        isRetired: retirement.has,
        isWithheld,
        onClose: giveBack,
      });
      return { ...link, groupAgeMs: group.ageMs };
    },
    apply(next) {
      if (isClosed) return;
      const { dropped, opened } = roster.replace(next);
      credentials.keepOnly(roster.all());
      keeping.adopt({ dropped, opened });
      for (const name of dropped) onStale?.(name);
      const all = [base, ...groups.all()];
      // All let go before any connects anew: they share connections.
      for (const group of all) group.drop(dropped);
      for (const group of all) group.renew(new Set([...dropped, ...opened]));
    },
    settled: base.settled,
    async measure(server, limitMs) {
      const instance = base.find(server);
      return instance && measure(instance.upstream, limitMs);
    },
    async close() {
      isClosed = true;
      credentials.close();
      keeping.stop();
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeLimitMs);
      });
      const all = Promise.all([base.close(), groups.close(), own.closeAll(), retirement.closeAll()]).then(() =>
        keeping.saved(),
      );
      await Promise.race([all, limit]);
      clearTimeout(timer);
    },
  };
}
