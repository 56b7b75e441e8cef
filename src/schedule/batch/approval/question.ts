import { Aborter } from '../../../core/abort.ts';
import type { Approval, Approver } from '../../../core/approval.ts';
import type { PlannedCall } from '../../../core/plan.ts';

/** One question about calls of a batch, until all of them are answered or have ended. */
export class Question {
  private readonly calls: readonly PlannedCall[];
  /** Those of them that have neither been answered nor ended. */
  private readonly waiting: Set<PlannedCall>;
  private readonly aborter = new Aborter();
  private hasLost = false;
  private isAnswered = false;

  constructor(calls: readonly PlannedCall[]) {
    this.calls = calls;
    this.waiting = new Set(calls);
  }

  /** Puts it. Each call that has not ended by then gets its approval, once: as soon as it is there, those left in their order. */
  async put(approver: Approver, answered: (call: PlannedCall, approval: Approval) => void): Promise<void> {
    const answer = (call: PlannedCall, approval: Approval): void => {
      if (!this.waiting.delete(call)) return;
      this.withdrawLost();
      answered(call, approval);
    };
    const approvals = await this.answers(approver, answer);
    this.isAnswered = true;
    for (const [place, call] of this.calls.entries()) answer(call, approvals?.[place] ?? broken(call));
  }

  /** It has ended without an answer. */
  ended(call: PlannedCall): void {
    this.waiting.delete(call);
    this.hasLost = true;
    this.withdrawLost();
  }

  /** When none is left that waits for an answer, nobody is to think any longer about those that have ended without one. */
  private withdrawLost(): void {
    if (this.waiting.size === 0 && this.hasLost && !this.isAnswered) this.aborter.abort();
  }

  /** Nothing where the approver has not done what it promises: which answer is for which call cannot be guessed. */
  private async answers(
    approver: Approver,
    answer: (call: PlannedCall, approval: Approval) => void,
  ): Promise<readonly Approval[] | undefined> {
    try {
      const approvals = await approver.ask(this.calls, this.aborter, answer);
      return approvals.length === this.calls.length ? approvals : undefined;
    } catch {
      // What was thrown may hold arguments, and whoever reads the reply may not see them.
      return undefined;
    }
  }
}

function broken({ exposedName }: PlannedCall): Approval {
  const message = `not run: asking for approval of ${exposedName} failed inside mcp-marshal; its log says why`;
  return { ok: false, error: { code: 'internal', message, retryable: true } };
}
