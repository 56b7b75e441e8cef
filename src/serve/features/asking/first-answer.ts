import type { AbortLike } from '../../../core/abort.ts';
import { isJsonObject } from '../../../core/json.ts';
import { rpcCode, type Reply, type RpcError } from '../../../core/protocol/rpc.ts';

/** An answer, and who gave it. */
interface Answer {
  server: string;
  reply: Reply;
  /** Whether it is the server's own business that was asked about, so that it is the one to ask again. */
  isOwn: boolean;
}

interface Round {
  ask: (server: string) => Promise<Reply>;
  /** Whether an error means that another server is to be asked. */
  isForeign: (error: RpcError) => boolean;
  signal?: AbortLike;
}

/**
 * Asks one server after the other until one gives an answer that is its own business. Passed over are errors that `isForeign` says
 * mean "ask another", and servers that are not there now: such a one may be who knows, so where nobody else does, the client hears
 * of it rather than of the first foreign answer. Nothing where there is nobody to ask.
 */
export async function firstAnswer(
  servers: readonly string[],
  { ask, isForeign, signal }: Round,
): Promise<Answer | undefined> {
  let away: Answer | undefined;
  let foreign: Answer | undefined;
  for (const server of servers) {
    const reply = await ask(server);
    // Nobody waits for it any more, and the next server need not hear of it.
    if (signal?.aborted) return { server, reply, isOwn: false };
    if (!reply.ok && isAway(reply.error)) away ??= { server, reply, isOwn: false };
    else if (!reply.ok && isForeign(reply.error)) foreign ??= { server, reply, isOwn: false };
    else return { server, reply, isOwn: true };
  }
  return away ?? foreign;
}

/** The answer that stands for a server to which nothing could be sent. */
function isAway({ code, data }: RpcError): boolean {
  return code === rpcCode.internalError && isJsonObject(data) && data['code'] === 'server_unavailable';
}
