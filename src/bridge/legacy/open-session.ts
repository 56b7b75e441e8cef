import type { OpenRequest } from '../desk.ts';
import type { Ending } from '../http/exchange.ts';
import { explainEnding } from '../http/explain-ending.ts';
import { sessionIdOf } from '../http/own-request.ts';
import { limits } from '../limits.ts';
import { isAnswer, type Message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { notSent } from '../refusals.ts';
import { refuseFor } from '../refuse-for.ts';
import type { SessionKeeper } from './session/session-keeper.ts';
import { toSession } from './session/session.ts';

/**
 * Carries the client's `initialize` to the proxy. It changes nothing, so it is sent again until it has been answered or the wait
 * is over: the proxy may be about to start. The client's other requests wait meanwhile.
 */
export async function openSession(
  request: OpenRequest,
  { desk, wire, link, clock, keeper }: Parts & { keeper: SessionKeeper },
): Promise<void> {
  const visit = { deadlineMs: clock.now() + limits.maxWaitMs, signal: request.signal };
  const release = link.hold();
  let sessionId: string | undefined;
  const receive = (message: Message): Promise<void> => {
    const session = isAnswer(message) && message.id === request.message.id ? toSession(message, sessionId) : undefined;
    // Before the client sees the answer: what it sends next belongs to this session already.
    if (session !== undefined) keeper.begin(request.message, session);
    return keeper.receive(session, message);
  };
  try {
    for (;;) {
      const verdict = await link.whenReachable(visit);
      if (verdict === 'aborted') return;
      if (verdict !== 'passed') return request.refuse(notSent(verdict, link.reason()));
      sessionId = undefined;
      const ending = await wire.post(request.message, {
        headers: {},
        signal: request.signal,
        awaits: request.message.id,
        onHeaders: (headers) => (sessionId = sessionIdOf(headers)),
        receive,
      });
      if (!mayPass(ending)) return refuseFor(ending, { request, desk });
      link.recover(explainEnding(ending));
    }
  } finally {
    release();
  }
}

type Passing = Extract<Ending, { kind: 'unsent' | 'unanswered' | 'refused' }>;

/** Whether the same attempt may well succeed in a while: the proxy is not there, or what stands before it says so. */
function mayPass(ending: Ending): ending is Passing {
  if (ending.kind === 'refused') return [502, 503, 504].includes(ending.status);
  return ending.kind === 'unsent' || ending.kind === 'unanswered';
}
