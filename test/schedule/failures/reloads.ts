import fc from 'fast-check';
import type { SchedulerLimits, SchedulerServer } from '../../../src/schedule/scheduler.ts';
import type { Execution, Stage } from '../stage.ts';

const caps = fc.record({
  maxParallel: fc.integer({ min: 1, max: 6 }),
  maxParallelWrites: fc.integer({ min: 1, max: 6 }),
});

/** What a reload makes of the limits: either server gone, back, smaller or larger, with a rate or without. */
export const reload = fc.record({
  atMs: fc.integer({ min: 0, max: 300 }),
  maxParallel: fc.integer({ min: 1, max: 12 }),
  servers: fc.record({
    a: fc.option(caps, { nil: undefined, freq: 2 }),
    b: fc.option(caps, { nil: undefined, freq: 2 }),
  }),
  bindsPassthrough: fc.boolean(),
  rateOfB: fc.constantFrom(undefined, undefined, { calls: 3, perMs: 50 }),
});
type Reload = typeof reload extends fc.Arbitrary<infer T> ? T : never;

/** What was in force when. */
export interface LimitHistory {
  /** The most that was allowed at any moment from then to then, both included; 0 where there was no such server. */
  most(limit: (limits: SchedulerLimits) => number | undefined, fromMs: number, toMs: number): number;
  /** Sendings that may be repeated and were under way while their server went away. */
  goneUnderWay: Set<Execution>;
}

/** Reloads as drawn, at their times. */
export function playReloads(stage: Stage, first: SchedulerLimits, reloads: readonly Reload[]): LimitHistory {
  const { clock, scheduler, executions } = stage;
  const history = [{ atMs: 0, limits: first }];
  const goneUnderWay: LimitHistory['goneUnderWay'] = new Set();
  for (const drawn of reloads) {
    clock.after(drawn.atMs, () => {
      const limits = { maxParallel: drawn.maxParallel, servers: serversOf(drawn) };
      history.push({ atMs: clock.now(), limits });
      scheduler.apply(limits);
      for (const execution of executions) {
        const { call, endMs } = execution;
        if (!limits.servers.has(call.server) && endMs > clock.now() && call.mayRepeat !== undefined)
          goneUnderWay.add(execution);
      }
    });
  }
  return {
    goneUnderWay,
    most(limit, fromMs, toMs) {
      const inForce = history.filter(
        ({ atMs }, number) => atMs <= toMs && (history[number + 1]?.atMs ?? Number.POSITIVE_INFINITY) >= fromMs,
      );
      return Math.max(...inForce.map(({ limits }) => limit(limits) ?? 0));
    },
  };
}

function serversOf({ servers, bindsPassthrough, rateOfB }: Reload): Map<string, SchedulerServer> {
  return new Map(
    Object.entries(servers).flatMap(([name, own]) => {
      if (own === undefined) return [];
      const maxParallelWrites = Math.min(own.maxParallelWrites, own.maxParallel);
      const rate = name === 'b' && rateOfB !== undefined && { rate: rateOfB };
      return [[name, { ...own, maxParallelWrites, bindsPassthrough, ...rate }]];
    }),
  );
}
