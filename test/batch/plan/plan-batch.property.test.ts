import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import { createPrepare } from '../../../src/batch/plan/create-prepare.ts';
import { planBatch } from '../../../src/batch/plan/plan-batch.ts';
import { modesConflict } from '../../../src/core/lock.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { PlanEntry, PlannedCall } from '../../../src/core/plan.ts';
import { catalog, ok, requestOf, servers, text } from '../tiny-catalog.ts';

// How many calls back the one is that is meant: `back0` is the call itself, and nearly all that are sent name another.
const back = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('back1', 'back2', 'back3') },
  { weight: 1, arbitrary: fc.constantFrom('back0', 'nobody') },
);
const pointer = fc.constantFrom('', '', '/path', '/0', '/*/path');
const reference = fc.record(
  { $result: back, path: pointer, default: fc.constantFrom('a', ['a', 'b']) },
  { requiredKeys: ['$result'] },
);
const isElement = fc.record({ $item: fc.constantFrom('', '', '/path') });
const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<unknown>('a', 'b') },
  { weight: 2, arbitrary: reference },
  {
    weight: 1,
    arbitrary: fc.record({ $concat: fc.array(fc.oneof(fc.constantFrom('a', '/'), reference), { maxLength: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ $literal: fc.constantFrom<unknown>('a', { $result: 'c0' }) }) },
);
const toolAndArguments = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ tool: fc.constant('files__read_text_file'), arguments: fc.record({ path: value }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      tool: fc.constant('files__write_file'),
      arguments: fc.record({ path: value, content: value }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ tool: fc.constant('files__get_time'), arguments: fc.constant({}) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      tool: fc.constant('github__label_write'),
      arguments: fc.record({ method: fc.oneof(fc.constant('create'), reference) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ tool: fc.constantFrom('nope', 'files__write_file'), arguments: fc.constant({}) }),
  },
);
const need = fc.oneof(back, fc.record({ id: back, when: fc.constantFrom('ok', 'settled', 'error') }));
const forEachCall = fc.record({
  tool: fc.constantFrom('files__read_text_file', 'files__read_text_file', 'files__write_file'),
  arguments: fc.record({ path: fc.oneof(isElement, value), content: value }),
  forEach: reference,
});
const call = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        toolAndArguments,
        fc.record({ dependsOn: fc.array(need, { maxLength: 1 }), timeoutMs: fc.constant(5) }, { requiredKeys: [] }),
      )
      .map(([own, more]): object => ({ ...own, ...more })),
  },
  {
    weight: 1,
    arbitrary: forEachCall.map(({ arguments: { path, content }, ...own }): object => ({
      ...own,
      arguments: own.tool === 'files__write_file' ? { path, content } : { path },
    })),
  },
);
const batch = fc
  .record({
    calls: fc.array(call, { minLength: 1, maxLength: 9 }),
    parallel: fc.constantFrom('prefer', 'prefer', 'avoid'),
    onError: fc.constantFrom('continue', 'continue', 'stop'),
  })
  .map(({ calls, ...more }) => ({
    ...more,
    calls: calls.map((one, index): unknown =>
      JSON.parse(
        JSON.stringify(one).replaceAll(/"back(\d)"/g, (_, steps) => `"c${Math.max(0, index - Number(steps))}"`),
      ),
    ),
  }));

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc
    .constantFrom('a plain text', '["a","b","a"]', '{"path":"a"}', '[{"path":"a"},{"path":"b"}]')
    .map((one) => ok(text(one))),
  fc.constant({ ...ok({}), status: 'timeout' as const }),
  fc.constant({ ...ok({}), items: [ok(text('a')), ok(text('b'))] }),
);

// Once: what is compiled is the same for every run, and compiling is most of the work.
const validate = createArgumentValidator();
const runOf = (entry: PlanEntry | undefined): PlannedCall | undefined =>
  entry?.kind === 'run' ? entry.call : undefined;

function conflict(a: PlannedCall, b: PlannedCall): boolean {
  return a.locks.some((one) => b.locks.some((other) => one.node === other.node && modesConflict(one.mode, other.mode)));
}

/** Who is sent in a call's stead, found by looking at every pair. */
function leaderOf(index: number, entries: readonly PlanEntry[]): number | undefined {
  const own = runOf(entries[index])!;
  if (own.class !== 'read' || own.isOpen || own.locks.length === 0) return undefined;
  const found = entries.slice(0, index).findIndex((entry, first) => {
    const other = runOf(entry);
    if (other === undefined || other.isOpen || other.exposedName !== own.exposedName) return false;
    const isSame = (['arguments', 'timeoutMs', 'needs'] as const).every((field) =>
      isDeepStrictEqual(other[field], own[field]),
    );
    const between = entries.slice(first + 1, index).flatMap((one) => runOf(one) ?? []);
    return isSame && !between.some((one) => conflict(one, own));
  });
  return found === -1 ? undefined : found;
}

test('whatever is in a batch: one entry at each index, waiting for earlier ones only; no read is joined across a write', () => {
  const seen = { same: 0, open: 0, each: 0, skipped: 0, filled: 0 };
  fc.assert(
    fc.property(batch, fc.array(outcome, { minLength: 9, maxLength: 9 }), (input, outcomes) => {
      const bag = { request: requestOf(input), catalog, servers, validate, readOnly: false };
      const planned = planBatch({ ...bag, batchId: 'b' });
      if (!planned.ok) throw new Error(planned.error.message);
      const { entries } = planned.plan;
      expect(entries.map((entry) => (entry.kind === 'run' ? entry.call.index : entry.index))).toEqual(
        input.calls.map((_, index) => index),
      );
      const prepare = createPrepare({ ...bag, entries });
      entries.forEach((entry, index) => {
        if (entry.kind === 'settled') {
          if (entry.outcome.error?.code === 'dependency_failed') seen.skipped += 1;
          return;
        }
        const { after, needs, sameAs, isOpen } = entry.call;
        for (const earlier of [...after, ...needs.map((need) => need.index)]) expect(earlier).toBeLessThan(index);
        for (const earlier of after) expect(entries[earlier]?.kind).toBe('run');
        expect(new Set(needs.map((need) => need.index)).size).toBe(needs.length);
        expect(sameAs).toBe(leaderOf(index, entries));
        if (sameAs !== undefined) seen.same += 1;
        if (isOpen !== true) return;
        seen.open += 1;
        const prepared = prepare(entry.call, outcomes);
        if (prepared.kind === 'run') {
          seen.filled += 1;
          expect(prepared.call).toMatchObject({ index, after, needs });
        }
        if (prepared.kind !== 'each') return;
        if (prepared.entries.length > 0) seen.each += 1;
        prepared.entries.forEach((element, number) => {
          const own = element.kind === 'run' ? element.call : element;
          expect(own).toMatchObject({ index: number, id: `${entry.call.id}[${number}]` });
          if (element.kind === 'run') expect(element.call.sameAs).toBe(leaderOf(number, prepared.entries));
        });
      });
    }),
    { numRuns: 1_000 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
});
