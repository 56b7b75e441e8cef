import type { Era } from '../../core/protocol/client.ts';
import { refusal, rpcCode, type Reply, type RpcError } from '../../core/protocol/rpc.ts';
import type { Engine } from '../engine.ts';
import { memoryOf } from './client-memory.ts';
import { firstAnswer } from './asking/first-answer.ts';
import { isNotFound } from './resources/is-not-found.ts';
import { noSuchResource } from './resources/no-such-resource.ts';
import { resolveResource } from './resources/resolve-resource.ts';
import { targetKey, type Subscription } from './resources/subscriptions.ts';

/**
 * A legacy session is one client. Of the modern era many clients may share an engine; each of their streams has a limit of its own, and
 * the engine's is so much higher that one client does not fill it for the others.
 */
const clientsOfEngine = { legacy: 1, modern: 20 } as const satisfies Record<Era, number>;

/**
 * Has a resource's server tell this client of its changes, under the URI that the client used. Counted: as many calls of
 * `unsubscribeResource` end it. Never rejects; a refusal leaves nothing behind. The first one for want of room is logged.
 */
export async function subscribeResource(engine: Engine, uri: string, { era }: { era: Era }): Promise<Reply> {
  const { subscriptions } = memoryOf(engine);
  const open = subscriptions.open.get(uri);
  if (open !== undefined) {
    open.count++;
    return open.reply;
  }
  const most = engine.setup().limits.subscriptions * clientsOfEngine[era];
  if (subscriptions.open.size >= most) return refuseMore(engine, most);
  const entry = { count: 1, target: undefined as Subscription | undefined, reply: Promise.resolve(nothing) };
  entry.reply = begin(engine, uri).then(({ reply, target }) => {
    if (reply.ok && entry.count > 0 && target !== undefined) {
      entry.target = target;
      const key = targetKey(target);
      subscriptions.used.set(key, (subscriptions.used.get(key) ?? new Set()).add(uri));
    } else subscriptions.open.delete(uri);
    // Who has left while the server was being asked.
    if (reply.ok && entry.count === 0 && target !== undefined) void end(engine, target);
    return reply;
  });
  subscriptions.open.set(uri, entry);
  return entry.reply;
}

/** Ends what one `subscribeResource` began. One that was never begun is ended already. */
export async function unsubscribeResource(engine: Engine, uri: string): Promise<Reply> {
  const { subscriptions } = memoryOf(engine);
  const open = subscriptions.open.get(uri);
  if (open === undefined || open.count === 0) return nothing;
  open.count--;
  if (open.count > 0 || open.target === undefined) return nothing;
  subscriptions.open.delete(uri);
  const key = targetKey(open.target);
  const used = subscriptions.used.get(key);
  used?.delete(uri);
  if (used?.size === 0) subscriptions.used.delete(key);
  return end(engine, open.target);
}

const nothing: Reply = { ok: true, result: {} };

async function begin(engine: Engine, uri: string): Promise<{ reply: Reply; target: Subscription | undefined }> {
  const route = await resolveResource(engine, uri);
  if (!route.ok) return { reply: route, target: undefined };
  const answer = await firstAnswer(route.servers, {
    ask: async (server) =>
      isWatched(engine, { server, uri: route.uri }) ? nothing : engine.subscribe(server, route.uri),
    isForeign: isOfNobody,
  });
  if (answer === undefined) return { reply: noSuchResource(uri, 'legacy'), target: undefined };
  return { reply: answer.reply, target: { server: answer.server, uri: route.uri } };
}

/** A server that tells of no changes at all may stand before one that does. */
function isOfNobody(error: RpcError): boolean {
  return isNotFound(error) || error.code === rpcCode.methodNotFound;
}

async function end(engine: Engine, target: Subscription): Promise<Reply> {
  return isWatched(engine, target) ? nothing : engine.unsubscribe(target.server, target.uri);
}

/** A modern client sees only that the resource is missing from what is acknowledged: the log says why. */
function refuseMore(engine: Engine, max: number): Reply {
  const memory = memoryOf(engine);
  if (!memory.hasRefusedToWatch) engine.logger.warn({ max }, 'no more resources are watched for this client');
  memory.hasRefusedToWatch = true;
  return refusal(
    rpcCode.internalError,
    `a client may watch ${max} resources at once (limits.subscriptions); leave some first`,
  );
}

/** Whether the client watches the same resource, perhaps under another URI: the server is told once. */
function isWatched(engine: Engine, target: Subscription): boolean {
  return memoryOf(engine).subscriptions.used.has(targetKey(target));
}
