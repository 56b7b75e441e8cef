import type { AbortLike } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import type { Ask, Era, Question } from '../../core/protocol/client.ts';
import type { Reply } from '../../core/protocol/rpc.ts';

/**
 * A modern client gets the questions of a batch in rounds, and each costs its user a dialogue. The first question waits this long for
 * those of the other calls: long enough for calls that were sent together to ask together, too short for a person to wonder.
 */
const gatherMs = 2_000;

/** A call of a batch, as far as its questions go. */
interface AskingCall {
  server: string;
  /** Told whether a question is open that may be the call's. */
  setAsking: (isAsking: boolean) => void;
}

/** The questions of a batch's calls on their way to the client. */
export interface BatchQuestions {
  /** A call is about to be sent. Its questions go through `ask`; `leave` is to be called when it has ended. */
  join(call: AskingCall): { ask: Ask; leave: () => void };
}

/** The calls of one server. Which of them a question belongs to cannot be told where they share a channel, so it may be any. */
interface Channel {
  calls: Set<AskingCall>;
  open: number;
}

/**
 * A legacy client gets each question at once, as a request of its own. A modern one gets them together: when as many are open as
 * calls are in flight, which are then all waiting for it, or two seconds after the first.
 */
export function createBatchQuestions({ ask, era, clock }: { ask: Ask; era: Era; clock: Clock }): BatchQuestions {
  const channels = new Map<string, Channel>();
  let inFlight = 0;
  let open = 0;
  let gathered: (() => void)[] = [];
  let stopWaiting: (() => void) | undefined;
  let willLook = false;

  const putAll = (): void => {
    stopWaiting?.();
    const questions = gathered;
    gathered = [];
    for (const put of questions) put();
  };
  /** Not at once: a call that ends makes room for the next one, which may ask as well. */
  const lookSoon = (): void => {
    if (willLook || gathered.length === 0) return;
    willLook = true;
    clock.after(0, () => {
      willLook = false;
      if (gathered.length > 0 && open >= inFlight) putAll();
    });
  };
  const gather = (question: Question, signal: AbortLike): Promise<Reply> =>
    new Promise((resolve) => {
      gathered.push(() => void ask(question, signal).then(resolve));
      if (gathered.length === 1) stopWaiting = clock.after(gatherMs, putAll);
      lookSoon();
    });
  const put = era === 'modern' ? gather : ask;

  return {
    join(call) {
      const channel = channels.get(call.server) ?? { calls: new Set(), open: 0 };
      channels.set(call.server, channel);
      channel.calls.add(call);
      inFlight++;
      if (channel.open > 0) call.setAsking(true);
      let own = 0;
      const close = (count: number): void => {
        own -= count;
        open -= count;
        channel.open -= count;
        if (count > 0 && channel.open === 0) for (const { setAsking } of channel.calls) setAsking(false);
      };
      return {
        async ask(question, signal) {
          own++;
          open++;
          if (channel.open++ === 0) for (const { setAsking } of channel.calls) setAsking(true);
          const reply = await put(question, signal);
          if (own > 0) close(1);
          return reply;
        },
        leave() {
          channel.calls.delete(call);
          inFlight--;
          // Nobody waits any more for the answers to what it asked, and no clock may stand still for them.
          close(own);
          lookSoon();
        },
      };
    },
  };
}
