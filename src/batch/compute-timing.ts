import type { Outcome } from '../core/outcome.ts';
import type { Plan } from '../core/plan.ts';

/** How long a batch took, and how long it had to take. Milliseconds. */
export interface Timing {
  /** From the batch's start to the end of its last call. */
  wallMs: number;
  /** What the calls would have taken one by one. */
  serialMs: number;
  /** No schedule under these limits could have been faster than this, for calls of these lengths. */
  lowerBoundMs: number;
  /** Ids of the calls on the longest chain. */
  criticalPath: string[];
  /** Most calls in flight at one moment. */
  peakParallel: number;
}

/** Caps on calls in flight: of the process, and of each server by name. */
export interface ParallelCaps {
  maxParallel: number;
  servers: ReadonlyMap<string, { maxParallel: number }>;
}

interface Job {
  id: string;
  server: string;
  after: readonly number[];
  ms: number;
  startedMs: number;
  hasRun: boolean;
}

/** Measures a batch that has run: the bounds of the scheduling design, §5 (critical path, and work of each resource between its heads and tails). */
export function computeTiming({
  plan,
  outcomes,
  caps,
}: {
  plan: Plan;
  outcomes: readonly Outcome[];
  caps: ParallelCaps;
}): Timing {
  const jobs = plan.entries.map((entry, index) => toJob(entry, outcomes[index]));
  const { heads, tails } = measureChains(jobs);
  const ran = jobs.flatMap((job, index) =>
    job.hasRun ? [{ ...job, index, head: heads[index] ?? 0, tail: tails[index] ?? 0 }] : [],
  );
  const workBound = (list: typeof ran, cap: number): number =>
    list.length === 0
      ? 0
      : leastOf(list.map(({ head }) => head)) + total(list) / cap + leastOf(list.map(({ tail }) => tail));

  // The longest chain ends where nothing comes after it, so there `head + ms` is the whole of it.
  const longest = ran.reduce((most, { head, ms }) => Math.max(most, head + ms), 0);
  const processCap = Math.min(caps.maxParallel, plan.maxParallel);
  const serverBounds = [...new Set(ran.map(({ server }) => server))].map((server) => {
    const cap = Math.min(caps.servers.get(server)?.maxParallel ?? processCap, processCap);
    return workBound(
      ran.filter((job) => job.server === server),
      cap,
    );
  });
  return {
    wallMs: ran.reduce((end, { startedMs, ms }) => Math.max(end, startedMs + ms), 0),
    serialMs: total(ran),
    lowerBoundMs: Math.max(longest, workBound(ran, processCap), ...serverBounds),
    criticalPath: followLongest(jobs, heads),
    peakParallel: countPeak(ran),
  };
}

function toJob(entry: Plan['entries'][number], outcome: Outcome | undefined): Job {
  const hasRun = entry.kind === 'run' && outcome !== undefined && outcome.attempts > 0;
  const times = hasRun ? { ms: outcome.runMs, startedMs: outcome.startedMs } : { ms: 0, startedMs: 0 };
  const from = entry.kind === 'run' ? entry.call : { id: entry.id, server: '', after: [] };
  return { id: from.id, server: from.server, after: from.after, ...times, hasRun };
}

/** The longest work before and after each call. Predecessors always stand earlier. */
function measureChains(jobs: readonly Job[]): { heads: number[]; tails: number[] } {
  const heads = jobs.map(() => 0);
  const tails = jobs.map(() => 0);
  jobs.forEach(({ after }, index) => {
    heads[index] = after.reduce((most, earlier) => Math.max(most, (heads[earlier] ?? 0) + (jobs[earlier]?.ms ?? 0)), 0);
  });
  for (let index = jobs.length - 1; index >= 0; index -= 1) {
    const behind = (tails[index] ?? 0) + (jobs[index]?.ms ?? 0);
    for (const earlier of jobs[index]?.after ?? []) tails[earlier] = Math.max(tails[earlier] ?? 0, behind);
  }
  return { heads, tails };
}

/** Walks back from the call whose chain ends last, always to the predecessor whose chain is the longest. */
function followLongest(jobs: readonly Job[], heads: readonly number[]): string[] {
  const endOf = (index: number): number => (heads[index] ?? 0) + (jobs[index]?.ms ?? 0);
  const longestOf = (candidates: readonly number[]): number =>
    candidates.reduce((best, index) => (best < 0 || endOf(index) > endOf(best) ? index : best), -1);
  let at = longestOf(jobs.flatMap(({ hasRun }, index) => (hasRun ? [index] : [])));
  const ids: string[] = [];
  while (at >= 0) {
    const job = jobs[at];
    if (job?.hasRun) ids.unshift(job.id);
    at = longestOf(job?.after ?? []);
  }
  return ids;
}

function countPeak(ran: readonly { startedMs: number; ms: number }[]): number {
  const moments = ran.flatMap(({ startedMs, ms }) => [
    { at: startedMs, step: 1 },
    { at: startedMs + ms, step: -1 },
  ]);
  // A call that ends as another starts gives its place to it. A call of no length still counts as one.
  moments.sort((a, b) => a.at - b.at || a.step - b.step);
  let inFlight = 0;
  let peak = Math.min(1, ran.length);
  for (const { step } of moments) {
    inFlight += step;
    peak = Math.max(peak, inFlight);
  }
  return peak;
}

function total(list: readonly { ms: number }[]): number {
  return list.reduce((sum, { ms }) => sum + ms, 0);
}

function leastOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}
