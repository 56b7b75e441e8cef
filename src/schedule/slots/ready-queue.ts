import type { PlannedCall } from '../../core/plan.ts';
import type { Told } from '../locks/unknown-keys.ts';
import type { SlotNeed } from './slot-book.ts';

/** A batch as the dispatcher sees it; a passthrough call is a batch of one. */
export interface Share {
  /** Order of arrival in the process. */
  age: number;
  maxParallel: number;
  /** Calls that hold one of the batch's slots now. */
  inFlight: number;
  /** Calls that hold a turn of their server's rate, and are not in flight yet. */
  turns: number;
  /** Calls of this batch that have not started yet, in all and per server. */
  unstarted: number;
  backlog: Map<string, number>;
  /** What its client is to be told with the next reply: effects that are not known. No more than it has calls. */
  untold: Told[];
}

/** A batch that has just arrived, or a passthrough call. */
export function newShare(age: number, maxParallel: number): Share {
  return { age, maxParallel, inFlight: 0, turns: 0, unstarted: 0, backlog: new Map(), untold: [] };
}

/** The batch's client is told at this moment of everything that it has not been told yet. */
export function tell(share: Share, at: NonNullable<Told['at']>): void {
  for (const told of share.untold.splice(0)) told.at ??= at;
}

/** Counts so many calls more, or fewer, that the batch has still to start on a server. */
export function expectCalls(share: Share, server: string, step: number): void {
  share.unstarted += step;
  share.backlog.set(server, (share.backlog.get(server) ?? 0) + step);
}

/** A call that waits for its turn, or for slots. */
export interface ReadyCall {
  call: PlannedCall;
  share: Share;
  rank: number;
  need: SlotNeed;
  /** It is to be sent again, and has kept its locks. */
  readonly holdsLocks: boolean;
  /** What it does next. */
  start(): void;
}

/** Calls that could start as soon as slots are free. */
export interface ReadyQueue {
  add(ready: ReadyCall): void;
  /** Takes a call out that will not run after all; false if it is not there. */
  remove(ready: ReadyCall): boolean;
  /** Takes out the call to start next among those for which `fits` holds; nothing if none fits. */
  next(fits: (ready: ReadyCall) => boolean, capOf: (server: string) => number): ReadyCall | undefined;
  size(): number;
  /** Of the calls whose need is of this kind: those that would go before another batch's `most`, as far as can be told. */
  ahead(isOfKind: (need: SlotNeed) => boolean, most: number): number;
}

/** Calls of one batch for one server, writes apart from reads: within it the longest remaining path goes first, then the index. */
interface Group {
  key: string;
  share: Share;
  need: SlotNeed;
  calls: ReadyCall[];
}

/** Of this many slots of a server one goes to whoever has waited longest, as turns do. */
const oldestEvery = 8;

export function createReadyQueue(): ReadyQueue {
  const groups = new Map<string, Group>();
  let size = 0;
  /** By server: slots given so far. */
  const given = new Map<string, number>();

  /** Clients that send one call after the other would otherwise keep a batch from a server's only slot for ever. */
  const isOldestsTurn = ({ need: { server } }: Group): boolean => ((given.get(server) ?? 0) + 1) % oldestEvery === 0;
  const goesFirst = (group: Group, best: Group, capOf: (server: string) => number): boolean => {
    const isSameServer = group.need.server === best.need.server;
    if (isSameServer && group.share !== best.share && isOldestsTurn(group)) return group.share.age < best.share.age;
    return goesBefore(group, best, capOf);
  };

  return {
    add(ready) {
      const key = groupKey(ready);
      let group = groups.get(key);
      if (group === undefined) {
        group = { key, share: ready.share, need: ready.need, calls: [] };
        groups.set(key, group);
      }
      insert(group.calls, ready);
      size++;
    },
    remove(ready) {
      const group = groups.get(groupKey(ready));
      const position = group?.calls.indexOf(ready) ?? -1;
      if (group === undefined || position === -1) return false;
      group.calls.splice(position, 1);
      size--;
      if (group.calls.length === 0) groups.delete(group.key);
      return true;
    },
    next(fits, capOf) {
      let best: Group | undefined;
      for (const group of groups.values()) {
        // All calls of a group need the same.
        if (!fits(group.calls[0]!)) continue;
        if (best === undefined || goesFirst(group, best, capOf)) best = group;
      }
      if (best === undefined) return undefined;
      size--;
      given.set(best.need.server, (given.get(best.need.server) ?? 0) + 1);
      const ready = best.calls.pop()!;
      if (best.calls.length === 0) groups.delete(best.key);
      return ready;
    },
    size: () => size,
    ahead(isOfKind, most) {
      let ahead = 0;
      for (const { need, calls } of groups.values()) if (isOfKind(need)) ahead += Math.min(calls.length, most);
      return ahead;
    },
  };
}

function groupKey({ share, need }: ReadyCall): string {
  return `${share.age} ${need.isWrite ? 'w' : 'r'} ${need.server}`;
}

/** Sorted so that the next call stands last; by binary search, since a batch of 1,000 makes all its reads ready at once. */
function insert(calls: ReadyCall[], ready: ReadyCall): void {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (urgency(calls[middle]!, ready) < 0) low = middle + 1;
    else high = middle;
  }
  calls.splice(low, 0, ready);
}

/** Positive where `a` goes before `b`. */
function urgency(a: ReadyCall, b: ReadyCall): number {
  return a.call.pathLength - b.call.pathLength || b.rank - a.rank;
}

/**
 * Between batches, one that holds no slot goes first, so that none starves; then the one with the fewest calls left, so that a
 * batch of 5 beside one of 1,000 takes little longer than alone. Within a batch, the longest remaining path, or the server's
 * backlog over its cap where that is longer; then age, then index.
 */
function goesBefore(a: Group, b: Group, capOf: (server: string) => number): boolean {
  if (a.share !== b.share) {
    const [aHolds, bHolds] = [a.share.inFlight > 0, b.share.inFlight > 0];
    if (aHolds !== bHolds) return bHolds;
    if (a.share.unstarted !== b.share.unstarted) return a.share.unstarted < b.share.unstarted;
    return a.share.age < b.share.age;
  }
  const lengthA = remaining(a, capOf);
  const lengthB = remaining(b, capOf);
  if (lengthA !== lengthB) return lengthA > lengthB;
  return urgency(a.calls.at(-1)!, b.calls.at(-1)!) > 0;
}

/** Steps until the end of the batch as far as this group can tell: its longest chain, or its server's backlog spread over the cap. */
function remaining(group: Group, capOf: (server: string) => number): number {
  const backlog = group.share.backlog.get(group.need.server) ?? 0;
  return Math.max(group.calls.at(-1)!.call.pathLength, backlog / capOf(group.need.server));
}
