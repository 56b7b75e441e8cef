import type { ServerConfig } from '../../config/config.ts';
import type { Instance } from '../instance/instance.ts';
import { sleep } from '../pace/time-limit.ts';

/** Connections that the configuration does not name any more, and that have yet to answer what was sent over them. */
export interface Retirement {
  /**
   * Closes an instance as soon as it has answered all, at the latest after `graceMs`. Whatever it tells from now on counts no more, and
   * nobody sends anything new over it. Resolves when it is closed.
   */
  retire(instance: Instance, options: { graceMs: number }): Promise<void>;
  has(instance: Instance): boolean;
  /** Closes all at once. */
  closeAll(): Promise<void>;
}

/**
 * How often it is looked whether the last answer has come. To be told would cost every call a little, and this is only after a reload
 * that took a server away.
 */
const lookEveryMs = 50;

export function createRetirement(): Retirement {
  const retired = new WeakSet<Instance>();
  const leaving = new Map<Instance, { hurry: AbortController; closed: Promise<void> }>();

  return {
    retire(instance, { graceMs }) {
      const present = leaving.get(instance);
      if (present !== undefined) return present.closed;
      retired.add(instance);
      const hurry = new AbortController();
      const closed = untilAnswered(instance, { graceMs, signal: hurry.signal })
        .then(() => instance.upstream.close())
        .finally(() => leaving.delete(instance));
      leaving.set(instance, { hurry, closed });
      return closed;
    },
    has: (instance) => retired.has(instance),
    async closeAll() {
      const all = [...leaving.values()];
      for (const { hurry } of all) hurry.abort();
      await Promise.all(all.map(({ closed }) => closed));
    },
  };
}

async function untilAnswered(
  instance: Instance,
  { graceMs, signal }: { graceMs: number; signal: AbortSignal },
): Promise<void> {
  const deadlineMs = performance.now() + graceMs;
  const isBusy = (): boolean => instance.openRequests() > 0 && performance.now() < deadlineMs;
  while (isBusy() && !signal.aborted) await sleep(lookEveryMs, signal);
}

/** Longer than any call without a limit of its own is waited for: the default timeout of a call in a batch. */
const longestMs = 120_000;

/**
 * How long the calls that run on a server's connection may take to end there: those of a server that is reached in another way as long as
 * their own timeouts, those of one that is not configured any more two minutes at most.
 */
export function graceOf({ timeoutMs = 0, policy }: ServerConfig, { isGone }: { isGone: boolean }): number {
  if (isGone) return longestMs;
  return Math.max(longestMs, timeoutMs, ...policy.tools.map((tool) => tool.timeoutMs ?? 0));
}
