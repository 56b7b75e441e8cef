import type { ServerConfig } from '../../config/config.ts';
import type { Client, Notice } from '../../core/protocol/client.ts';
import type { Logger } from '../../lib/logger.ts';
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
  /** Makes it one client's own. `false`: it is another's, or still busy for others. */
  claim(client: Client): boolean;
  /** Its client has gone. What the server remembers of that one is forgotten before the next. */
  release(client: Client): void;
}

export interface InstanceOptions extends Omit<UpstreamOptions, 'onConnected' | 'onGap' | 'onNotice' | 'onQuestion'> {
  server: ServerConfig;
  logger: Logger;
  asking: AskingServers;
}

/** Serves several clients, as long as the server does not ask them anything. */
export function createInstance({ asking, ...options }: InstanceOptions): Instance {
  const { name } = options.server;
  const visitors = new Set<Visitor>();
  let claimant: Client | undefined;
  /** The server remembers a client that has gone, or had a question that the next one would have answered. */
  let isWorn = false;
  let wasConnected = false;

  const mayHear = ({ client }: Visitor): boolean => claimant === undefined || claimant.id === client.id;
  const takeNotice = (notice: Notice): void => {
    if (notice.method === 'notifications/resources/updated') return subscriptions.deliver(notice.params);
    const isForAll = lists.some((list) => changeOf(list) === notice.method);
    for (const visitor of visitors) {
      if ((isForAll || mayHear(visitor)) && isForSession(notice, visitor)) visitor.hear(name, notice);
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
      logLevel.restore(connection);
      subscriptions.restore(connection);
      if (wasConnected) takeGap();
      wasConnected = true;
    },
    onQuestion: createQuestionDesk({
      logger: options.logger,
      clients: () => (claimant ? [claimant] : [...visitors].map(({ client }) => client)),
      onAsk(client) {
        asking.add(name);
        if (client.isShared !== true) claimant ??= client;
      },
      onAmbiguous: () => asking.add(name),
      onMissed: () => (isWorn = true),
    }),
  });
  const subscriptions = createSubscriptions({ server: name, upstream });
  const logLevel = createLogLevel(upstream, visitors);

  const openRequests = (): number => upstream.connection()?.peer.openRequests() ?? 0;
  const claim = (client: Client): boolean => {
    if (claimant !== undefined) return claimant.id === client.id;
    if (isWorn) {
      if (openRequests() > 0) return false;
      upstream.renew();
      isWorn = false;
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
    claim,
    release(client) {
      if (claimant?.id !== client.id) return;
      claimant = undefined;
      isWorn = true;
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
function isForSession({ method, params }: Notice, visitor: Visitor): boolean {
  if (method !== 'notifications/message') return true;
  if (visitor.client.era === 'modern') return false;
  const level = visitor.level();
  return level === undefined || isWanted(params['level'], level);
}
