import type { Clock, Rate } from '../core/clock.ts';
import { createAlarm } from './alarm.ts';
import { createRateBook } from './rate-book.ts';
import { createReadyQueue, type ReadyCall } from './ready-queue.ts';

/**
 * Where calls of a server with a rate wait for a turn: first of all, and holding nothing. Locks that waited for a minute's rate would
 * hold up calls of other servers, which have nothing to do with it.
 */
export interface TurnGate {
  binds(server: string): boolean;
  /** Has `start` called when the call has a turn, which it holds until `use` or `giveBack`. */
  wait(ready: ReadyCall): void;
  /** Takes a call out that waits; false if it does not. */
  remove(ready: ReadyCall): boolean;
  /** Gives out the turns that there are now. */
  open(): void;
  /** The call is dispatched. */
  use(ready: ReadyCall): void;
  /** The call will not be. */
  giveBack(ready: ReadyCall): void;
  size(): number;
}

/** @param options.wake called when there is a turn again for somebody who waits */
export function createTurnGate(options: {
  clock: Clock;
  rates: ReadonlyMap<string, Rate>;
  wake: () => void;
}): TurnGate {
  const { clock } = options;
  const book = createRateBook(options.rates);
  const queue = createReadyQueue('turns');
  const alarm = createAlarm(clock, options.wake);
  let nextFreeMs = Number.POSITIVE_INFINITY;

  // No more turns for a batch than it could use now: others may be able to.
  const fits = ({ share, need }: ReadyCall): boolean => {
    if (share.inFlight + share.turns >= share.maxParallel) return false;
    const freeAtMs = book.freeAtMs(need.server);
    if (freeAtMs <= clock.now()) return true;
    nextFreeMs = Math.min(nextFreeMs, freeAtMs);
    return false;
  };
  const next = (): ReadyCall | undefined => {
    nextFreeMs = Number.POSITIVE_INFINITY;
    return queue.next(fits, () => 1);
  };

  return {
    binds: book.binds,
    wait: queue.add,
    remove: queue.remove,
    open() {
      for (let ready = next(); ready !== undefined; ready = next()) {
        ready.share.turns++;
        book.reserve(ready.call.server);
        ready.start();
      }
      alarm.set(nextFreeMs);
    },
    use({ share, call }) {
      share.turns--;
      book.use(call.server, clock.now());
    },
    giveBack({ share, call }) {
      share.turns--;
      book.release(call.server);
    },
    size: queue.size,
  };
}
