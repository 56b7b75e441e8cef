import type { ServerNotice, UpstreamRequest } from '../../core/protocol/server.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SendResult } from '../../core/outcome.ts';
import type { Ask, Client, Notice, RequestContext } from '../../core/protocol/client.ts';
import type { Reply } from '../../core/protocol/rpc.ts';
import { canBeAsked, toModern } from '../instance/capabilities.ts';
import { isWanted } from '../instance/log-levels.ts';
import type { Instance } from '../instance/instance.ts';
import type { Visitor } from '../instance/visitor.ts';
import { unavailableReply } from '../peer/to-reply.ts';
import { cancelled, unavailable } from '../peer/to-send-result.ts';
import type { SendOptions } from '../send-request.ts';
import type { Upstream } from '../upstream.ts';
import type { FleetGroup } from './fleet-group.ts';
import { createOwnView } from './own-view.ts';
import { createOwnerBook } from './owner-book.ts';
import type { Lease, Router } from './router.ts';
import { createSubscriptionBook } from './subscription-book.ts';

/** Any other request. */
export interface LinkRequest extends RequestContext {
  method: string;
  params: JsonObject;
}

/** All upstreams as one client sees them: nothing of another client's comes through it. */
export interface FleetLink {
  /** Tool lists, states, offers: one object for all clients with the same capabilities, as long as they share all connections. */
  group: FleetGroup;
  /** Calls a tool. Never rejects, never sends twice what may have arrived. */
  call(server: string, request: UpstreamRequest): Promise<SendResult>;
  /** Sends any other request; its answer comes back untouched. Never rejects. */
  request(server: string, request: LinkRequest): Promise<Reply>;
  /** Sends a notification to all upstreams that this client has a connection to; others miss it. */
  notify(notice: Notice): void;
  /** Has the server tell of changes of a resource, until `unsubscribe`, over lost connections too. Never rejects. */
  subscribe(server: string, uri: string): Promise<Reply>;
  unsubscribe(server: string, uri: string): Promise<Reply>;
  /** The lowest level of log messages that this client wants, of all servers. */
  setLogLevel(level: string): void;
  /** Calls `listener` with every notification for this client that belongs to no request. Returns what ends that. */
  onNotice(listener: (notice: ServerNotice) => void): () => void;
  /** Gives back subscriptions, levels and the connections that this client alone had, with what is in flight there. */
  close(): void;
}

export interface FleetLinkOptions {
  client: Client;
  group: FleetGroup;
  /** Lets the client hear of what belongs to no request; returns what ends that. */
  enter: (visitor: Visitor) => () => void;
  createRouter: (visitor: Visitor) => Router;
  /** Whether a reload has put another connection, or none, in the place of this one. */
  isRetired: (instance: Instance) => boolean;
  /** Whether a call of this tool may not be sent, as things are at the very moment. Absent: all may. */
  isWithheld?: ((server: string, tool: string) => boolean) | undefined;
  /** Called when the link is closed. */
  onClose: () => void;
}

/** How a request goes over a connection, and what it comes to where there is none. */
interface Way<R, T> {
  send(upstream: Upstream, request: R, options: SendOptions): Promise<T>;
  fail(server: string, request: R, reason: string): T;
  /** There is no such server any more. */
  refuse(server: string): T;
  /** Whether nothing of it has left, for want of a connection. */
  wasUnsent(answer: T): boolean;
}

const asCall: Way<UpstreamRequest, SendResult> = {
  send: (upstream, { tool, params }, options) => upstream.call(tool, params, options),
  fail: (server, { signal }, reason) => (signal?.aborted ? cancelled(false) : unavailable(server, reason)),
  refuse: (server) => ({
    ok: false,
    sent: false,
    error: {
      code: 'unknown_tool',
      message: `${server} is not configured any more; go on without it`,
      retryable: false,
    },
  }),
  wasUnsent: (answer) => !answer.ok && !answer.sent && answer.error.code === 'server_unavailable',
};

const asRequest: Way<LinkRequest, Reply> = {
  send: (upstream, { method, params }, options) => upstream.request(method, params, options),
  fail: (server, _, reason) => unavailableReply(server, reason),
  refuse: (server) => unavailableReply(server, 'it is not configured any more'),
  // Its answer does not say.
  wasUnsent: () => false,
};

