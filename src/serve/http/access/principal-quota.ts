import type { Clock } from '../../../core/clock.ts';
import { refusedCode, type HttpProblem } from '../http-problem.ts';
import type { Asked } from './count-calls.ts';
import type { HttpAuth } from './http-auth.ts';
import { createSlidingWindow, type SlidingWindow } from './sliding-window.ts';

/** What each principal may have of us, so that none takes from the others. */
export interface PrincipalQuota {
  /** Begins so many calls, which `leave` ends; or says why they are too many now. Notices count in the rate alone. Nothing always passes. */
  enter(principal: string, asked: Asked): { ok: true; leave: () => void } | { ok: false; problem: HttpProblem };
}

/** Issuers make up subjects; of more than so many, those that were idle longest are forgotten. */
const maxPrincipals = 10_000;

interface Account {
  open: number;
  window: SlidingWindow | undefined;
}

export function createPrincipalQuota({ rate, maxParallel }: HttpAuth['limits'], clock: Clock): PrincipalQuota {
  /** With calls open. */
  const busy = new Map<string, Account>();
  /** With none; those that were active last come last, so that the one to forget is found without a search. */
  const idle = new Map<string, Account>();

  const makeRoom = (): boolean => {
    if (busy.size + idle.size < maxPrincipals) return true;
    const [oldest] = idle.keys();
    return oldest !== undefined && idle.delete(oldest);
  };
  const put = (principal: string, account: Account): void => {
    busy.delete(principal);
    idle.delete(principal);
    if (account.open > 0) busy.set(principal, account);
    // Without a rate nothing is to be remembered of who has nothing open.
    else if (account.window !== undefined) idle.set(principal, account);
  };

  return {
    enter(principal, { calls, notices }) {
      if (calls === 0 && (notices === 0 || rate === undefined)) return { ok: true, leave() {} };
      const known = busy.get(principal) ?? idle.get(principal);
      if (known === undefined && !makeRoom()) return { ok: false, problem: tooMany('too many clients at once', 1000) };
      const account = known ?? { open: 0, window: rate && createSlidingWindow(rate) };
      put(principal, account);
      if (calls > 0 && account.open + calls > maxParallel) {
        const reason = `at most ${maxParallel} calls and batches of one client at once (auth.limits.maxParallel)`;
        return { ok: false, problem: tooMany(reason, 1000) };
      }
      const waitMs = account.window?.take(calls + notices, clock.now()) ?? 0;
      if (waitMs > 0) {
        const reason = `more calls and batches of this client than its rate allows (auth.limits.rate)`;
        return { ok: false, problem: tooMany(reason, Math.min(waitMs, rate?.perMs ?? 0)) };
      }
      account.open += calls;
      put(principal, account);
      let isIn = true;
      const leave = (): void => {
        if (!isIn) return;
        isIn = false;
        account.open -= calls;
        if (calls > 0) put(principal, account);
      };
      return { ok: true, leave };
    },
  };
}

function tooMany(reason: string, waitMs: number): HttpProblem {
  return {
    status: 429,
    code: refusedCode,
    message: `Too Many Requests: ${reason}; nothing of this request was carried out`,
    data: { code: 'limit_exceeded', applied: 'no' },
    retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)),
  };
}
