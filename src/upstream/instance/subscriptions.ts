import type { JsonObject } from '../../core/json.ts';
import type { Reply } from '../../core/protocol/rpc.ts';
import { refusal, rpcCode } from '../../core/protocol/rpc.ts';
import type { ChangeListener } from '../connection/listen-for-changes.ts';
import type { Connection } from '../connection/open-connection.ts';
import { unavailableReply } from '../peer/to-reply.ts';
import type { Upstream } from '../upstream.ts';
import { requestSoon } from './request-soon.ts';
import type { Visitor } from './visitor.ts';

/** Who wants to hear of which resources of one server. The server is asked once for each. */
export interface Subscriptions {
  add(visitor: Visitor, uri: string): Promise<Reply>;
  remove(visitor: Visitor, uri: string): Promise<Reply>;
  /** Tells those who want to hear of this resource, or of one that it is part of. */
  deliver(params: JsonObject): void;
  /** Asks again on a new connection. */
  restore(connection: Connection): void;
  /** Everything may have changed: all are told so. */
  deliverAll(): void;
}

export interface SubscriptionsOptions {
  server: string;
  upstream: Upstream;
}

export function createSubscriptions({ server, upstream }: SubscriptionsOptions): Subscriptions {
  const subscribers = new Map<string, Set<Visitor>>();
  /** Those that the server has agreed to. */
  const standing = new Set<string>();
  /** What is being done for each resource: one thing after the other, so that the server hears it in the right order. */
  const tails = new Map<string, Promise<unknown>>();

  const inTurn = (uri: string, act: () => Promise<Reply>): Promise<Reply> => {
    const done = (tails.get(uri) ?? Promise.resolve()).then(act);
    tails.set(uri, done);
    void done.then(() => {
      if (tails.get(uri) === done) tails.delete(uri);
    });
    return done;
  };

  const listen = async (listener: ChangeListener, uri: string): Promise<Reply> => {
    const honored = await listener.setResources([...subscribers.keys()]);
    if ('reason' in honored) return refusal(rpcCode.internalError, `${server}: ${honored.reason}`);
    if (!subscribers.has(uri) || honored.uris.includes(uri)) return done;
    return refusal(rpcCode.invalidParams, `${server} does not tell of changes of ${uri}`);
  };
  const ask = async (method: string, uri: string): Promise<Reply> => {
    const connection = await upstream.connected();
    if (typeof connection === 'string') return unavailableReply(server, connection);
    if (connection.listener !== undefined) return listen(connection.listener, uri);
    return requestSoon(upstream, method, { uri });
  };
  const deliver = (uri: string, params: JsonObject): void => {
    for (const visitor of subscribers.get(uri) ?? [])
      visitor.hear(server, { method: 'notifications/resources/updated', params });
  };

  return {
    add: (visitor, uri) =>
      inTurn(uri, async () => {
        const present = subscribers.get(uri);
        if (present !== undefined) {
          present.add(visitor);
          return done;
        }
        // Before the server is asked: its first news may come with its answer.
        subscribers.set(uri, new Set([visitor]));
        const reply = await ask('resources/subscribe', uri);
        if (reply.ok) standing.add(uri);
        else subscribers.delete(uri);
        return reply;
      }),
    remove: (visitor, uri) =>
      inTurn(uri, async () => {
        const present = subscribers.get(uri);
        if (present?.delete(visitor) !== true || present.size > 0) return done;
        subscribers.delete(uri);
        standing.delete(uri);
        return upstream.connection() === undefined ? done : ask('resources/unsubscribe', uri);
      }),
    deliver(params) {
      const { uri } = params;
      if (typeof uri !== 'string') return;
      for (const wanted of subscribers.keys()) if (isWithin(uri, wanted)) deliver(wanted, params);
    },
    restore({ listener, peer }) {
      if (standing.size === 0) return;
      if (listener !== undefined) void listener.setResources([...standing]);
      else for (const uri of standing) void peer.request('resources/subscribe', { uri });
    },
    deliverAll() {
      for (const uri of standing) deliver(uri, { uri });
    },
  };
}

const done: Reply = { ok: true, result: {} };

/** A server may tell of a part of what is subscribed to (MCP, `notifications/resources/updated`). */
function isWithin(uri: string, whole: string): boolean {
  if (!uri.startsWith(whole)) return false;
  const next = uri.charAt(whole.length);
  return next === '' || whole.endsWith('/') || '/?#'.includes(next);
}
