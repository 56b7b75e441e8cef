/** When something ran. Milliseconds. */
export interface Ran {
  startedMs: number;
  runMs: number;
}

/** Times in a reply are whole milliseconds, so that a call may seem to start just before the one whose slot it took has ended. */
const roundingMs = 1;

/**
 * The slot of each, from 1: the lowest that is free when it starts. `shownMs` is how long it takes up its slot: what rounding made
 * too long is cut off, so that nothing overlaps in one slot.
 */
export function assignSlots(runs: readonly Ran[]): { slot: number; shownMs: number }[] {
  const placed = runs.map(({ runMs }) => ({ slot: 0, shownMs: runMs }));
  const lastOfSlot: number[] = [];
  const order = runs.map((_, index) => index).sort((a, b) => runs[a]!.startedMs - runs[b]!.startedMs || a - b);
  for (const index of order) {
    const { startedMs } = runs[index]!;
    const free = lastOfSlot.findIndex((last) => isFree(runs[last]!, startedMs));
    const slot = free < 0 ? lastOfSlot.length : free;
    const before = lastOfSlot[slot];
    if (before !== undefined) {
      const room = startedMs - runs[before]!.startedMs;
      placed[before]!.shownMs = Math.min(placed[before]!.shownMs, room);
    }
    lastOfSlot[slot] = index;
    placed[index]!.slot = slot + 1;
  }
  return placed;
}

function isFree(last: Ran, atMs: number): boolean {
  const endMs = last.startedMs + last.runMs;
  return endMs <= atMs || (endMs - roundingMs <= atMs && last.startedMs < atMs);
}
