import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeTiming } from '../../src/batch/compute-timing.ts';
import type { ParallelCaps } from '../../src/batch/compute-timing.ts';
import { settleUnsent } from '../../src/core/outcome.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Plan, PlanEntry, PlannedCall } from '../../src/core/plan.ts';
import { callAt, endOf, ok, planOf } from './tiny-catalog.ts';

const caps = { maxParallel: 32, servers: new Map([['files', { maxParallel: 2, maxParallelWrites: 2 }]]) };
const read = (path: string) => ({ tool: 'files__read_text_file', arguments: { path } });
const write = (path: string) => ({ tool: 'files__write_file', arguments: { path, content: '' } });
const issue = { tool: 'github__get_issue', arguments: { number: 1 } };

test('a chain of two beside a short call takes at least as long as the chain', () => {
  const plan = planOf([write('a'), read('a'), issue]);
  const outcomes = [ok({}, 300, 0), ok({}, 200, 300), ok({}, 100, 0)];
  expect(computeTiming({ plan, outcomes, caps })).toEqual({
    serialMs: 600,
    lowerBoundMs: 500,
    bound: 'critical path',
    criticalPath: ['c0', 'c1'],
    peakParallel: 2,
  });
});

test('where a server takes two at a time, its work is the bound', () => {
  const plan = planOf(['a', 'b', 'c', 'd', 'e', 'f'].map(read));
  const outcomes = plan.entries.map((_, index) => ok({}, 100, Math.floor(index / 2) * 100));
  expect(computeTiming({ plan, outcomes, caps })).toMatchObject({
    serialMs: 600,
    lowerBoundMs: 300,
    bound: 'server files',
    peakParallel: 2,
  });
});

test('where the batch runs one at a time, all work is the bound', () => {
  const plan = planOf({ calls: [issue, issue], parallel: 'avoid' });
  const outcomes = [ok({}, 50, 0), ok({}, 50, 50)];
  expect(computeTiming({ plan, outcomes, caps })).toMatchObject({
    lowerBoundMs: 100,
    criticalPath: ['c0', 'c1'],
    peakParallel: 1,
  });
});

test('where a server has a rate, its windows are the bound, and one by one would have been no faster', () => {
  const plan = planOf(['a', 'b', 'c', 'd', 'e'].map(read));
  const outcomes = plan.entries.map((_, index) => ok({}, 10, Math.floor(index / 2) * 1_000));
  const paced = { ...caps, rates: new Map([['files', { calls: 2, perMs: 1_000 }]]) };
  expect(computeTiming({ plan, outcomes, caps: paced })).toMatchObject({
    lowerBoundMs: 2_010,
    bound: 'rate of files',
    serialMs: 2_010,
  });
});

test("the work before a server's first call and after its last one counts as well", () => {
  const plan = planOf([write('a'), read('a'), read('a'), read('a'), read('a')]);
  const outcomes = [ok({}, 100, 0), ok({}, 60, 100), ok({}, 60, 100), ok({}, 60, 160), ok({}, 60, 160)];
  const timing = computeTiming({ plan, outcomes, caps: { maxParallel: 2, servers: new Map() } });
  expect(timing.lowerBoundMs).toBe(170);
});

test('a batch of which nothing ran took no time', () => {
  const plan = planOf([{ tool: 'nope' }]);
  const outcomes = plan.entries.flatMap((entry) => (entry.kind === 'settled' ? [entry.outcome] : []));
  expect(computeTiming({ plan, outcomes, caps })).toEqual({
    serialMs: 0,
    lowerBoundMs: 0,
    bound: 'critical path',
    criticalPath: [],
    peakParallel: 0,
  });
});

/** Calls as a plan holds them, each with what sets it apart. */
function planWith(calls: readonly Partial<PlannedCall>[], maxParallel = 8): Plan {
  const entries = calls.map((call, index): PlanEntry => ({
    kind: 'run',
    call: {
      index,
      id: `c${index}`,
      server: 'files',
      tool: 'read',
      exposedName: 'files__read',
      arguments: {},
      class: 'read',
      reason: 'a rule',
      locks: [],
      after: [],
      needs: [],
      pathLength: 1,
      ...call,
    },
  }));
  return { batchId: '7f3a91', entries, maxParallel, onError: 'continue', deadlineMs: 50_000, warnings: [] };
}

const skipped = settleUnsent({ code: 'dependency_failed', message: 'not run', retryable: false });
const many = (count: number, call: Partial<PlannedCall> = {}) => Array.from({ length: count }, () => call);
const two = { maxParallel: 8, maxParallelWrites: 1 };

