import type { Clock } from '../../../core/clock.ts';
import type { Era } from '../../../core/protocol/client.ts';
import type { WholeList } from './page-book.ts';

/** A client reads page after page; whoever takes longer than this between two has stopped. */
const keptMs = 60_000;
/** Long lists that are read at once: by one client, or by the many of the modern era that may share an engine. */
const maxLists = { legacy: 16, modern: 256 } as const satisfies Record<Era, number>;
/** Of all lists together, those that share entries counted once: some hundred megabytes at the worst. */
const maxEntries = 200_000;

/** Where lists are kept for a minute from the last time that they were read. The one that was not read for longest gives way. */
export interface Shelf {
  keep(id: string, list: WholeList, era: Era): void;
  read(id: string): WholeList | undefined;
  /** Its minute begins again. */
  refresh(id: string): void;
  /** The list of this method that was kept or read last. */
  newest(method: string): { id: string; list: WholeList } | undefined;
}

/** The one that was not read for longest comes first. */
type Kept = Map<string, { list: WholeList; expiresMs: number }>;

interface Board {
  kept: Kept;
  isTimed: boolean;
}

export function createShelf(clock: Clock): Shelf {
  const board: Board = { kept: new Map(), isTimed: false };
  const { kept } = board;

  const put = (id: string, list: WholeList): void => {
    kept.delete(id);
    kept.set(id, { list, expiresMs: clock.now() + keptMs });
  };
  const read = (id: string): WholeList | undefined => {
    dropExpired(kept, clock.now());
    return kept.get(id)?.list;
  };
  return {
    keep(id, list, era) {
      put(id, list);
      for (const oldest of kept.keys()) {
        // The newest one is being read, however long it is.
        if (oldest === id || (kept.size <= maxLists[era] && countEntries(kept) <= maxEntries)) break;
        kept.delete(oldest);
      }
      dropInTime(board, clock);
    },
    read,
    refresh(id) {
      const list = read(id);
      if (list !== undefined) put(id, list);
    },
    newest(method) {
      dropExpired(kept, clock.now());
      const [id, entry] = [...kept].findLast(([, { list }]) => list.method === method) ?? [];
      return id === undefined || entry === undefined ? undefined : { id, list: entry.list };
    },
  };
}

function countEntries(kept: Kept): number {
  const lists = new Set([...kept.values()].map(({ list }) => list.entries));
  return [...lists].reduce((sum, { length }) => sum + length, 0);
}

function dropExpired(kept: Kept, nowMs: number): void {
  for (const [id, { expiresMs }] of kept) if (expiresMs <= nowMs) kept.delete(id);
}

/** Sets the one timer, for the list that expires first. It holds nothing: what its client leaves behind goes at once. */
function dropInTime(board: Board, clock: Clock): void {
  const [first] = board.kept.values();
  if (first === undefined || board.isTimed) return;
  board.isTimed = true;
  const held = new WeakRef(board);
  clock.after(first.expiresMs - clock.now(), () => {
    const still = held.deref();
    if (still === undefined) return;
    still.isTimed = false;
    dropExpired(still.kept, clock.now());
    dropInTime(still, clock);
  });
}
