import type { AbortLike } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import { limits } from '../limits.ts';

/** `expired`: still shut at the deadline. `full`: too many wait already. */
export type Verdict = 'passed' | 'expired' | 'full' | 'aborted';

export interface Visit {
  /** On the clock of the gate; absent: as long as it takes. */
  deadlineMs?: number;
  signal: AbortLike;
}

/** How many wait, at all gates that share it. */
export interface WaitingRoom {
  waiting: number;
}

/** Where requests wait, in order, until something holds. */
export interface Gate {
  /** Shuts it until the function that comes back is called, and everybody else's too. */
  shut(): () => void;
  wait(visit: Visit): Promise<Verdict>;
}

export function createGate({ clock, room }: { clock: Clock; room: WaitingRoom }): Gate {
  const visitors = new Set<(verdict: Verdict) => void>();
  let shuts = 0;
  return {
    shut() {
      shuts += 1;
      let isShut = true;
      return () => {
        if (!isShut) return;
        isShut = false;
        shuts -= 1;
        if (shuts === 0) for (const leave of visitors) leave('passed');
      };
    },
    wait({ deadlineMs, signal }) {
      if (signal.aborted) return Promise.resolve('aborted');
      if (shuts === 0) return Promise.resolve('passed');
      const leftMs = deadlineMs === undefined ? undefined : deadlineMs - clock.now();
      if (leftMs !== undefined && leftMs <= 0) return Promise.resolve('expired');
      if (room.waiting >= limits.maxWaiting) return Promise.resolve('full');
      return new Promise((resolve) => {
        const leave = (verdict: Verdict): void => {
          if (!visitors.delete(leave)) return;
          room.waiting -= 1;
          cancelTimer?.();
          signal.removeEventListener('abort', onAbort);
          resolve(verdict);
        };
        const onAbort = (): void => leave('aborted');
        visitors.add(leave);
        room.waiting += 1;
        signal.addEventListener('abort', onAbort);
        const cancelTimer = leftMs === undefined ? undefined : clock.after(leftMs, () => leave('expired'));
      });
    },
  };
}
