import type { Dependency, PlanEntry } from '../../../core/plan.ts';
import { timeoutOf } from '../limits/call-times.ts';
import type { JudgedCall, PlannedServers } from './judged-call.ts';
import { orderCalls } from './order-calls.ts';
import { pathLengths } from './path-lengths.ts';
import { runEntry, settledEntry } from './plan-entry.ts';
import { sameReads } from './same-reads.ts';

/**
 * Gives each call its place: after which others it runs, and which identical read is sent in its stead. `isSerial`: one at a time.
 * `pathBehind` is the longest chain of calls that wait for all of these.
 */
export function arrangeCalls(
  calls: readonly JudgedCall[],
  bag: { servers: PlannedServers; isSerial: boolean; pathBehind: number },
): PlanEntry[] {
  const timeouts = calls.map(({ call, match }) =>
    match === undefined ? 0 : timeoutOf(match.entry, { asked: call.timeoutMs, servers: bag.servers }),
  );
  const { conflicts, after } = orderCalls(calls, bag);
  const sameAs = sameReads(calls, { conflicts, timeouts });
  const lengths = pathLengths(
    calls.map(({ call, error }, index) => withNeeds(after[index] ?? [], error === undefined ? call.needs : [])),
  );
  return calls.map((judged, index) =>
    judged.error !== undefined
      ? settledEntry(index, judged)
      : runEntry(judged, {
          index,
          after: after[index] ?? [],
          needs: judged.call.needs,
          sameAs: sameAs[index],
          pathLength: (lengths[index] ?? 1) + bag.pathBehind,
          timeoutMs: timeouts[index],
        }),
  );
}

function withNeeds(after: readonly number[], needs: readonly Dependency[]): readonly number[] {
  return needs.length === 0 ? after : [...after, ...needs.map(({ index }) => index)];
}
