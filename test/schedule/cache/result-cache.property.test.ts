import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/core/outcome.ts';
import { createHouse, seenIn, type House, type Visit } from '../house.ts';

const visit: fc.Arbitrary<Visit> = fc
  .record({
    key: fc.constantFrom('a', 'a/x', 'a/x/1', 'a/x/2', 'a/y', 'b/x', 'b/x', 'b/y'),
    class: fc.constantFrom(...(['read', 'read', 'read', 'read', 'read', 'write', 'destructive'] as const)),
    cacheMs: fc.constantFrom(undefined, 30, 1_000, 1_000, 60_000, 1_000_000),
    ms: fc.integer({ min: 0, max: 40 }),
    effectMs: fc.constantFrom(0, 1, 5, 20, 40, 500, 20_000, 200_000),
    answer: fc.oneof(
      { weight: 20, arbitrary: fc.constant('ok' as const) },
      { weight: 2, arbitrary: fc.constantFrom('isError' as const, 'refused' as const) },
      { weight: 1, arbitrary: fc.constantFrom('never' as const, 'lost' as const, 'rejects' as const) },
    ),
    finishesCancelled: fc.boolean(),
    timeoutMs: fc.constantFrom(8, 25, ...Array.from({ length: 20 }, () => 100_000)),
  })
  // What has answered has done its work; only where no answer comes may it take effect later.
  .map(({ cacheMs, ...one }) => ({
    ...one,
    ...(cacheMs !== undefined && one.class === 'read' && { cacheMs }),
    effectMs:
      one.class !== 'read' && ['never', 'lost', 'rejects'].includes(one.answer)
        ? one.effectMs
        : Math.min(one.effectMs, one.ms),
  }));
const arriveMs = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 400 }) },
  // While doubts last, and after.
  { weight: 1, arbitrary: fc.constantFrom(3_000, 31_000, 100_000, 250_000, 331_000, 400_000) },
);
const cancelMs = fc.oneof(
  { weight: 9, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
);
const scenario = fc.record({
  batches: fc.array(
    fc.record({
      visits: fc.array(visit, { minLength: 1, maxLength: 12 }),
      arriveMs,
      cancelMs,
      maxParallel: fc.integer({ min: 1, max: 8 }),
    }),
    { maxLength: 5 },
  ),
  passthrough: fc.array(fc.record({ visit, hasRule: fc.boolean(), arriveMs, cancelMs }), { maxLength: 25 }),
  capA: fc.integer({ min: 1, max: 8 }),
});

test('[cache] a result that is used again is what its server holds at that moment, whatever was written, failed, timed out or was cancelled', async () => {
  const count = { reads: 0, cached: 0, cachedAfterWrite: 0 };
  await fc.assert(
    fc.asyncProperty(scenario, async (drawn) => {
      const house = createHouse({ servers: { a: { maxParallel: drawn.capA }, b: {} } });
      const mistakes: string[] = [];
      const look = ({ key, class: toolClass }: Visit, outcome: Outcome): void => {
        if (toolClass !== 'read') return;
        count.reads++;
        if (outcome.cached !== true) return;
        count.cached++;
        if (house.sent.some(({ visit: one }) => one.class !== 'read')) count.cachedAfterWrite++;
        if (seenIn(outcome) !== house.look(key)) {
          mistakes.push(
            `${house.clock.now()} ms: ${key} is ${house.look(key)}, and was told to be ${String(seenIn(outcome))}`,
          );
        }
        expect(outcome).toMatchObject({ status: 'ok', attempts: 0, runMs: 0 });
      };
      for (const batch of drawn.batches) {
        const client = new AbortController();
        house.clock.after(batch.arriveMs, () => {
          const onSettled = (index: number, outcome: Outcome): void => look(batch.visits[index]!, outcome);
          void house.batch(batch.visits, { signal: client.signal, maxParallel: batch.maxParallel, onSettled });
        });
        if (batch.cancelMs !== undefined) house.clock.after(batch.arriveMs + batch.cancelMs, () => client.abort());
      }
      for (const { visit: one, hasRule, arriveMs: atMs, cancelMs: afterMs } of drawn.passthrough) {
        const client = new AbortController();
        house.clock.after(atMs, () => {
          const own: Visit = hasRule ? one : { ...one, locks: 'domain' };
          void house.passthrough(own, client.signal).then((outcome) => look(own, outcome));
        });
        if (afterMs !== undefined) house.clock.after(atMs + afterMs, () => client.abort());
      }
      await house.clock.runOut();
      expect(mistakes).toEqual([]);
      expectNothingLeft(house);
    }),
    { numRuns: 1_500 },
  );
  expect(count.reads).toBeGreaterThanOrEqual(5_000);
  expect(count.cachedAfterWrite).toBeGreaterThanOrEqual(1_000);
}, 120_000);

function expectNothingLeft({ scheduler, clock }: House): void {
  expect(scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
  expect(clock.timers()).toBe(0);
}
