import type { Clock } from '../../../core/clock.ts';
import { refusedCode, type HttpProblem } from '../http-problem.ts';
import type { HttpAuth } from './http-auth.ts';
import { createSlidingWindow, type SlidingWindow } from './sliding-window.ts';

/** What each principal may have of us, so that none takes from the others. */
export interface PrincipalQuota {
  /** Begins so many calls, which `leave` ends; or says why they are too many now. None always pass. */
  enter(principal: string, calls: number): { ok: true; leave: () => void } | { ok: false; problem: HttpProblem };
}

/** Issuers make up subjects; of more than so many, those that were idle longest are forgotten. */
const maxPrincipals = 10_000;

interface Account {
  open: number;
  window: SlidingWindow | undefined;
}

export function createPrincipalQuota({ rate, maxParallel }: HttpAuth['limits'], clock: Clock): PrincipalQuota {
  /** Those that were active last come last. */
  const accounts = new Map<string, Account>();

  const isIdle = ({ open, window }: Account): boolean => open === 0 && window?.isEmpty(clock.now()) !== false;
  const makeRoom = (): boolean => {
    if (accounts.size < maxPrincipals) return true;
    const oldest =
      [...accounts].find(([, account]) => isIdle(account)) ?? [...accounts].find(([, { open }]) => open === 0);
    return oldest !== undefined && accounts.delete(oldest[0]);
  };

  return {
    enter(principal, calls) {
      if (calls === 0) return { ok: true, leave() {} };
      const known = accounts.get(principal);
      if (known === undefined && !makeRoom()) return { ok: false, problem: tooMany('too many clients at once', 1000) };
      const account = known ?? { open: 0, window: rate && createSlidingWindow(rate) };
      accounts.delete(principal);
      accounts.set(principal, account);
      if (account.open + calls > maxParallel) {
        const reason = `at most ${maxParallel} calls and batches of one client at once (auth.limits.maxParallel)`;
        return { ok: false, problem: tooMany(reason, 1000) };
      }
      const waitMs = account.window?.take(calls, clock.now()) ?? 0;
      if (waitMs > 0) {
        const reason = `more calls and batches of this client than its rate allows (auth.limits.rate)`;
        return { ok: false, problem: tooMany(reason, Math.min(waitMs, rate?.perMs ?? 0)) };
      }
      account.open += calls;
      let isIn = true;
      const leave = (): void => {
        if (!isIn) return;
        isIn = false;
        account.open -= calls;
        if (rate === undefined && account.open === 0) accounts.delete(principal);
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
