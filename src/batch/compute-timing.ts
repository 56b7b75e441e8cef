import type { Rate } from '../core/clock.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Plan } from '../core/plan.ts';
import { toJobs } from './timing-jobs.ts';
import type { Job } from './timing-jobs.ts';

/** How long a batch took, and how long it had to take. Milliseconds. */
export interface Timing {
  /** What the calls would have taken one by one. */
  serialMs: number;
  /** No schedule under these limits could have been faster than this, for calls of these lengths. */
  lowerBoundMs: number;
  /** What the lower bound comes from: `critical path`, `batch`, `process`, `server NAME`, `server NAME writes` or `rate of NAME`. */
  bound: string;
  /** Ids of the calls, and of elements (`c1[0]`), on the longest chain. */
  criticalPath: string[];
  /** Most calls in flight at one moment. */
  peakParallel: number;
}

/** The timing of a batch of which nothing ran. */
export const noTiming: Timing = {
  serialMs: 0,
  lowerBoundMs: 0,
  bound: 'critical path',
  criticalPath: [],
  peakParallel: 0,
};

/** Caps on calls in flight: of the process, and of each configured server by name. */
export interface ParallelCaps {
  maxParallel: number;
  servers: ReadonlyMap<string, { maxParallel: number; maxParallelWrites: number }>;
  /** Of the servers that have one. */
  rates?: ReadonlyMap<string, Rate>;
}

/** A job that ran, with the longest work before and after it. */
type Ran = Pick<Job, 'server' | 'isWrite' | 'ms' | 'startedMs'> & { head: number; tail: number };

// Sums of the same times in another order differ by less.
const roundingMs = 1e-6;

/**
 * Measures a batch that has run: the bounds of the scheduling design, §5 (critical path, and work of each resource between its heads
 * and tails). The elements of a `forEach` are calls of their own here.
 */
export function computeTiming({
  plan,
  outcomes,
  caps,
}: {
  plan: Plan;
  outcomes: readonly Outcome[];
  caps: ParallelCaps;
}): Timing {
  const jobs = toJobs(plan, outcomes);
  const { heads, tails } = measureChains(jobs);
  const ran: Ran[] = [];
  jobs.forEach(({ hasRun, server, isWrite, ms, startedMs }, index) => {
    if (hasRun) ran.push({ server, isWrite, ms, startedMs, head: heads[index] ?? 0, tail: tails[index] ?? 0 });
  });
  const { bound, ms } = findBound(ran, { batchCap: plan.maxParallel, caps });
  // One by one they would have had to wait for the rate as well.
  const pacedMs = boundsOfRates(ran, caps).reduce((most, one) => Math.max(most, one.ms), 0);
  return {
    serialMs: Math.max(total(ran), pacedMs),
    lowerBoundMs: ms,
    bound,
    criticalPath: followLongest(jobs, heads),
    peakParallel: countPeak(ran),
  };
}

/** The largest of all lower bounds; of equal ones the first: the longest chain, the batch, the process, servers by name. */
function findBound(
  ran: readonly Ran[],
  { batchCap, caps }: { batchCap: number; caps: ParallelCaps },
): { bound: string; ms: number } {
  // The longest chain ends where nothing comes after it, so there `head + ms` is the whole of it.
  const longest = { bound: 'critical path', ms: ran.reduce((most, { head, ms }) => Math.max(most, head + ms), 0) };
  const bounds = [
    { bound: 'batch', ms: workBound(ran, batchCap) },
    { bound: 'process', ms: workBound(ran, caps.maxParallel) },
    ...boundsOfServers(ran, caps),
    ...boundsOfRates(ran, caps),
  ];
  return bounds.reduce((best, one) => (one.ms > best.ms + roundingMs ? one : best), longest);
}

/** From the first call of a server with a rate to the start of its last, windows apart, and how long that takes at least. */
function boundsOfRates(ran: readonly Ran[], { rates }: ParallelCaps): { bound: string; ms: number }[] {
  return [...(rates ?? [])].flatMap(([name, { calls, perMs }]) => {
    const own = ran.filter(({ server }) => server === name);
    const windows = Math.floor((own.length - 1) / calls);
    return windows < 1 ? [] : [{ bound: `rate of ${name}`, ms: windows * perMs + leastOf(own.map(({ ms }) => ms)) }];
  });
}

function boundsOfServers(ran: readonly Ran[], caps: ParallelCaps): { bound: string; ms: number }[] {
  const byServer = new Map<string, Ran[]>();
  for (const job of ran) {
    const list = byServer.get(job.server);
    if (list === undefined) byServer.set(job.server, [job]);
    else list.push(job);
  }
  // With more than one server, none holds more than half of the process (scheduling.md §3.8).
  const share = caps.servers.size > 1 ? Math.ceil(caps.maxParallel / 2) : caps.maxParallel;
  const names = [...byServer.keys()].sort();
  return names.flatMap((name) => {
    const list = byServer.get(name) ?? [];
    const own = caps.servers.get(name);
    const writes = list.filter(({ isWrite }) => isWrite);
    return [
      { bound: `server ${name}`, ms: workBound(list, Math.min(own?.maxParallel ?? share, share)) },
      { bound: `server ${name} writes`, ms: workBound(writes, Math.min(own?.maxParallelWrites ?? share, share)) },
    ];
  });
}

/** What a resource needs for its jobs, before its first and after its last of them included. */
function workBound(list: readonly Ran[], cap: number): number {
  if (list.length === 0) return 0;
  return leastOf(list.map(({ head }) => head)) + total(list) / cap + leastOf(list.map(({ tail }) => tail));
}

function leastOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
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
