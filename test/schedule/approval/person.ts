import type { Approval, Approver } from '../../../src/core/approval.ts';
import type { ErrorCode } from '../../../src/core/outcome.ts';
import type { PlannedCall } from '../../../src/core/plan.ts';
import type { Stage } from '../stage.ts';

/** A question as the person saw it. */
export interface Asked {
  ids: string[];
  calls: readonly PlannedCall[];
  atMs: number;
  /** Nobody wants an answer any more since then. */
  withdrawnMs?: number;
  /** Answers all of it: yes to these, no to the rest; without ids, yes to all. */
  yes(...ids: string[]): void;
  no(): void;
  /** Answers for one call, before the rest. */
  early(id: string, approval: Approval): void;
}

/** Somebody who is asked, and whose yes is good for one call. */
export interface Person {
  approver: Approver;
  questions: Asked[];
  /** What was asked when: `c0 c1 at 10`. */
  heard(): string[];
  /** Calls for which a yes was used up. */
  used: string[];
  /** So many times from now on, a yes does not hold. */
  forgets: number;
}

export const declined = no('approval_declined');

export function createPerson({ clock }: Stage): Person {
  const good = new Set<PlannedCall>();
  const person: Person = {
    questions: [],
    used: [],
    forgets: 0,
    heard: () => person.questions.map(({ ids, atMs }) => `${ids.join(' ')} at ${atMs}`),
    approver: {
      ask: (calls, signal, answered) =>
        new Promise((resolve) => {
          const asked: Asked = {
            ids: calls.map(({ id }) => id),
            calls,
            atMs: clock.now(),
            yes(...ids) {
              const approved = calls.filter(({ id }) => ids.length === 0 || ids.includes(id));
              for (const call of approved) good.add(call);
              resolve(calls.map((call) => (approved.includes(call) ? { ok: true } : declined)));
            },
            no: () => resolve(calls.map(() => declined)),
            early(id, approval) {
              const call = calls.find((one) => one.id === id)!;
              if (approval.ok) good.add(call);
              answered?.(call, approval);
            },
          };
          signal.addEventListener('abort', () => (asked.withdrawnMs = clock.now()));
          person.questions.push(asked);
        }),
      holds(call) {
        if (!good.delete(call)) return false;
        if (person.forgets > 0) {
          person.forgets--;
          return false;
        }
        person.used.push(call.id);
        return true;
      },
    },
  };
  return person;
}

export function no(code: ErrorCode): Approval {
  return { ok: false, error: { code, message: 'a test says no', retryable: false } };
}
