import type { ApprovalOwner, QueuedQuestion } from '../../core/approval.ts';
import type { Engine } from '../engine.ts';
import { declinedError, unavailableError } from './approval-errors.ts';
import type { OpenCall } from './open-call.ts';

/** The calls of one batch whose questions stand in the queue of the process. */
interface QueuedCalls {
  /**
   * Puts a call there. `waits`: it is settled with the answer, `whileWatched` only as long as somebody is there to give one; else it is
   * settled at once. A yes that comes after that is for the same call sent again. `why`: how it came to that, for its error.
   */
  add(one: OpenCall, options: { why: string; waits: true | 'whileWatched' }): void;
  /** The id under which a call waits for its answer, by its own. */
  idOf(callId: string): string | undefined;
  /** Takes a call out of the queue, to be settled by whoever takes it. `false`: it does not wait there any more. */
  take(one: OpenCall): boolean;
  /** Settles all that wait as unanswered. Their questions stay, for the same calls sent again. */
  leaveAll(): void;
}

interface Waiting {
  one: OpenCall;
  question: QueuedQuestion;
  leave: () => void;
  withdraw: () => void;
}

export function createQueuedCalls(
  engine: Pick<Engine, 'approvals' | 'setup'>,
  { owner, batchId }: { owner: ApprovalOwner; batchId: string | undefined },
): QueuedCalls {
  const { approvals: desk } = engine;
  const waiting = new Map<string, Waiting>();

  return {
    add(one, { why, waits }) {
      const { id, subject, signal, settle } = one;
      if (signal.aborted) return;
      const { approvals, configFile } = engine.setup();
      const { expiresMs } = approvals;
      const question = desk.enqueue(owner, subject, {
        callId: id,
        ...(batchId !== undefined && { batchId }),
        ...(one.isKeyed && { isKeyed: true }),
      });
      const settleLeft = (): void => {
        question?.leave();
        const queued = question && { id: question.id, expiresMs, configFile };
        const isFull = question === undefined && desk.hasQueue();
        const fullWhy = isFull ? `${why}, and too many questions wait in the queue already` : why;
        const reasons = { why: fullWhy, ...(queued !== undefined && { queued }) };
        settle({ ok: false, error: unavailableError(one, reasons) });
      };
      if (question === undefined || (waits === 'whileWatched' && !desk.isWatched())) return settleLeft();
      const stopWaiting = (): void => {
        stopHearing();
        signal.removeEventListener('abort', withdraw);
        waiting.delete(id);
      };
      const withdraw = (): void => {
        stopWaiting();
        question.withdraw();
      };
      const stopHearing = waits === 'whileWatched' ? desk.onUnwatched(() => leave()) : () => {};
      const leave = (): void => {
        stopWaiting();
        settleLeft();
      };
      waiting.set(id, { one, question, leave, withdraw });
      signal.addEventListener('abort', withdraw, { once: true });
      void question.answer.then((answer) => {
        stopWaiting();
        if (answer === 'yes') return settle({ ok: true });
        if (answer === 'no') return settle({ ok: false, error: declinedError(one, 'queue') });
        const error = unavailableError(one, { why: `${why}, and nobody answered with mcp-marshal approvals in time` });
        settle({ ok: false, error });
      });
    },
    idOf: (callId) => waiting.get(callId)?.question.id,
    take(one) {
      const found = waiting.get(one.id);
      if (found?.one !== one) return false;
      found.withdraw();
      return true;
    },
    leaveAll() {
      for (const { leave } of waiting.values()) leave();
    },
  };
}
