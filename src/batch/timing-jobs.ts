import type { Outcome } from '../core/outcome.ts';
import type { Plan, PlannedCall } from '../core/plan.ts';

/** A call that was sent, or an element of one. Calls that were not sent are jobs of no length, which only order others. */
export interface Job {
  id: string;
  server: string;
  isWrite: boolean;
  ms: number;
  startedMs: number;
  hasRun: boolean;
  /** Positions of the jobs that had ended before this one began. They all stand earlier in the list. */
  after: readonly number[];
}

/** Where a call stands among the jobs. */
interface Standing {
  /** The job with which it ends. */
  end: number;
  /** Whether it went its whole way, so that what needs its end came after all that it waited for. */
  isTaken: boolean;
}

/**
 * What a batch that has run consisted of. A `forEach` call is a point before and a point after its elements; a call whose identical
 * twin was sent in its stead is that twin. Every order in `after` is one that each schedule keeps.
 */
export function toJobs(plan: Plan, outcomes: readonly Outcome[]): Job[] {
  const jobs: Job[] = [];
  const standings: Standing[] = [];
  const add = (job: Job): number => jobs.push(job) - 1;

  plan.entries.forEach((entry, index) => {
    const outcome = outcomes[index];
    if (entry.kind === 'settled' || outcome === undefined) {
      const id = entry.kind === 'run' ? entry.call.id : entry.id;
      standings.push({ end: add(point(id, [])), isTaken: false });
      return;
    }
    const { call } = entry;
    const twin = outcome.deduplicatedOf === undefined ? undefined : standings[call.sameAs ?? -1];
    if (twin !== undefined) {
      standings.push(twin);
      return;
    }
    const { items } = outcome;
    const isTaken = (items ?? [outcome]).some(wasTaken);
    const after = positionsBefore(call, { standings, isTaken });
    if (items === undefined) {
      standings.push({ end: add(toJob(outcome, { call, id: call.id, after })), isTaken });
      return;
    }
    const start = add(point(call.id, after));
    const ends = items.map((item, number) => add(toJob(item, { call, id: `${call.id}[${number}]`, after: [start] })));
    standings.push({ end: add(point(call.id, [start, ...ends])), isTaken });
  });
  return jobs;
}

/** Whether a call got as far as its locks: it was sent, or answered from the cache. */
function wasTaken({ attempts, cached }: Outcome): boolean {
  return attempts > 0 || cached === true;
}

/**
 * A call that was skipped is still an ordering point among those that it conflicts with (scheduling.md §3.3), but it ended without
 * waiting for them, nor for all that it needed. So of the orders around it only those by conflict are certain.
 */
function positionsBefore(
  { after, needs }: PlannedCall,
  { standings, isTaken }: { standings: readonly Standing[]; isTaken: boolean },
): number[] {
  const positions = after.flatMap((earlier) => standings[earlier]?.end ?? []);
  if (!isTaken || needs.length === 0) return positions;
  const needed = needs.flatMap(({ index }) => {
    const standing = standings[index];
    return standing?.isTaken === true ? [standing.end] : [];
  });
  return [...new Set([...positions, ...needed])];
}

function toJob(
  outcome: Outcome,
  { call, id, after }: { call: PlannedCall; id: string; after: readonly number[] },
): Job {
  const { attempts, runMs, startedMs, decided } = outcome;
  if (attempts === 0) return point(id, after);
  const isWrite = (decided?.class ?? call.class) !== 'read';
  return { id, server: call.server, isWrite, ms: runMs, startedMs, hasRun: true, after };
}

function point(id: string, after: readonly number[]): Job {
  return { id, server: '', isWrite: false, ms: 0, startedMs: 0, hasRun: false, after };
}