test('says which limit binds', () => {
  const boundOf = (plan: Plan, limits: ParallelCaps): string =>
    computeTiming({ plan, outcomes: plan.entries.map(() => ok({}, 100)), caps: limits }).bound;
  const wide = { maxParallel: 32, servers: new Map() };
  expect(boundOf(planWith(many(8), 2), wide)).toBe('batch');
  expect(boundOf(planWith(many(8)), { ...wide, maxParallel: 4 })).toBe('process');
  expect(boundOf(planWith(many(8), 4), { ...wide, maxParallel: 4 })).toBe('batch');
  expect(boundOf(planWith(many(8)), wide)).toBe('critical path');
  expect(boundOf(planWith(many(8, { class: 'write' })), { ...wide, servers: new Map([['files', two]]) })).toBe(
    'server files writes',
  );
  // Beside other servers, one has half of the process.
  const servers = new Map([
    ['files', { maxParallel: 8, maxParallelWrites: 8 }],
    ['github', { maxParallel: 8, maxParallelWrites: 8 }],
  ]);
  expect(boundOf(planWith(many(8)), { maxParallel: 8, servers })).toBe('server files');
});

test('the elements of a forEach are calls of their own: they follow what it needs, and what needs it follows all of them', () => {
  const plan = planWith([{}, { needs: [{ index: 0, when: 'ok' }] }, { needs: [{ index: 1, when: 'ok' }] }]);
  const items = [ok({}, 40, 100), ok({}, 90, 100), skipped];
  const whole = { ...ok({}, 90, 100), items };
  const outcomes = [ok({}, 100), whole, ok({}, 10, 190)];
  expect(computeTiming({ plan, outcomes, caps })).toEqual({
    serialMs: 240,
    lowerBoundMs: 200,
    bound: 'critical path',
    criticalPath: ['c0', 'c1[1]', 'c2'],
    peakParallel: 2,
  });
});

test('a call that was sent once for two, or not at all because its result was kept, is no work', () => {
  const plan = planWith([{}, { sameAs: 0 }, {}, { needs: [{ index: 1, when: 'ok' }] }]);
  const leader = ok({}, 100);
  const kept = { ...ok({}, 0), attempts: 0, cached: true as const };
  const outcomes = [leader, { ...leader, deduplicatedOf: 'c0' }, kept, ok({}, 50, 100)];
  expect(computeTiming({ plan, outcomes, caps })).toMatchObject({
    serialMs: 150,
    lowerBoundMs: 150,
    criticalPath: ['c0', 'c3'],
    peakParallel: 1,
  });
});

test('a skipped call did not wait for the slow one of the two that it needed', () => {
  const needs = [0, 1].map((index) => ({ index, when: 'ok' as const }));
  const plan = planWith([{}, {}, { needs }, { after: [2] }]);
  const fast = { ...ok({}, 10), status: 'tool_error' as const };
  const outcomes = [fast, ok({}, 500), skipped, ok({}, 20, 10)];
  expect(computeTiming({ plan, outcomes, caps }).lowerBoundMs).toBe(500);
});

