import type { ServerConfig } from '../../config/config.ts';
import type { Client, Notice } from '../../core/protocol/client.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ConnectionNotice } from '../peer/notices.ts';
import type { Upstream, UpstreamOptions } from '../upstream.ts';
import { createUpstream } from '../upstream.ts';
import { canBeAsked } from './capabilities.ts';
import type { LogLevel } from './log-level.ts';
import { createLogLevel } from './log-level.ts';
import { isWanted } from './log-levels.ts';
import { createQuestionDesk } from './question-desk.ts';
import type { Subscriptions } from './subscriptions.ts';
import { createSubscriptions } from './subscriptions.ts';
import type { Visitor } from './visitor.ts';

/** The servers that ask questions of their clients, in this run or in the last one. */
export interface AskingServers {
  has(server: string): boolean;
  add(server: string): void;
}

/** One connection to a server, lost and found again, and the clients that it serves. */
export interface Instance {
  server: string;
  upstream: Upstream;
  subscriptions: Subscriptions;
  logLevel: LogLevel;
  /** Has a client hear what belongs to no request. */
  attach(visitor: Visitor): void;
  detach(visitor: Visitor): void;
  /** Requests that it has yet to answer. */
  openRequests(): number;
  /** Whether the server remembers what a client said, or may still ask for one that has given up: not for another one to use. */
  isWorn(): boolean;
  /** Has the server forget, with a new connection, what makes it worn. */
  renew(): void;
  /** Whether a client may send over it: `false` where another one has it to itself. */
  serves(client: Client): boolean;
  /** Makes it one client's own. `false`: it is another's, or still busy for others. */
  claim(client: Client): boolean;
  /** Its client has gone. What the server remembers of that one is forgotten before the next. */
  release(client: Client): void;
}

export interface InstanceOptions extends Omit<UpstreamOptions, 'onConnected' | 'onGap' | 'onNotice' | 'onQuestion'> {
  server: ServerConfig;
  logger: Logger;
  asking: AskingServers;
  /** Clients have known another connection in its place: what they have read over that one may have changed. */
  isSuccessor?: boolean;
  /** A connection has been made; `ended` resolves when it stands no more. */
  onConnection?: (ended: Promise<unknown>) => void;
}

/** Serves several clients, as long as the server does not ask them anything. */
export function createInstance({ asking, isSuccessor = false, onConnection, ...options }: InstanceOptions): Instance {
  const { name } = options.server;
  const visitors = new Set<Visitor>();
  let claimant: Client | undefined;
  /** The server remembers a client, or had a question that the next one would have answered. */
  let remembers = false;
  let wasConnected = isSuccessor;

  const serves = ({ id }: Client): boolean => claimant === undefined || claimant.id === id;
  const takeNotice = ({ owners, ...notice }: ConnectionNotice): void => {
    if (notice.method === 'notifications/resources/updated') return subscriptions.deliver(notice.params);
    const isForAll = lists.some((list) => changeOf(list) === notice.method);
    const isFor = ({ id }: Client): boolean => owners?.some(({ client }) => client.id === id) ?? true;
    for (const visitor of visitors) {
      const mayHear = isForAll || (serves(visitor.client) && isFor(visitor.client));
      if (mayHear && isForSession(notice, visitor, logLevel.ofUnset())) visitor.hear(name, notice);
    }
  };
  const takeGap = (): void => {
    const { capabilities = {} } = upstream.offer();
    for (const list of lists) if (list in capabilities) takeNotice({ method: changeOf(list), params: {} });
    subscriptions.deliverAll();
  };

  const upstream = createUpstream({
    ...options,
    onNotice: takeNotice,
    onGap: takeGap,
    onConnected(connection) {
      onConnection?.(connection.ended);
      logLevel.restore(connection);
      subscriptions.restore(connection);
      if (wasConnected) takeGap();
      wasConnected = true;
    },
    onQuestion: createQuestionDesk({
      server: name,
      logger: options.logger,
      clients: () => (claimant ? [claimant] : [...visitors].map(({ client }) => client)),
      onAsk(client) {
        asking.add(name);
        // Not for one that has left: nobody would give it back.
        const isHere = [...visitors].some((visitor) => visitor.client.id === client.id);
        if (isHere && needsOwn(client)) claimant ??= client;
      },
      onPut: () => (remembers = true),
      onAmbiguous: () => asking.add(name),
      onMissed: () => (remembers = true),
    }),
  });
  const subscriptions = createSubscriptions({ server: name, upstream });
  const logLevel = createLogLevel(upstream, () => [...visitors].filter(({ client }) => serves(client)));

  const openRequests = (): number => upstream.connection()?.peer.openRequests() ?? 0;
  const isWorn = (): boolean => remembers || upstream.connection()?.peer.hasForsaken() === true;
  const renew = (): void => {
    upstream.renew();
    remembers = false;
  };
  const claim = (client: Client): boolean => {
    if (claimant !== undefined) return claimant.id === client.id;
    if (isWorn()) {
      if (openRequests() > 0) return false;
      renew();
    }
    claimant = client;
    return true;
  };

  return {
    server: name,
    upstream,
    subscriptions,
    logLevel,
    attach(visitor) {
      visitors.add(visitor);
      const { client } = visitor;
      // Before it is opened, so that a question at the opening finds its client.
      if (asking.has(name) && needsOwn(client) && upstream.era() !== 'modern') claim(client);
      logLevel.update();
    },
    detach(visitor) {
      visitors.delete(visitor);
      logLevel.update();
    },
    openRequests,
    isWorn,
    renew,
    serves,
    claim,
    release(client) {
      if (claimant?.id !== client.id) return;
      claimant = undefined;
      remembers = true;
    },
  };
}

/** Whether a client needs connections of its own to servers that ask: where nothing can be asked, nothing can be mixed up. */
function needsOwn(client: Client): boolean {
  return canBeAsked(client) && client.isShared !== true;
}

/** The same for everybody; that of tools is read, not told. */
const lists = ['prompts', 'resources'];

function changeOf(list: string): string {
  return `notifications/${list}/list_changed`;
}

/** A client of the modern era gets log messages with its requests alone. */
function isForSession({ method, params }: Notice, visitor: Visitor, ofUnset: string | undefined): boolean {
  if (method !== 'notifications/message') return true;
  if (visitor.client.era === 'modern') return false;
  const level = visitor.level() ?? ofUnset;
  return level === undefined || isWanted(params['level'], level);
}
