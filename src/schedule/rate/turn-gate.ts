import type { Clock, Rate } from '../../core/clock.ts';
import { createAlarm } from './alarm.ts';
import { createRateBook } from './rate-book.ts';
import type { ReadyCall } from '../slots/ready-queue.ts';

/**
 * Where calls of a server with a rate wait for a turn: first of all, and holding nothing. Locks that waited for a minute's rate would
 * hold up calls of other servers, which have nothing to do with it; and a turn that waited for locks would hold up calls of its own.
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
  /** Changes the rates; who waits for a server that has none any more gets its turn with the next `open`. */
  apply(rates: ReadonlyMap<string, Rate>): void;
  /** Calls that wait, or hold a turn that they have not used. */
  size(): number;
}

interface Waiting {
  ready: ReadyCall;
  /** How often there was a turn for it, and its locks were not to be had. */
  refused: number;
}

/** Every eighth turn is for the batch that came first, so that none starves. */
const turnsPerOldest = 8;
/** A call whose locks are always taken stands in line for them at last, its turn in hand: one of each server, so that few turns wait. */
const maxRefused = 50;

/** @param options.wake called when there is a turn again for somebody who waits */
export function createTurnGate(options: {
  clock: Clock;
  rates: ReadonlyMap<string, Rate>;
  /** Whether the call would get its locks at once. */
  wouldGrant: (ready: ReadyCall) => boolean;
  wake: () => void;
}): TurnGate {
  const { clock, wouldGrant } = options;
  const book = createRateBook(options.rates);
  const alarm = createAlarm(clock, options.wake);
  const lines = new Map<string, { waiting: Set<Waiting>; given: number }>();
  const inLine = new Map<string, ReadyCall>();
  let held = 0;

  const next = (server: string, waiting: ReadonlySet<Waiting>, isForOldest: boolean): Waiting | undefined => {
    let best: Waiting | undefined;
    for (const one of waiting) {
      const { share } = one.ready;
      // No more turns for a batch than it could use now: others may be able to.
      if (share.inFlight + share.turns >= share.maxParallel) continue;
      if (!wouldGrant(one.ready)) {
        one.refused++;
        if (one.refused < maxRefused || inLine.has(server)) continue;
      }
      if (best === undefined || goesBefore(one.ready, best.ready, isForOldest)) best = one;
    }
    return best;
  };

  const openFor = (server: string): number => {
    const line = lines.get(server)!;
    while (line.waiting.size > 0) {
      const freeAtMs = book.freeAtMs(server);
      if (freeAtMs > clock.now()) return freeAtMs;
      const found = next(server, line.waiting, (line.given + 1) % turnsPerOldest === 0);
      if (found === undefined) break;
      line.given++;
      line.waiting.delete(found);
      if (found.refused >= maxRefused) inLine.set(server, found.ready);
      found.ready.share.turns++;
      held++;
      book.reserve(server);
      found.ready.start();
    }
    return Number.POSITIVE_INFINITY;
  };

  const letGo = (ready: ReadyCall): void => {
    ready.share.turns--;
    held--;
    if (inLine.get(ready.call.server) === ready) inLine.delete(ready.call.server);
  };

  return {
    binds: book.binds,
    wait(ready) {
      const { server } = ready.call;
      const line = lines.get(server) ?? { waiting: new Set(), given: 0 };
      lines.set(server, line);
      line.waiting.add({ ready, refused: 0 });
    },
    remove(ready) {
      const waiting = lines.get(ready.call.server)?.waiting;
      for (const one of waiting ?? []) if (one.ready === ready) return waiting!.delete(one);
      return false;
    },
    open() {
      let nextMs = Number.POSITIVE_INFINITY;
      for (const server of lines.keys()) nextMs = Math.min(nextMs, openFor(server));
      alarm.set(nextMs);
    },
    use(ready) {
      letGo(ready);
      book.use(ready.call.server, clock.now());
    },
    giveBack(ready) {
      letGo(ready);
      book.release(ready.call.server);
    },
    apply(rates) {
      book.apply(rates);
      for (const [server, { waiting }] of lines) if (waiting.size === 0 && !book.binds(server)) lines.delete(server);
    },
    size: () => [...lines.values()].reduce((sum, { waiting }) => sum + waiting.size, held),
  };
}

/**
 * Turns are what is scarce here, and who holds a slot says nothing of who had one: the batch with the fewest calls left goes first,
 * then the one that came first; within a batch the longest remaining path, then its own order.
 */
function goesBefore(a: ReadyCall, b: ReadyCall, isForOldest: boolean): boolean {
  if (a.share !== b.share) {
    const byLeft = isForOldest ? 0 : a.share.unstarted - b.share.unstarted;
    return (byLeft || a.share.age - b.share.age) < 0;
  }
  return (b.call.pathLength - a.call.pathLength || a.rank - b.rank) < 0;
}
