import type { ServerConfig } from '../../config/config.ts';
import type { Policy } from '../../config/policy.ts';
import type { AbortLike } from '../../core/abort.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Tool } from '../../core/tool.ts';
import type { Instance } from '../instance/instance.ts';
import type { Visitor } from '../instance/visitor.ts';
import type { KeptServer } from '../kept-catalog.ts';
import { when } from '../pace/when.ts';
import type { Roster } from '../reload/roster.ts';
import type { UpstreamState } from '../upstream-state.ts';
import type { ServerOffer } from '../../core/protocol/server.ts';

/** What one upstream offers, as far as known: listed now, or kept from the last run. */
export interface FleetSource {
  server: string;
  policy: Policy;
  tools: readonly Tool[];
}

/** What all clients with the same capabilities see of the servers. One object for all of them, as long as it lives. */
export interface FleetGroup {
  /** The enabled upstreams, in the order of the configuration. */
  sources(): FleetSource[];
  states(): UpstreamState[];
  /** As `sources`, with what each has said of itself. */
  offers(): ServerOffer[];
  /** Calls `listener` after each change of a tool list or a state; returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Resolves when each enabled upstream has been ready or failed at least once, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
  /** Resolves when the group is given up: some time after its last client left, or with the fleet. */
  ended: Promise<void>;
}

/** A group as those see it who send requests. */
export interface OpenGroup extends FleetGroup {
  /** Begins to connect, with the capabilities of its clients. */
  start(capabilities: JsonObject): void;
  /** Of its clients, as they were given to `start`. */
  capabilities(): JsonObject;
  /** How long ago it was started; 0 before. */
  ageMs(): number;
  /** The connection that its clients share; absent where there is no such server, or where it is not known yet which one it is. */
  find(server: string): Instance | undefined;
  /** As `find`, as soon as it is known; why there is none where it does not become known in time. */
  whenFound(server: string, limit: { limitMs: number; signal: AbortLike | undefined }): Promise<Instance | string>;
  /** Lets a client hear of all servers. Returns what ends that. */
  enter(visitor: Visitor): () => void;
  /** The roster has changed: connections to these servers serve nobody any more. What they have yet to answer is waited for. */
  drop(servers: ReadonlySet<string>): void;
  /** After `drop` of all groups: connects what has no connection, tries again what has failed, and tells everybody. */
  renew(servers: ReadonlySet<string>): void;
  /** Calls `listener` with the servers whose connections are others since a reload; returns what ends that. */
  onRenewed(listener: (servers: ReadonlySet<string>) => void): () => void;
  close(): Promise<void>;
}

export interface FleetGroupOptions {
  servers: Roster;
  /** Whose connections are used for servers of the modern era, which are told with each request what a client can do. */
  base?: OpenGroup;
  /** Makes a connection of this group's; it has yet to be started. */
  open: (server: ServerConfig, group: GroupOfInstance) => Instance;
  /** Has a connection answer what it has yet to answer; resolves when it is closed. */
  retire: (instance: Instance) => Promise<void>;
  /** What is known of a server from other runs, for clients with these capabilities. Absent: nothing. */
  known?: (server: string, capabilities: JsonObject) => Partial<KeptServer>;
}

interface GroupOfInstance {
  onChange: () => void;
  capabilities: () => JsonObject;
  /** Its clients have known another one in its place. */
  isSuccessor: boolean;
}

