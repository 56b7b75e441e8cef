import type { JsonObject } from '../../../core/json.ts';
import { nameAskerIn } from '../../../core/protocol/name-asker.ts';
import { refusal, rpcCode, type Reply } from '../../../core/protocol/rpc.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { toContext } from '../../features/to-context.ts';
import { eraOf } from './era-of.ts';
import { passedOnTo, satisfyServer } from './satisfy-server.ts';

/**
 * Sends a client's request, other than a call, to one server, under the server's own names in `params`, and sees to what the server
 * wants of the client first, where the client's era does not know such. Its answer comes back untouched. Never rejects.
 */
export async function sendRequest(
  engine: Engine,
  { server, request, params = request.params }: { server: string; request: ClientRequest; params?: JsonObject },
): Promise<Reply> {
  const { method, era, signal, ask } = request;
  const send = (sent: JsonObject): Promise<Reply> =>
    engine.requestUpstream(server, { ...toContext(request), method, params: sent });
  const reply = await satisfyServer<Reply>(await send(params), {
    server,
    params,
    sendAgain: send,
    client: { era, ask },
    passesOn: passedOnTo(era),
    serverEra: () => eraOf(engine, server),
    signal,
    clock: engine.clock,
    fail: (message) => refusal(rpcCode.internalError, message),
    errorOf: (failed) => (failed.ok ? undefined : failed.error),
  });
  return nameAskerIn(reply, server);
}
