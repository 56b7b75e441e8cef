import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import { createStage, locksConflict, type Execution, type Sketch } from './stage.ts';

const keys = ['a', 'b', 'a/x', 'a/y', 'a/x/1', 'a/x/2', 'b/x', 'b/y/1'];
const sketch: fc.Arbitrary<Sketch> = fc.record(
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
  passthrough: fc.array(fc.record({ sketch, arriveMs: fc.integer({ min: 0, max: 100 }) }), { maxLength: 6 }),
  maxParallel: fc.integer({ min: 1, max: 12 }),
  capA: fc.integer({ min: 1, max: 6 }),
  writesA: fc.integer({ min: 1, max: 6 }),
});

test('[one-result] whatever fails, hangs or is cancelled: order, no overlap, one outcome per call at its index, caps, nothing leaked', async () => {
  let calls = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async (drawn) => {
      const writesA = Math.min(drawn.writesA, drawn.capA);
      const stage = createStage({
        maxParallel: drawn.maxParallel,
        servers: { a: { maxParallel: drawn.capA, maxParallelWrites: writesA }, b: { maxParallel: 8 } },
      });
      const { clock, scheduler } = stage;
      const replies: { outcomes?: Outcome[]; tookMs?: number }[] = [];
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
          void scheduler
            .runBatch(plan, {
              send: stage.send(name, batch.calls),
              signal: controller.signal,
              onSettled: (index) => stage.settled(name, index),
            })
            .then((outcomes) => {
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
        expect(new Set(sent.map(({ call }) => call.index)).size).toBe(sent.length);
        for (const [index, outcome] of outcomes!.entries()) {
          expect(outcome.attempts).toBe(sent.some(({ call }) => call.index === index) ? 1 : 0);
          expectHonestEffect(outcome, batch.calls[index]!);
        }
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
}, 120_000);

function expectProgramOrder(sent: readonly Execution[]): void {
  for (const earlier of sent) {
    for (const later of sent) {
      if (earlier.call.index < later.call.index && locksConflict(earlier.call, later.call)) {
        expect(later.startMs).toBeGreaterThanOrEqual(earlier.endMs);
      }
    }
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
