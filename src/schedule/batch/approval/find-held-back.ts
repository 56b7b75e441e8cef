import type { BatchEntry } from '../batch-entry.ts';

/**
 * The calls of a batch that cannot end before a person has answered: those that are asked about, or are about to be, and those that
 * wait for them, however far down. `entries` are the calls of the batch, then elements.
 */
export function findHeldBack(entries: readonly BatchEntry[]): Set<BatchEntry> {
  const ends = new Set<BatchEntry>();
  /** Those that stay in the way of their successors until then. */
  const stays = new Set<BatchEntry>();

  const visit = (entry: BatchEntry, peers: readonly BatchEntry[]): void => {
    const { call, outcome, elements, leader, isGone } = entry;
    if (isGone || call === undefined) return;
    for (const element of elements ?? []) visit(element, elements!);
    const isBehind = call.after.some((index) => stays.has(peers[index]!));
    const endsLater =
      outcome === undefined &&
      (isBehind ||
        isAwaited(entry) ||
        call.needs.some(({ index }) => ends.has(peers[index]!)) ||
        (leader !== undefined && ends.has(leader)) ||
        elements?.some((element) => ends.has(element)) === true);
    if (endsLater) ends.add(entry);
    // What has ended unsent is no longer in the way when its predecessors are gone.
    if (endsLater || isBehind) stays.add(entry);
  };

  for (const entry of entries) {
    if (entry.parent !== undefined) break;
    visit(entry, entries);
  }
  return ends;
}

/** Whether another call that may need approval could become known by itself, so that it is worth waiting for with the next question. */
export function mayBecomeKnown(entries: readonly BatchEntry[]): boolean {
  const open = entries.filter(
    ({ call, isBegun, outcome }) => call?.isOpen === true && call.mayAsk === true && !isBegun && outcome === undefined,
  );
  if (open.length === 0) return false;
  const heldBack = findHeldBack(entries);
  return open.some((entry) => !heldBack.has(entry));
}

function isAwaited({ approval }: BatchEntry): boolean {
  return approval !== undefined && approval.state !== 'given';
}
