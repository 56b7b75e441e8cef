import { Aborter, type AbortLike } from '../../../core/abort.ts';
import { limits } from '../../limits.ts';
import { within } from '../../link/within.ts';
import { notificationOf, paramsOf, type Message, type Request } from '../../message.ts';
import type { Parts } from '../../parts.ts';
import { probeSession } from './probe-session.ts';
import { createQuestions, type Questions } from './questions.ts';
import { reopenSession } from './reopen-session.ts';
import { createSessionMemory } from './session-memory.ts';
import { createSessionReceiver, type SessionReceiver } from './session-receiver.ts';
import { headersOf, type Session } from './session.ts';
import { keepStandingStream } from './standing-stream.ts';

/** The client's session, which lives on while those with the proxy come and go. */
export interface SessionKeeper {
  current(): Session | undefined;
  /** The client's own `initialize` has been answered. */
  begin(initialize: Request, session: Session): void;
  /** The client has confirmed its session, with this notification. */
  confirm(message: Message): void;
  /** The proxy has taken the confirmation and may speak unasked: resolves when it is listened to, or in half a second. */
  listen(session: Session): Promise<void>;
  /** The proxy does not know this session any more; another one is made. */
  forget(session: Session): void;
  receive: SessionReceiver;
  /** The proxy's id of a question that the client has answered; `undefined` if nobody wants the answer any more. */
  takeQuestion: Questions['take'];
  /** One attempt to have a session that works, or, where none is needed yet, somebody who listens. Says why there is none, or nothing. */
  restore(attempt: number): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface SessionKeeperOptions extends Parts {
  /** Why nobody can be reached where the proxy should be; nothing if somebody can. */
  knock: (signal: AbortLike) => Promise<string | undefined>;
}

export function createSessionKeeper(options: SessionKeeperOptions): SessionKeeper {
  const { desk, wire, link, clock, logger, knock } = options;
  const memory = createSessionMemory();
  const questions = createQuestions();
  const stop = new Aborter();
  const receive = createSessionReceiver({ desk, memory, questions });
  let current: Session | undefined;
  let listening: Session | undefined;

  const retire = (session: Session): void => {
    if (session.isOver) return;
    session.isOver = true;
    session.over.abort();
    const cancelTimer = clock.after(limits.drainMs, () => {
      stop.removeEventListener('abort', cancelTimer);
      session.drained.abort();
    });
    stop.addEventListener('abort', cancelTimer);
    for (const requestId of questions.retire()) {
      const params = { requestId, reason: 'the session that asked has ended' };
      void desk.deliver(notificationOf('notifications/cancelled', params));
    }
  };

  const forget = (session: Session): void => {
    retire(session);
    link.recover('it has forgotten the session (HTTP 404)');
  };

  const listen = (session: Session): Promise<void> => {
    if (listening === session || session.isOver) return Promise.resolve();
    listening = session;
    const isOpen = new Promise<void>((onOpen) => {
      const receiveHere = (message: Message): Promise<void> => receive(session, message);
      const onForgotten = (): void => forget(session);
      void keepStandingStream({ ...options, session, receive: receiveHere, onOpen, onForgotten });
    });
    // A question that a call brings up may come on this stream, and is lost where nobody listens.
    return within(limits.streamOpenMs, { clock, work: isOpen });
  };

  const announce = async (): Promise<void> => {
    for (const notification of memory.announcements()) await desk.deliver(notification);
  };

  return {
    current: () => current,
    begin(initialize, session) {
      const before = current;
      current = session;
      memory.begin(paramsOf(initialize), session);
      if (before === undefined || before.isOver) return;
      retire(before);
      if (before.id !== undefined) void wire.farewell(headersOf(before));
    },
    confirm: memory.confirm,
    listen,
    forget,
    receive,
    takeQuestion: questions.take,
    async restore(attempt) {
      const session = current;
      if (session === undefined) return knock(stop);
      const own = { wire, clock, signal: stop };
      const standing = await probeSession(session, { ...own, receive: (message) => receive(session, message) });
      if (standing.kind === 'unclear') return standing.reason;
      if (standing.kind === 'known') {
        // It could not be reached for a while: what it said meanwhile may be lost.
        if (attempt > 0) await announce();
        return undefined;
      }
      retire(session);
      const reopened = await reopenSession({ ...own, logger, memory, receive });
      if (typeof reopened === 'string') return reopened;
      current = reopened;
      if (memory.confirmation() !== undefined) await listen(reopened);
      logger.info({}, 'a new session with the proxy stands in for the one that was lost');
      await announce();
      return undefined;
    },
    async close() {
      stop.abort();
      if (current === undefined || current.isOver) return;
      current.isOver = true;
      current.over.abort();
      if (current.id !== undefined) await wire.farewell(headersOf(current));
    },
  };
}
