import type { AbortLike } from '../../../core/abort.ts';
import type { SendResult } from '../../../core/outcome.ts';
import type { Ask, Era } from '../../../core/protocol/client.ts';
import { nameAskerIn } from '../../../core/protocol/name-asker.ts';
import type { Engine } from '../../engine.ts';
import type { UpstreamRequest } from '../../../core/protocol/server.ts';
import { eraOf } from './era-of.ts';
import { mayWant, satisfyServer, type PassedOn } from './satisfy-server.ts';

/** A call on its way to its server. */
interface OutgoingCall {
  server: string;
  request: UpstreamRequest & { signal: AbortLike; ask: Ask };
  client: Era;
  passesOn: PassedOn;
}

/** Sends a call, and sees to what its server wants of the client first. Questions in its middle go to `request.ask`. Never rejects. */
export async function sendCall(
  engine: Engine,
  { server, request, client, passesOn }: OutgoingCall,
): Promise<SendResult> {
  const { params, ask, signal } = request;
  const answer = await engine.callUpstream(server, request);
  if (!mayWant(answer, passesOn)) return nameAskerIn(answer, server);
  return satisfyServer<SendResult>(answer, {
    server,
    params,
    async sendAgain(answered) {
      const { setWaiting: _, ...again } = request;
      const next = await engine.callUpstream(server, { ...again, params: answered });
      // Whatever becomes of it now: the call has been sent before, and its server may have begun.
      return next.ok ? next : { ...next, sent: true };
    },
    client: { era: client, ask },
    passesOn,
    serverEra: () => eraOf(engine, server),
    signal,
    clock: engine.clock,
    fail: failCall,
    errorOf: (failed) => (failed.ok ? undefined : failed.error.rpc),
  });
}

/** As the reference answers a legacy client: a result that every client shows to its model. */
function failCall(message: string): SendResult {
  return { ok: true, result: { content: [{ type: 'text', text: message }], isError: true } };
}
