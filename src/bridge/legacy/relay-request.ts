import { Aborter } from '../../core/abort.ts';
import { createBackoff } from '../link/backoff.ts';
import type { OpenRequest } from '../desk.ts';
import type { Ending } from '../http/exchange.ts';
import type { Message } from '../message.ts';
import { limits } from '../limits.ts';
import type { Parts } from '../parts.ts';
import { notSent } from '../refusals.ts';
import { refuseFor } from '../refuse-for.ts';
import { isForgotten } from './session/is-forgotten.ts';
import type { SessionKeeper } from './session/session-keeper.ts';
import { headersOf, type Session } from './session/session.ts';

/**
 * Carries one request of a legacy client to the proxy, and sees that it gets an answer: the proxy's, or an error that says what is
 * known. What was provably not carried out, because it could not be sent or the proxy did not know the session, is sent again
 * when there is a session that holds.
 */
export async function relayRequest(request: OpenRequest, parts: Parts & { keeper: SessionKeeper }): Promise<void> {
  const { link, clock, keeper, desk } = parts;
  const visit = { deadlineMs: clock.now() + limits.maxWaitMs, signal: request.signal };
  for (let timesForgotten = 0; ;) {
    const verdict = await link.whenSettled(visit);
    if (verdict === 'aborted') return;
    if (verdict !== 'passed') return request.refuse(notSent(verdict, link.reason()));
    const session = keeper.current();
    const ending = await send(request, session, parts);
    if (ending.kind === 'unsent') link.recover(ending.reason);
    else if (session?.id !== undefined && isForgotten(ending) && timesForgotten === 0) {
      timesForgotten += 1;
      keeper.forget(session);
    } else {
      if (ending.kind === 'unanswered' && ending.isBroken) link.recover(ending.reason);
      return refuseFor(ending, { request, desk });
    }
    if (request.isCancelled) return request.drop();
    request.wasSent = false;
  }
}

/** One sending, its stream taken up again as long as that goes. */
async function send(
  request: OpenRequest,
  session: Session | undefined,
  { wire, link, clock, random, keeper }: Parts & { keeper: SessionKeeper },
): Promise<Ending> {
  const signal = new Aborter();
  const abort = (): void => signal.abort();
  request.signal.addEventListener('abort', abort);
  session?.drained.addEventListener('abort', abort);
  const options = {
    headers: headersOf(session),
    signal,
    awaits: request.message.id,
    receive: (message: Message) => keeper.receive(session, message),
  };
  const backoff = createBackoff({ clock, random });
  try {
    request.wasSent = true;
    let ending = await wire.post(request.message, { ...options, onHeaders: request.arrive });
    if (session === undefined) return ending;
    while (ending.kind === 'unanswered' && ending.lastEventId !== undefined) {
      if (ending.isBroken) link.recover(ending.reason);
      await backoff.pause(signal, ending.retryMs);
      const verdict = await link.whenReachable({ deadlineMs: clock.now() + limits.resumeMs, signal });
      if (verdict !== 'passed' || session.isOver) return ending;
      const resumed = await wire.listen({ ...options, lastEventId: ending.lastEventId });
      if (resumed.kind === 'unsent') link.recover(resumed.reason);
      else if (isForgotten(resumed)) keeper.forget(session);
      else if (resumed.kind === 'unanswered') ending = { lastEventId: ending.lastEventId, ...resumed };
      else if (resumed.kind !== 'refused') ending = resumed;
      else return ending;
    }
    return ending;
  } finally {
    request.signal.removeEventListener('abort', abort);
    session?.drained.removeEventListener('abort', abort);
  }
}
