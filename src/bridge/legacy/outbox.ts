import { Aborter } from '../../core/abort.ts';
import { limits } from '../limits.ts';
import { within } from '../link/within.ts';
import type { Message, Notification } from '../message.ts';
import type { Parts } from '../parts.ts';
import { isForgotten } from './session/is-forgotten.ts';
import type { SessionKeeper } from './session/session-keeper.ts';
import { headersOf } from './session/session.ts';

interface Sending {
  deadlineMs: number;
  /** Whether it is of no use any more. */
  isStale: () => boolean;
}

/** What a legacy client sends without waiting for an answer. */
export interface Outbox {
  /** Sends a notification after all those before it. What has to come first can be given as `after`. */
  notify(notification: Notification, after?: Promise<unknown>): void;
  /** Sends the answer to a question, for the session that asked it. */
  answer(answer: Message): void;
  close(): void;
}

export function createOutbox({ wire, link, clock, logger, keeper }: Parts & { keeper: SessionKeeper }): Outbox {
  const stop = new Aborter();
  let queue: Promise<void> = Promise.resolve();
  let queued = 0;

  /** Sends until it has been sent, for as long as a request would wait. */
  const send = async (message: Message, { deadlineMs, isStale }: Sending): Promise<void> => {
    const visit = { deadlineMs, signal: stop };
    for (let wasForgotten = false; ;) {
      const verdict = await link.whenReachable(visit);
      if (verdict === 'aborted' || isStale()) return;
      if (verdict !== 'passed')
        return logger.warn({ method: message['method'] }, 'a notification could not be sent; passed over');
      const session = keeper.current();
      const headers = headersOf(session);
      const ending = await wire.post(message, {
        headers,
        signal: stop,
        receive: (incoming) => keeper.receive(session, incoming),
      });
      if (ending.kind === 'unsent') link.recover(ending.reason);
      else if (session?.id !== undefined && isForgotten(ending) && !wasForgotten) {
        wasForgotten = true;
        keeper.forget(session);
      } else {
        if (ending.kind !== 'accepted')
          logger.debug({ method: message['method'], ending: ending.kind }, 'a notification was not accepted');
        return;
      }
    }
  };

  const notifyNow = async (
    notification: Notification,
    { after, deadlineMs }: { after: Promise<unknown> | undefined; deadlineMs: number },
  ): Promise<void> => {
    await after;
    const isConfirmation = notification.method === 'notifications/initialized';
    const session = keeper.current();
    if (isConfirmation) keeper.confirm(notification);
    const isOfSession = boundToSession.has(notification.method);
    await send(notification, { deadlineMs, isStale: () => isOfSession && keeper.current() !== session });
    const now = keeper.current();
    if (isConfirmation && now !== undefined) await keeper.listen(now);
  };

  return {
    notify(notification, after) {
      if (queued >= limits.maxOutbox) {
        return logger.warn(
          { method: notification.method },
          'too many notifications wait to be sent; one was passed over',
        );
      }
      queued += 1;
      const deadlineMs = clock.now() + limits.maxWaitMs;
      const isConfirmation = notification.method === 'notifications/initialized';
      // A request that follows must not come to the proxy before the session has been confirmed.
      const release = isConfirmation ? link.hold() : undefined;
      queue = queue
        .then(() => within(limits.notificationMs, { clock, work: notifyNow(notification, { after, deadlineMs }) }))
        .then(() => {
          queued -= 1;
          release?.();
        });
    },
    answer(answer) {
      const session = keeper.current();
      const isStale = (): boolean => keeper.current() !== session || session?.isOver === true;
      void send(answer, { deadlineMs: clock.now() + limits.maxWaitMs, isStale });
    },
    close: () => stop.abort(),
  };
}

/** They name what only the session knows in which they were sent. */
const boundToSession: ReadonlySet<string> = new Set(['notifications/cancelled', 'notifications/progress']);