/** A batch as it ran: who waits for whom, on which server, for how long, and how it ended. */
const drawn = fc.record({
  calls: fc.array(
    fc.record({
      ms: fc.integer({ min: 0, max: 99 }),
      server: fc.constantFrom('a', 'b', 'c'),
      isWrite: fc.boolean(),
      end: fc.constantFrom('ok', 'ok', 'ok', 'cached', 'skipped', 'elements'),
      elements: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 4 }),
      after: fc.array(fc.nat(20), { maxLength: 3 }),
      needs: fc.array(fc.nat(20), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  batchCap: fc.integer({ min: 1, max: 6 }),
  processCap: fc.integer({ min: 1, max: 6 }),
  serverCap: fc.integer({ min: 1, max: 4 }),
  writeCap: fc.integer({ min: 1, max: 4 }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** Runs a drawn batch as any list scheduler would: whatever has slots and nothing to wait for starts, in the order given. */
function runDrawn({ calls, batchCap, processCap, serverCap, writeCap }: Drawn): {
  plan: Plan;
  outcomes: Outcome[];
  limits: ParallelCaps;
} {
  const earlier = (list: readonly number[], index: number): number[] =>
    [...new Set(index === 0 ? [] : list.map((one) => one % index))].sort((x, y) => x - y);
  const plan = planWith(
    calls.map(({ server, isWrite, after, needs }, index) => ({
      server,
      class: isWrite ? 'write' : 'read',
      after: earlier(after, index),
      needs: earlier(needs, index).map((one) => ({ index: one, when: 'settled' as const })),
    })),
    batchCap,
  );
  const perServer = { maxParallel: serverCap, maxParallelWrites: writeCap };
  const servers = new Map(['a', 'b', 'c'].map((name) => [name, perServer]));
  const running: { server: string; isWrite: boolean; endMs: number }[] = [];
  const share = Math.min(serverCap, Math.ceil(processCap / 2));
  const hasSlot = (server: string, isWrite: boolean, now: number): boolean => {
    const active = running.filter(({ endMs }) => endMs > now);
    const own = active.filter((one) => one.server === server);
    return (
      active.length < Math.min(batchCap, processCap) &&
      own.length < share &&
      (!isWrite || own.filter((one) => one.isWrite).length < writeCap)
    );
  };
  const settledMs: number[] = [];
  const goneMs: number[] = [];
  const pieces = calls.map((_, index): (Outcome | undefined)[] =>
    calls[index]?.end === 'elements' ? (calls[index]?.elements ?? []).map(() => undefined) : [undefined],
  );
  for (let now = 0; calls.some((_, index) => goneMs[index] === undefined); now += 1) {
    // Twice, since what ends at once lets others start in the same millisecond.
    for (let pass = 0; pass <= calls.length; pass += 1) {
      calls.forEach(({ ms, server, isWrite, end, elements }, index) => {
        if (goneMs[index] !== undefined) return;
        const { after, needs } = callAt(plan, index);
        const isFree = after.every((one) => (goneMs[one] ?? Infinity) <= now);
        if (end === 'skipped') {
          // It is settled at once, and still keeps those apart that it stands between.
          settledMs[index] ??= now;
          if (isFree) goneMs[index] = now;
          return;
        }
        if (!isFree || !needs.every((one) => (settledMs[one.index] ?? Infinity) <= now)) return;
        const own = pieces[index]!;
        own.forEach((piece, number) => {
          if (piece !== undefined) return;
          const runMs = end === 'elements' ? (elements[number] ?? 0) : ms;
          if (end === 'cached') own[number] = { ...ok({}, 0, now), attempts: 0, cached: true };
          else if (hasSlot(server, isWrite, now)) {
            own[number] = ok({}, runMs, now);
            running.push({ server, isWrite, endMs: now + runMs });
          }
        });
        if (own.some((piece) => piece === undefined)) return;
        const endMs = own.reduce((latest, piece) => Math.max(latest, piece!.startedMs + piece!.runMs), now);
        settledMs[index] = endMs;
        goneMs[index] = endMs;
      });
    }
  }
  const outcomes = calls.map(({ end }, index): Outcome => {
    const own = pieces[index]!.map((piece) => piece ?? skipped);
    return end === 'elements' ? { ...ok({}), items: own } : own[0]!;
  });
  return { plan, outcomes, limits: { maxParallel: processCap, servers } };
}

test('no schedule under the same limits beats the bound, whatever waits, fails, is kept or runs per element', () => {
  fc.assert(
    fc.property(drawn, (batch) => {
      const { plan, outcomes, limits } = runDrawn(batch);
      const timing = computeTiming({ plan, outcomes, caps: limits });
      expect(timing.lowerBoundMs).toBeLessThanOrEqual(endOf(outcomes) + 1e-6);
    }),
    { numRuns: 200 },
  );
});

test('no schedule that keeps the order beats the bound', () => {
  const call = fc.constantFrom(read('a'), write('a'), read('b'), write('b'), issue);
  fc.assert(
    fc.property(fc.array(fc.tuple(call, fc.integer({ min: 1, max: 99 })), { minLength: 1, maxLength: 12 }), (given) => {
      const plan = planOf(
        given.map(([one]) => one),
        { settings: { maxParallel: 32 } },
      );
      const ends: number[] = [];
      const outcomes = given.map(([, ms], index) => {
        const entry = plan.entries[index];
        const after = entry?.kind === 'run' ? entry.call.after : [];
        const startedMs = after.reduce((latest, earlier) => Math.max(latest, ends[earlier] ?? 0), 0);
        ends.push(startedMs + ms);
        return ok({}, ms, startedMs);
      });
      const wide = { maxParallel: 32, servers: new Map() };
      const timing = computeTiming({ plan, outcomes, caps: wide });
      const msOf = new Map(given.map(([, ms], index) => [`c${index}`, ms]));
      expect(timing.criticalPath.reduce((sum, id) => sum + (msOf.get(id) ?? 0), 0)).toBe(endOf(outcomes));
      expect(timing.lowerBoundMs).toBeLessThanOrEqual(endOf(outcomes) + 1e-9);
    }),
  );
});
