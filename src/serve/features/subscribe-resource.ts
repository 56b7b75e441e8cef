import { refusal, rpcCode, type Reply, type RpcError } from '../../core/protocol/rpc.ts';
import type { Engine } from '../engine.ts';
import { memoryOf } from './client-memory.ts';
import { firstAnswer } from './asking/first-answer.ts';
import { isNotFound } from './resources/is-not-found.ts';
import { noSuchResource } from './resources/no-such-resource.ts';
import { resolveResource } from './resources/resolve-resource.ts';
import type { Subscription } from './resources/subscriptions.ts';

/** Resources that one client may watch at once. */
const maxSubscriptions = 1_000;

/**
 * Has a resource's server tell this client of its changes, under the URI that the client used. Counted: as many calls of
 * `unsubscribeResource` end it. Never rejects; a refusal leaves nothing behind.
 */
export async function subscribeResource(engine: Engine, uri: string): Promise<Reply> {
  const { subscriptions } = memoryOf(engine);
  const open = subscriptions.get(uri);
  if (open !== undefined) {
    open.count++;
    return open.reply;
  }
  if (subscriptions.size >= maxSubscriptions) {
    return refusal(rpcCode.internalError, `a client may watch ${maxSubscriptions} resources at once; leave some first`);
  }
  const entry = { count: 1, target: undefined as Subscription | undefined, reply: Promise.resolve(nothing) };
  entry.reply = begin(engine, uri).then(({ reply, target }) => {
    if (reply.ok && entry.count > 0) entry.target = target;
    else subscriptions.delete(uri);
    // Who has left while the server was being asked.
    if (reply.ok && entry.count === 0 && target !== undefined) void end(engine, target);
    return reply;
  });
  subscriptions.set(uri, entry);
  return entry.reply;
}

/** Ends what one `subscribeResource` began. One that was never begun is ended already. */
export async function unsubscribeResource(engine: Engine, uri: string): Promise<Reply> {
  const { subscriptions } = memoryOf(engine);
  const open = subscriptions.get(uri);
  if (open === undefined || open.count === 0) return nothing;
  open.count--;
  if (open.count > 0 || open.target === undefined) return nothing;
  subscriptions.delete(uri);
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

/** Whether the client watches the same resource, perhaps under another URI: the server is told once. */
function isWatched(engine: Engine, { server, uri }: Subscription): boolean {
  const targets = [...memoryOf(engine).subscriptions.values()].map(({ target }) => target);
  return targets.some((target) => target?.server === server && target.uri === uri);
}
