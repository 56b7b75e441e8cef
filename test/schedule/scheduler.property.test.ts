import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import { unmetDependency, type Plan } from '../../src/core/plan.ts';
import { createStage, locksConflict, type Execution, type Sketch } from './stage.ts';

const keys = ['a', 'b', 'a/x', 'a/y', 'a/x/1', 'a/x/2', 'b/x', 'b/y/1'];
const plain = fc.record(
  {
    key: fc.constantFrom(...keys),
    class: fc.constantFrom('read' as const, 'write' as const, 'destructive' as const),
    ms: fc.integer({ min: 0, max: 50 }),
    timeoutMs: fc.constantFrom(5, 20, 1_000),
    answer: fc.constantFrom(
      'ok' as const,
      'ok' as const,
      'ok' as const,
      'isError' as const,
      'fails' as const,
      'never' as const,
      'rejects' as const,
    ),
  },
  { requiredKeys: ['class', 'ms', 'answer'] },
) satisfies fc.Arbitrary<Sketch>;
const need = fc.record({
  back: fc.integer({ min: 1, max: 12 }),
  when: fc.constantFrom('ok' as const, 'ok' as const, 'settled' as const, 'error' as const),
});
/** Half of the calls as before; the others depend on earlier ones, do not know yet what they are, or may be the same as another. */
const sketch: fc.Arbitrary<Sketch> = fc.oneof(
  plain,
  fc
    .tuple(
      plain,
      fc.record(
        {
          needs: fc.array(need, { maxLength: 3 }),
          turnsOut: fc.oneof(
            fc.constant('known' as const),
            fc.constant('invalid' as const),
            fc.array(plain, { maxLength: 6 }),
          ),
        },
        { requiredKeys: ['needs'] },
      ),
    )
    .map(([call, more]): Sketch => ({ ...call, ...more })),
  fc
    .record({ key: fc.constantFrom('a/x/1', 'b/x'), needs: fc.array(need, { maxLength: 1 }) })
    .map((call): Sketch => ({ ...call, class: 'read', answer: 'ok', merges: true, ms: 10 })),
);
const scenario = fc.record({
  batches: fc.array(
    fc.record({
      calls: fc.array(sketch, { minLength: 1, maxLength: 40 }),
      maxParallel: fc.integer({ min: 1, max: 8 }),
      onError: fc.constantFrom('continue' as const, 'continue' as const, 'stop' as const),
      deadlineMs: fc.constantFrom(40, 300, 50_000),
      cancelMs: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      arriveMs: fc.integer({ min: 0, max: 60 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  passthrough: fc.array(fc.record({ sketch: plain, arriveMs: fc.integer({ min: 0, max: 100 }) }), { maxLength: 6 }),
  maxParallel: fc.integer({ min: 1, max: 12 }),
  capA: fc.integer({ min: 1, max: 6 }),
  writesA: fc.integer({ min: 1, max: 6 }),
});

test('[one-result] whatever fails, hangs or is cancelled: order, no overlap, one outcome per call at its index, caps, nothing leaked', async () => {
  let calls = 0;
  const seen = { elements: 0, skipped: 0, cancelled: 0, merged: 0, turnedOut: 0 };
  await fc.assert(
    fc.asyncProperty(scenario, async (drawn) => {
      const writesA = Math.min(drawn.writesA, drawn.capA);
      const stage = createStage({
        maxParallel: drawn.maxParallel,
        servers: { a: { maxParallel: drawn.capA, maxParallelWrites: writesA }, b: { maxParallel: 8 } },
      });
      const { clock, scheduler } = stage;
      const replies: { plan?: Plan; outcomes?: readonly Outcome[]; tookMs?: number }[] = [];
      for (const [number, batch] of drawn.batches.entries()) {
        calls += batch.calls.length;
        const reply: (typeof replies)[number] = {};
        replies.push(reply);
        const controller = new AbortController();
        clock.after(batch.arriveMs, () => {
          const startMs = clock.now();
          const name = `batch ${number}`;
          const plan = stage.plan(name, batch.calls, {
            maxParallel: batch.maxParallel,
            onError: batch.onError,
            deadlineMs: batch.deadlineMs,
          });
          reply.plan = plan;
          void scheduler
            .startBatch(plan, {
              send: stage.send(name, batch.calls),
              prepare: stage.prepare(batch.calls),
              signal: controller.signal,
              onSettled: (index) => stage.settled(name, index),
            })
            .reply.then((outcomes) => {
              for (const execution of stage.executions) {
                if (execution.batch !== name) continue;
                const [index, element] = execution.place;
                const { startedMs, runMs } = outcomes[index]!.items?.[element] ?? outcomes[index]!;
                execution.settledMs = startMs + startedMs + runMs;
              }
              reply.outcomes = outcomes;
              reply.tookMs = clock.now() - startMs;
            });
          if (batch.cancelMs !== undefined) clock.after(batch.cancelMs, () => controller.abort());
        });
      }
      let passthroughEnded = 0;
      for (const [number, { sketch: drawnSketch, arriveMs }] of drawn.passthrough.entries()) {
        // A passthrough call that never answers and has no timeout is its client's to cancel.
        const one = drawnSketch.answer === 'never' ? { ...drawnSketch, timeoutMs: 20 } : drawnSketch;
        clock.after(arriveMs, () => {
          void scheduler
            .runPassthrough(stage.call(one), { send: stage.send(`passthrough ${number}`, [one]) })
            .then(() => passthroughEnded++);
        });
      }
      await clock.runOut();

      expect(passthroughEnded).toBe(drawn.passthrough.length);
      for (const [number, batch] of drawn.batches.entries()) {
        const { outcomes, tookMs } = replies[number]!;
        expect(outcomes).toHaveLength(batch.calls.length);
        for (const outcome of outcomes!) expect(outcome.status).not.toBe('pending');
        expect(tookMs).toBeLessThanOrEqual(batch.deadlineMs);
        const sent = stage.executions.filter((execution) => execution.batch === `batch ${number}`);
        expect(new Set(sent.map(({ call }) => call.id)).size).toBe(sent.length);
        for (const [index, outcome] of outcomes!.entries()) {
          expect(outcome.attempts).toBe(sent.filter(({ place }) => place[0] === index).length);
          const { turnsOut } = batch.calls[index]!;
          if (outcome.items === undefined) expectHonestEffect(outcome, batch.calls[index]!);
          else
            for (const [element, item] of outcome.items.entries())
              expectHonestEffect(item, Array.isArray(turnsOut) ? turnsOut[element]! : batch.calls[index]!);
          calls += outcome.items?.length ?? 0;
          seen.elements += outcome.items?.length ?? 0;
          seen.skipped += outcome.error?.code === 'dependency_failed' ? 1 : 0;
          seen.cancelled += outcome.status === 'cancelled' ? 1 : 0;
          seen.merged += outcome.deduplicatedOf === undefined ? 0 : 1;
          seen.turnedOut += turnsOut !== undefined && outcome.attempts > 0 ? 1 : 0;
        }
        expectDependencies(replies[number]!.plan!, outcomes!, sent);
        expectMerged(outcomes!, sent);
        expectProgramOrder(sent);
        expectPeak(sent, batch.maxParallel);
      }
      expectNoOverlap(stage.executions);
      const batched = stage.executions.filter(({ batch }) => batch.startsWith('batch'));
      expectPeak(batched, drawn.maxParallel);
      expectPeak(
        batched.filter(({ call }) => call.server === 'a'),
        drawn.capA,
      );
      expectPeak(
        batched.filter(({ call }) => call.server === 'a' && call.class !== 'read'),
        writesA,
      );
      expect(scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
      expect(clock.timers()).toBe(0);
    }),
    { numRuns: 1500 },
  );
  expect(calls).toBeGreaterThanOrEqual(10_000);
  // Nothing of it was drawn too seldom to be proven.
  expect(Object.entries(seen).filter(([, count]) => count < 300)).toEqual([]);
}, 120_000);

function expectProgramOrder(sent: readonly Execution[]): void {
  for (const earlier of sent) {
    for (const later of sent) {
      const [index, element] = earlier.place;
      const [laterIndex, laterElement] = later.place;
      const isEarlier = index < laterIndex || (index === laterIndex && element < laterElement);
      if (isEarlier && locksConflict(earlier.call, later.call)) {
        expect(later.startMs).toBeGreaterThanOrEqual(earlier.endMs);
      }
    }
  }
}

/** Nothing runs before what it depends on has ended as it asked for, and what is skipped names a call that did not. */
function expectDependencies(plan: Plan, outcomes: readonly Outcome[], sent: readonly Execution[]): void {
  const endOf = (index: number): number => outcomes[index]!.startedMs + outcomes[index]!.runMs;
  for (const entry of plan.entries) {
    if (entry.kind !== 'run') continue;
    const { id, index, needs } = entry.call;
    const outcome = outcomes[index]!;
    const unmet = needs.flatMap(
      (need) => unmetDependency(need.when, { id: `c${need.index}`, status: outcomes[need.index]!.status }) ?? [],
    );
    const starts = sent.filter(({ place }) => place[0] === index);
    if (unmet.length > 0) expect(starts, `${id} was sent although ${unmet[0]?.message}`).toEqual([]);
    for (const need of needs)
      if (starts.length > 0) expect(outcome.startedMs).toBeGreaterThanOrEqual(endOf(need.index));
    if (outcome.error?.code === 'dependency_failed') expect(unmet.map(({ by }) => by)).toContain(outcome.error.by);
  }
}

/** An identical read has the very result of the one that was sent, and no conflicting write ended between their places. */
function expectMerged(outcomes: readonly Outcome[], sent: readonly Execution[]): void {
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.deduplicatedOf === undefined) continue;
    const first = Number(outcome.deduplicatedOf.slice(1));
    expect(first).toBeLessThan(index);
    expect({ ...outcome, attempts: 1, deduplicatedOf: undefined }).toEqual({
      ...outcomes[first],
      deduplicatedOf: undefined,
    });
    const read = sent.find(({ place }) => place[0] === first)!;
    const between = sent.filter(
      ({ place, call }) => place[0] > first && place[0] < index && locksConflict(call, read.call),
    );
    expect(between).toEqual([]);
  }
}

function expectNoOverlap(executions: readonly Execution[]): void {
  for (const [position, one] of executions.entries()) {
    for (const other of executions.slice(position + 1)) {
      if (locksConflict(one.call, other.call))
        expect(other.startMs >= one.endMs || one.startMs >= other.endMs).toBe(true);
    }
  }
}

/** A call counts until its outcome is known, even where its upstream goes on. */
function expectPeak(executions: readonly Execution[], cap: number): void {
  for (const { startMs } of executions) {
    const running = executions.filter((execution) => execution.startMs <= startMs && execution.settledMs > startMs);
    expect(running.length).toBeLessThanOrEqual(cap);
  }
}

function expectHonestEffect(outcome: Outcome, sketched: Sketch): void {
  if (sketched.class === 'read' || outcome.attempts === 0) expect(outcome.applied).toBe('no');
  else expect(outcome.applied).toBe(outcome.status === 'ok' ? 'yes' : 'unknown');
}