/** A server of the legacy era has a connection for each group; one of the modern era has one for all of them. */
export function createFleetGroup(options: FleetGroupOptions): OpenGroup {
  const { servers, base, open, known = () => ({}), retire } = options;
  /** Those whose era is known, and the base group's all. */
  const found = new Map<string, Instance>();
  const own = new Set<Instance>();
  /** Names of servers that had another connection here before a reload. */
  const succeeded = new Set<string>();
  const visitors = new Set<Visitor>();
  const listeners = new Set<() => void>();
  const renewalListeners = new Set<(servers: ReadonlySet<string>) => void>();
  const unsettled = new Set(servers.all().map(({ name }) => name));
  let capabilities: JsonObject | undefined;
  let startedMs: number | undefined;
  let finish = (): void => {};
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const take = (name: string, instance: Instance): void => {
    found.set(name, instance);
    for (const visitor of visitors) instance.attach(visitor);
  };
  const openOwn = (server: ServerConfig): void => {
    const isSuccessor = succeeded.has(server.name);
    const instance = open(server, { onChange: look, capabilities: () => capabilities ?? {}, isSuccessor });
    own.add(instance);
    take(server.name, instance);
    startOwn(instance);
  };
  const startOwn = ({ server, upstream }: Instance): void => {
    if (capabilities === undefined) return;
    const kept = known(server, capabilities);
    // What the base group has found out in this run is newer than what is kept for the clients of this one.
    upstream.start(capabilities, base === undefined ? kept : { ...kept, verdict: { kind: 'legacy' } });
  };
  /** Looks which era the base group has found a server to speak. It may have changed since. */
  const decide = (server: ServerConfig): void => {
    const ofBase = base?.find(server.name);
    const present = found.get(server.name);
    if (ofBase === undefined || (present !== undefined && own.has(present))) return;
    const era = ofBase.upstream.era();
    if (era === 'modern' && present === undefined) take(server.name, ofBase);
    if (era !== 'legacy') return;
    for (const visitor of visitors) present?.detach(visitor);
    openOwn(server);
  };
  const connectAll = (): void => {
    for (const server of servers.all()) {
      if (base !== undefined) decide(server);
      else if (!found.has(server.name)) openOwn(server);
    }
  };
  const look = (): void => {
    connectAll();
    for (const { name, state } of states()) if (state !== 'connecting') unsettled.delete(name);
    for (const listener of listeners) listener();
  };
  /** As long as it is not known which connection is this group's, the base group's tells what there is, its tools apart. */
  const seen = (): Instance[] => servers.all().flatMap(({ name }) => found.get(name) ?? base?.find(name) ?? []);
  /** What is known of a server for the clients of this group alone, as long as it has no connection here. */
  const expected = (server: string): Partial<KeptServer> | undefined =>
    found.has(server) ? undefined : known(server, capabilities ?? {});
  const states = (): UpstreamState[] =>
    seen().map(({ server, upstream }) => {
      const kept = expected(server);
      const state = upstream.state();
      return kept ? { ...state, toolCount: kept.tools?.length ?? 0, isKnown: kept.tools !== undefined } : state;
    });
  const onChange = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  const stopWatching = base?.onChange(look);
  if (base === undefined) connectAll();

  return {
    start(given) {
      capabilities = given;
      startedMs ??= performance.now();
      // Those of the base group; those of any other are started as they are opened.
      for (const instance of own) startOwn(instance);
      look();
    },
    capabilities: () => capabilities ?? {},
    ageMs: () => (startedMs === undefined ? 0 : performance.now() - startedMs),
    sources: () =>
      seen().flatMap(({ server, upstream }) => {
        const policy = servers.find(server)?.policy;
        const kept = expected(server);
        return policy === undefined ? [] : { server, policy, tools: kept ? (kept.tools ?? []) : upstream.tools() };
      }),
    states,
    offers: () =>
      seen().map(({ server, upstream }) => {
        const kept = expected(server);
        return kept ? { ...upstream.offer(), toolList: kept.toolList ?? {} } : upstream.offer();
      }),
    onChange,
    settled: (timeoutMs) => when({ holds: () => unsettled.size === 0, onChange, timeoutMs }),
    ended,
    find: (server) => found.get(server),
    async whenFound(server, { limitMs, signal }) {
      const ofBase = base?.find(server) ?? found.get(server);
      if (ofBase === undefined) return 'no enabled server of this name is configured';
      const hasEnded = (): boolean => ofBase.upstream.state().state === 'failed';
      await when({ holds: () => found.has(server) || hasEnded(), onChange, timeoutMs: limitMs, signal });
      return found.get(server) ?? ofBase.upstream.state().reason ?? 'it is not known yet which protocol it speaks';
    },
    enter(visitor) {
      visitors.add(visitor);
      for (const instance of found.values()) instance.attach(visitor);
      return () => {
        visitors.delete(visitor);
        for (const instance of found.values()) instance.detach(visitor);
      };
    },
    drop(names) {
      for (const name of names) {
        const instance = found.get(name);
        if (instance === undefined) continue;
        found.delete(name);
        unsettled.delete(name);
        succeeded.add(name);
        // One that is on its way out may still tell its clients of what it has yet to answer.
        if (own.delete(instance)) void retire(instance);
        else for (const visitor of visitors) instance.detach(visitor);
      }
    },
    renew(names) {
      for (const { name } of servers.all()) if (names.has(name)) unsettled.add(name);
      // What kept it from starting may have been mended outside of the configuration.
      for (const { upstream } of own) upstream.retry();
      connectAll();
      for (const listener of renewalListeners) listener(names);
      look();
    },
    onRenewed(listener) {
      renewalListeners.add(listener);
      return () => renewalListeners.delete(listener);
    },
    async close() {
      stopWatching?.();
      finish();
      await Promise.all([...own].map(({ upstream }) => upstream.close()));
    },
  };
}
