import { createBackoff } from '../../link/backoff.ts';
import type { Message } from '../../message.ts';
import type { Parts } from '../../parts.ts';
import { isForgotten } from './is-forgotten.ts';
import { headersOf, type Session } from './session.ts';

export interface StandingStreamOptions extends Pick<Parts, 'wire' | 'link' | 'clock' | 'random' | 'logger'> {
  session: Session;
  receive: (message: Message) => Promise<void>;
  /** Called when the stream is open and when an attempt to open it has ended. */
  onOpen: () => void;
  /** The proxy does not know the session any more. */
  onForgotten: () => void;
}

/**
 * The stream on which the proxy says what belongs to no request, kept open as long as the session lives, and resumed from the last
 * event where the proxy numbers them. It is also what notices first that the proxy has gone.
 */
export async function keepStandingStream(options: StandingStreamOptions): Promise<void> {
  const { wire, link, session, logger, receive, onOpen, onForgotten } = options;
  const backoff = createBackoff(options);
  const signal = session.over;
  let lastEventId: string | undefined;
  for (;;) {
    const ending = await wire.listen({
      headers: headersOf(session),
      lastEventId,
      signal,
      receive,
      onHeaders: onOpen,
    });
    onOpen();
    if (session.isOver || ending.kind === 'aborted') return;
    if (isForgotten(ending)) return onForgotten();
    let retryMs: number | undefined;
    if (ending.kind === 'unanswered') {
      lastEventId = ending.lastEventId ?? lastEventId;
      retryMs = ending.retryMs;
    } else if (ending.kind === 'unsent') link.recover(ending.reason);
    else if (ending.kind === 'unreadable') {
      // From the same event on, the same message would come again.
      lastEventId = undefined;
      logger.warn({ reason: ending.reason }, 'a message of the proxy was passed over');
    } else if (ending.kind === 'refused' && !mayPass(ending.status)) {
      // 405 is how a proxy says that it has no such stream.
      if (ending.status !== 405)
        logger.warn({ status: ending.status }, 'the proxy refuses the stream of its notifications');
      return;
    }
    await backoff.pause(signal, retryMs);
    await link.whenReachable({ signal });
    if (session.isOver) return;
  }
}

/** 409: the proxy has not noticed yet that the stream before has ended. The others are of the moment too. */
function mayPass(status: number): boolean {
  return status === 409 || status === 429 || status >= 500;
}
