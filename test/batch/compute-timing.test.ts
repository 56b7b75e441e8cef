import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeTiming } from '../../src/batch/compute-timing.ts';
import { ok, planOf } from './tiny-catalog.ts';

const caps = { maxParallel: 32, servers: new Map([['files', { maxParallel: 2 }]]) };
const read = (path: string) => ({ tool: 'files__read_text_file', arguments: { path } });
const write = (path: string) => ({ tool: 'files__write_file', arguments: { path, content: '' } });
const issue = { tool: 'github__get_issue', arguments: { number: 1 } };

test('a chain of two beside a short call takes at least as long as the chain', () => {
  const plan = planOf([write('a'), read('a'), issue]);
  const outcomes = [ok({}, 300, 0), ok({}, 200, 300), ok({}, 100, 0)];
  expect(computeTiming({ plan, outcomes, caps })).toEqual({
    wallMs: 500,
    serialMs: 600,
    lowerBoundMs: 500,
    criticalPath: ['c0', 'c1'],
    peakParallel: 2,
  });
});

test('where a server takes two at a time, its work is the bound', () => {
  const plan = planOf(['a', 'b', 'c', 'd', 'e', 'f'].map(read));
  const outcomes = plan.entries.map((_, index) => ok({}, 100, Math.floor(index / 2) * 100));
  expect(computeTiming({ plan, outcomes, caps })).toMatchObject({
    wallMs: 300,
    serialMs: 600,
    lowerBoundMs: 300,
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
    wallMs: 0,
    serialMs: 0,
    lowerBoundMs: 0,
    criticalPath: [],
    peakParallel: 0,
  });
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
      const wide = { maxParallel: 32, servers: new Map<string, { maxParallel: number }>() };
      const timing = computeTiming({ plan, outcomes, caps: wide });
      const msOf = new Map(given.map(([, ms], index) => [`c${index}`, ms]));
      expect(timing.criticalPath.reduce((sum, id) => sum + (msOf.get(id) ?? 0), 0)).toBe(timing.wallMs);
      expect(timing.lowerBoundMs).toBeLessThanOrEqual(timing.wallMs + 1e-9);
    }),
  );
});
