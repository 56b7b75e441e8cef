import type { JudgedCall, PlannedServers } from './judged-call.ts';
import { predecessors } from './predecessors.ts';

/** For each call the earlier ones that must be gone first. */
interface Order {
  /** Those whose locks conflict with its own. */
  conflicts: readonly (readonly number[])[];
  /** Those, and the one before it where a batch or a server runs one call at a time. */
  after: readonly (readonly number[])[];
}

/** Orders the calls that run by their locks, and one after another where the batch (`isSerial`) or a server prefers that. */
export function orderCalls(
  calls: readonly JudgedCall[],
  { servers, isSerial }: { servers: PlannedServers; isSerial: boolean },
): Order {
  const conflicts = predecessors(calls.map(({ match, error }) => (error === undefined ? match.locks : undefined)));
  const lastOfLane = new Map<string, number>();
  const after = calls.map(({ match, error }, index) => {
    const own = conflicts[index] ?? [];
    if (error !== undefined) return own;
    const { server } = match.entry;
    // Servers have names, so the empty one is free for the lane of the whole batch.
    const lane = isSerial ? '' : servers.get(server)?.parallel === 'avoid' ? server : undefined;
    if (lane === undefined) return own;
    const previous = lastOfLane.get(lane);
    lastOfLane.set(lane, index);
    return previous === undefined ? own : [...new Set([...own, previous])].sort((a, b) => a - b);
  });
  return { conflicts, after };
}
