import type { AbortLike } from '../../core/abort.ts';
import { canBeAsked } from '../instance/capabilities.ts';
import type { AskingServers, Instance } from '../instance/instance.ts';
import type { Visitor } from '../instance/visitor.ts';
import type { Roster } from '../reload/roster.ts';
import type { OpenGroup } from './fleet-group.ts';
import type { InstancePool } from './instance-pool.ts';
import { createInstancePool } from './instance-pool.ts';
import type { OwnInstances } from './own-instances.ts';

/** An instance for one request, given back when that has ended. */
export interface Lease {
  instance: Instance;
  /** Told of each question that is put to its client, and of its end. */
  setAsking?: (isAsking: boolean) => void;
  giveBack: () => void;
}

/** Which connection to a server serves a client. */
export interface Router {
  /** The one that serves it, where that takes neither waiting nor a new one. */
  direct(server: string): Instance | undefined;
  /** One for one request, as soon as there is one; why there is none. */
  lease(server: string, signal: AbortLike | undefined): Promise<Lease | string>;
  /** The one that lives as long as the client is here, as soon as it is known. */
  home(server: string): Promise<Instance | string>;
  /** Those by which it hears of what belongs to no request. */
  current(): Instance[];
  /** Whether there is such a server. */
  knows(server: string): boolean;
  /** The one that it has to itself, if any. */
  mine(server: string): Instance | undefined;
  /** Calls `listener` after each change of what its own connections offer, or of which there are; returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Calls `listener` with the servers whose connections are others since a reload; returns what ends that. */
  onRenewed: OpenGroup['onRenewed'];
  /** Closes what it had to itself. */
  close(): void;
}

export interface RouterOptions {
  visitor: Visitor;
  group: OpenGroup;
  servers: Roster;
  asking: AskingServers;
  own: OwnInstances;
  /** How long a request waits until it is known how its server is spoken to. */
  waitMs: number;
}

/**
 * Clients with the same capabilities share a connection to a server, until it asks a question. From then on each has its own, and
 * where several clients come under one name, each request that overlaps with another.
 */
export function createRouter({ visitor, group, servers, asking, own, waitMs }: RouterOptions): Router {
  const { client } = visitor;
  const isAskable = canBeAsked(client);
  const mine = new Map<string, Instance>();
  const listeners = new Set<() => void>();
  const pools = new Map<string, InstancePool>();
  const opened = new Set<Instance>();
  let isClosed = false;

  const mayShare = (shared: Instance): boolean =>
    !isAskable || !asking.has(shared.server) || shared.upstream.era() === 'modern';
  const direct = (server: string): Instance | undefined => {
    const shared = group.find(server);
    if (shared === undefined || mayShare(shared)) return shared;
    if (client.isShared === true) return undefined;
    return mine.get(server) ?? (!isClosed && shared.claim(client) ? shared : undefined);
  };

  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const open = (shared: Instance): Instance | string => {
    if (isClosed) return clientGone;
    const server = servers.find(shared.server);
    if (server === undefined) return unknownServer;
    const made = own.open(server, { shared, capabilities: group.capabilities(), onChange: tell });
    if (typeof made !== 'string') opened.add(made);
    return made;
  };
  const close = (instance: Instance): void => {
    opened.delete(instance);
    own.close(instance);
  };
  /** The server has another connection: nothing new goes over those that were this client's alone. */
  const stopRenewing = group.onRenewed((names) => {
    for (const name of names) {
      pools.get(name)?.close();
      pools.delete(name);
      const instance = mine.get(name);
      if (instance === undefined) continue;
      mine.delete(name);
      opened.delete(instance);
      own.retire(instance);
    }
  });
  const openMine = (shared: Instance): Instance | string => {
    const made = open(shared);
    if (typeof made === 'string') return made;
    mine.set(shared.server, made);
    shared.detach(visitor);
    made.attach(visitor);
    tell();
    return made;
  };
  /** The one connection of an asking server by which this client hears of what belongs to no request. */
  const homeOf = (shared: Instance): Instance | string => {
    if (isClosed) return clientGone;
    return mine.get(shared.server) ?? (shared.claim(client) ? shared : openMine(shared));
  };
  /** While nothing is open on it, a question there can be for nobody else; nothing of an earlier request is left there. */
  const idleHomeOf = (shared: Instance): Instance | undefined => {
    const home = homeOf(shared);
    if (typeof home === 'string' || home.openRequests() > 0) return undefined;
    if (home.isWorn()) home.renew();
    return home;
  };
  const poolOf = (shared: Instance): InstancePool => {
    const pool =
      pools.get(shared.server) ??
      createInstancePool({ home: () => idleHomeOf(shared), open: () => open(shared), close, waitMs });
    pools.set(shared.server, pool);
    return pool;
  };

  const whenFound = async (server: string, signal: AbortLike | undefined): Promise<Instance | string> =>
    servers.find(server) === undefined ? unknownServer : group.whenFound(server, { limitMs: waitMs, signal });
  const lease = async (server: string, signal: AbortLike | undefined): Promise<Lease | string> => {
    const shared = await whenFound(server, signal);
    if (typeof shared === 'string') return shared;
    if (mayShare(shared)) return { instance: shared, giveBack: () => {} };
    if (client.isShared !== true) {
      const home = homeOf(shared);
      return typeof home === 'string' ? home : { instance: home, giveBack: () => {} };
    }
    const pool = poolOf(shared);
    const taken = await pool.take(signal);
    if (typeof taken === 'string') return pools.get(server) === pool ? taken : lease(server, signal);
    return {
      instance: taken,
      setAsking: (isAsking) => pool.setAsking(taken, isAsking),
      giveBack: () => pool.giveBack(taken),
    };
  };

  return {
    direct,
    async home(server) {
      const shared = await whenFound(server, undefined);
      return typeof shared === 'string' || mayShare(shared) ? shared : homeOf(shared);
    },
    lease,
    knows: (server) => servers.find(server) !== undefined,
    mine: (server) => mine.get(server),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onRenewed: group.onRenewed,
    current: () =>
      servers.all().flatMap(({ name }) => {
        const shared = group.find(name);
        return mine.get(name) ?? (shared?.serves(client) === true ? shared : []);
      }),
    close() {
      isClosed = true;
      stopRenewing();
      for (const instance of opened) own.close(instance);
      for (const { name } of servers.all()) group.find(name)?.release(client);
    },
  };
}

const clientGone = 'the client has gone';
const unknownServer = 'no enabled server of this name is configured';
