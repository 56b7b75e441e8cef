import { Aborter } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { createBackoff } from './backoff.ts';
import { createGate, type Verdict, type Visit } from './gate.ts';

/** Whether the proxy can be talked to, and the one place that tries until it can. */
export interface Link {
  /** Somebody saw that the proxy, or the session in it, is gone or may be, and why: everybody waits until it has been restored. */
  recover(reason: string): void;
  /** Why the proxy could not be used when that was last tried; absent if it always could. */
  reason(): string | undefined;
  /** Resolves when the proxy is there. */
  whenReachable(visit: Visit): Promise<Verdict>;
  /** Resolves when the proxy is there and nobody holds requests back. */
  whenSettled(visit: Visit): Promise<Verdict>;
  /** Holds requests back, but not what opens a session, until the function that comes back is called. */
  hold(): () => void;
  close(): void;
}

export interface LinkOptions {
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** One attempt, the `attempt`th from 0 in this row; says why the proxy cannot be used, or nothing if it can. */
  restore: (attempt: number) => Promise<string | undefined>;
}

export function createLink({ clock, random, logger, restore }: LinkOptions): Link {
  const room = { waiting: 0 };
  const reachable = createGate({ clock, room });
  const settled = createGate({ clock, room });
  const backoff = createBackoff({ clock, random });
  const stop = new Aborter();
  let isRecovering = false;
  let reason: string | undefined;

  const recover = async (): Promise<void> => {
    const opens = [reachable.shut(), settled.shut()];
    for (let attempt = 0; ; attempt++) {
      await backoff.pause(stop);
      if (stop.aborted) return;
      const failure = await attemptToRestore(attempt);
      if (failure === undefined) break;
      reason = failure;
      if (attempt === 0) logger.warn({ reason }, 'the proxy cannot be reached; the bridge tries until it can');
    }
    isRecovering = false;
    for (const open of opens) open();
  };

  const attemptToRestore = (attempt: number): Promise<string | undefined> =>
    restore(attempt).catch((error: unknown) => {
      logger.error({ reason: String(error) }, 'restoring the session failed inside mcp-marshal');
      return 'an internal error of mcp-marshal';
    });

  return {
    recover(seen) {
      if (isRecovering || stop.aborted) return;
      isRecovering = true;
      reason = seen;
      void recover();
    },
    reason: () => reason,
    whenReachable: reachable.wait,
    whenSettled: settled.wait,
    hold: settled.shut,
    close: () => stop.abort(),
  };
}
