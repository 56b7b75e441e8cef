import { ProtocolError } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { firstAnswer } from './first-answer.ts';
import { sendRequest } from '../../questions/sending/send-request.ts';
import { keepNewest } from '../keep-newest.ts';
import { toResult } from '../to-result.ts';

/** Methods whose server is remembered for one client: more than any protocol has. */
const maxMethods = 100;

/**
 * Answers a method that no protocol of ours knows by the server that does: the only one, or the first of several that does not answer
 * −32601, from then on at once. What a server answers otherwise stands, errors included.
 */
export async function callVendorMethod(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { method, signal } = request;
  const { methodServers } = memoryOf(engine);
  const servers = [...engine.setup().servers.keys()];
  const known = methodServers.get(method);
  const answer = await firstAnswer(known === undefined ? servers : [known], {
    ask: (server) => sendRequest(engine, { server, request }),
    isForeign: ({ code }) => code === rpcCode.methodNotFound,
    signal,
  });
  // One that does not know it any more may have come back as another version of itself: the next time all are asked again.
  if (answer?.isOwn !== true) methodServers.delete(method);
  else if (servers.length > 1) keepNewest(methodServers, { key: method, value: answer.server, max: maxMethods });
  const { reply } = answer ?? { reply: undefined };
  const isUnknown = reply === undefined || (!reply.ok && reply.error.code === rpcCode.methodNotFound);
  if (reply === undefined || (isUnknown && servers.length > 1)) throw methodNotFound(method);
  return toResult(reply);
}

/** What a client hears of a method that nobody has. */
export function methodNotFound(method: string): ProtocolError {
  return new ProtocolError(rpcCode.methodNotFound, `Method not found: ${method}`);
}