export function createFleetLink(options: FleetLinkOptions): FleetLink {
  const { client, group, enter, createRouter, isRetired, isWithheld, onClose } = options;
  const listeners = new Set<(notice: ServerNotice) => void>();
  const capabilities = toModern(client.capabilities);
  const ownerOf = createOwnerBook(client);
  let level: string | undefined;
  const visitor: Visitor = {
    client,
    level: () => level,
    hear(server, notice) {
      for (const listener of listeners) listener({ server, ...notice });
    },
  };
  const router = createRouter(visitor);
  const own = canBeAsked(client) ? createOwnView(group, router) : undefined;
  const leave = enter(visitor);
  const subscriptions = createSubscriptionBook(visitor, router);

  /** Field by field: a copy with additions costs a passthrough call a third more. */
  const optionsOf = (
    lease: Pick<Lease, 'instance' | 'setAsking'>,
    request: UpstreamRequest | LinkRequest,
  ): SendOptions => {
    const { server, logLevel } = lease.instance;
    // A session has a level for all of its requests; without one each request has its own.
    const wanted = request.logLevel ?? level;
    const isHeard = (given: unknown): boolean => {
      const threshold = wanted ?? (client.era === 'legacy' ? logLevel.ofUnset() : undefined);
      return threshold === undefined ? client.era === 'legacy' : isWanted(given, threshold);
    };
    return {
      owner: ownerOf(request),
      capabilities,
      signal: request.signal,
      onProgress: request.onProgress,
      ask: lease.setAsking === undefined ? request.ask : watched(request.ask, lease.setAsking),
      logLevel: wanted,
      setWaiting: 'setWaiting' in request ? request.setWaiting : undefined,
      isWithheld: isWithheld && 'tool' in request ? () => isWithheld(server, request.tool) : undefined,
      onNotice(notice) {
        if (notice.method === 'notifications/message' && !isHeard(notice.params['level'])) return;
        if (request.onNotice === undefined) visitor.hear(server, notice);
        else request.onNotice(notice);
      },
    };
  };
  const sendOn = <R extends UpstreamRequest | LinkRequest, T>(
    lease: Pick<Lease, 'instance' | 'setAsking'>,
    request: R,
    way: Way<R, T>,
  ): Promise<T> => {
    const { upstream, logLevel } = lease.instance;
    if (upstream.connection() === undefined) return sendOnceConnected(lease, request, way);
    const raising = request.logLevel === undefined ? undefined : logLevel.raise(request.logLevel);
    if (raising === undefined) return way.send(upstream, request, optionsOf(lease, request));
    return raising.then(() => way.send(upstream, request, optionsOf(lease, request)));
  };
  /** A server may be connected in another way while something waits for its connection. */
  const sendOnceConnected = async <R extends UpstreamRequest | LinkRequest, T>(
    lease: Pick<Lease, 'instance' | 'setAsking'>,
    request: R,
    way: Way<R, T>,
  ): Promise<T> => {
    const { server, upstream, logLevel } = lease.instance;
    if (request.logLevel !== undefined) await logLevel.raise(request.logLevel);
    const answer = await way.send(upstream, request, optionsOf(lease, request));
    const isReplaced = isRetired(lease.instance) && router.direct(server) !== lease.instance;
    return isReplaced && way.wasUnsent(answer) ? send(server, request, way) : answer;
  };
  const sendLater = async <R extends UpstreamRequest | LinkRequest, T>(
    server: string,
    request: R,
    way: Way<R, T>,
  ): Promise<T> => {
    const setWaiting = 'setWaiting' in request ? request.setWaiting : undefined;
    setWaiting?.(true);
    const lease = await router.lease(server, request.signal);
    setWaiting?.(false);
    if (!router.knows(server)) return way.refuse(server);
    if (typeof lease === 'string') return way.fail(server, request, lease);
    try {
      return await sendOn(lease, request, way);
    } finally {
      lease.giveBack();
    }
  };
  const send = <R extends UpstreamRequest | LinkRequest, T>(server: string, request: R, way: Way<R, T>): Promise<T> => {
    const instance = router.direct(server);
    return instance === undefined ? sendLater(server, request, way) : sendOn({ instance }, request, way);
  };

  return {
    group: own?.view ?? group,
    call: (server, request) => send(server, request, asCall),
    request: (server, request) => send(server, request, asRequest),
    notify(notice) {
      for (const { upstream } of router.current()) {
        const connection = upstream.connection();
        const isKnown = connection?.verdict.kind === 'legacy' || !legacyOnly.has(notice.method);
        if (isKnown) connection?.peer.notify(notice, { capabilities });
      }
    },
    subscribe: subscriptions.add,
    unsubscribe: subscriptions.remove,
    setLogLevel(given) {
      level = given;
      for (const { logLevel } of router.current()) logLevel.update();
    },
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      subscriptions.close();
      leave();
      router.close();
      own?.close();
      onClose();
    },
  };
}

/** Tells `setAsking` how long its questions are open. */
function watched(ask: Ask | undefined, setAsking: (isAsking: boolean) => void): Ask | undefined {
  if (ask === undefined) return undefined;
  return async (question, signal) => {
    setAsking(true);
    const reply = await ask(question, signal);
    setAsking(false);
    return reply;
  };
}

/** Notifications that servers of the modern era have no use for. */
const legacyOnly: ReadonlySet<string> = new Set(['notifications/initialized', 'notifications/roots/list_changed']);
