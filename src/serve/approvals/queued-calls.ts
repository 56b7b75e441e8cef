import type { ApprovalOwner, QueuedQuestion } from '../../core/approval.ts';
import type { Engine } from '../engine.ts';
import { declinedError, unavailableError } from './approval-errors.ts';
import type { OpenCall } from './open-call.ts';

/** The calls of one batch whose questions stand in the queue of the process. */
interface QueuedCalls {
  /**
   * Puts a call there. `waits`: it is settled with the answer; else it is settled at once, and a yes that comes after that is for the same
   * call sent again. `why`: how it came to that, for its error.
   */
  add(one: OpenCall, options: { why: string; waits: boolean }): void;
  /** The id under which a call waits for its answer, by its own. */
  idOf(callId: string): string | undefined;
}

export function createQueuedCalls(
  engine: Pick<Engine, 'approvals' | 'setup'>,
  { owner, batchId }: { owner: ApprovalOwner; batchId: string | undefined },
): QueuedCalls {
  const waiting = new Map<string, QueuedQuestion>();

  return {
    add(one, { why, waits }) {
      const { id, subject, signal, settle } = one;
      if (signal.aborted) return;
      const { expiresMs } = engine.setup().approvals;
      const question = engine.approvals.enqueue(owner, subject, {
        callId: id,
        ...(batchId !== undefined && { batchId }),
      });
      if (question === undefined || !waits) {
        question?.leave();
        const queued = question && { id: question.id, expiresMs };
        return settle({ ok: false, error: unavailableError(one, { why, ...(queued !== undefined && { queued }) }) });
      }
      const withdraw = (): void => {
        waiting.delete(id);
        question.withdraw();
      };
      waiting.set(id, question);
      signal.addEventListener('abort', withdraw, { once: true });
      void question.answer.then((answer) => {
        signal.removeEventListener('abort', withdraw);
        waiting.delete(id);
        if (answer === 'yes') return settle({ ok: true });
        if (answer === 'no') return settle({ ok: false, error: declinedError(one, 'queue') });
        const error = unavailableError(one, { why: `${why}, and nobody answered with mcp-marshal approvals in time` });
        settle({ ok: false, error });
      });
    },
    idOf: (callId) => waiting.get(callId)?.id,
  };
}
