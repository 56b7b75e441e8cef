import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { BatchHandle } from '../../src/schedule/batch/batch-handle.ts';
import type { CallRecorder } from '../../src/schedule/call-recorder.ts';
import type { SchedulerLimits } from '../../src/schedule/scheduler.ts';
import { playReloads, reload } from './failures/reloads.ts';
import {
  expectAttempts,
  expectDependencies,
  expectHonestEffect,
  expectMerged,
  expectNoOverlap,
  expectNothingOnUnknown,
  expectPeak,
  expectProgramOrder,
  settleSlots,
} from './invariants.ts';
import { createStage, type Sketch, type Stage } from './stage.ts';

const keys = ['a', 'b', 'a/x', 'a/y', 'a/x/1', 'a/x/2', 'b/x', 'b/y/1'];
const answer = fc.constantFrom(
  'ok' as const,
  'ok' as const,
  'ok' as const,
  'isError' as const,
  'fails' as const,
  'never' as const,
  'rejects' as const,
  'lost' as const,
  'busy' as const,
  'away' as const,
);
/** What may be sent again mostly has reason to be. */
const repeated = fc.record(
  {
    mayRepeat: fc.record({ times: fc.integer({ min: 1, max: 3 }), afterTimeout: fc.boolean() }),
    tries: fc.array(fc.constantFrom('lost', 'busy', 'away', 'never'), { minLength: 1, maxLength: 2 }),
    retryAfterMs: fc.constantFrom(1, 30, 31_000),
  },
  { requiredKeys: ['mayRepeat', 'tries'] },
);
const plain = fc
  .tuple(
    fc.record(
      {
        key: fc.constantFrom(...keys),
        class: fc.constantFrom('read' as const, 'write' as const, 'destructive' as const),
        ms: fc.integer({ min: 0, max: 50 }),
        timeoutMs: fc.constantFrom(5, 20, 1_000),
        answer,
        ignoresUnknown: fc.constant(true as const),
      },
      { requiredKeys: ['class', 'ms', 'answer'] },
    ),
    fc.option(repeated, { nil: {}, freq: 2 }),
  )
  .map(([call, more]): Sketch => {
    const { ignoresUnknown, ...rest } = { ...call, ...more };
    // Rare, so that most writes are held to the rule.
    return ignoresUnknown === true && call.ms > 40 ? { ...rest, ignoresUnknown } : rest;
  });
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
/** Between its slots and its sending a call may wait to be recorded. */
const recordTimes = [undefined, 0, 7] as const;
const longestRecordMs = 7;
const scenario = fc.record({
  batches: fc.array(
    fc.record({
      calls: fc.array(sketch, { minLength: 1, maxLength: 40 }),
      maxParallel: fc.integer({ min: 1, max: 8 }),
      onError: fc.constantFrom('continue' as const, 'continue' as const, 'stop' as const),
      deadlineMs: fc.constantFrom(40, 300, 50_000),
      backgroundMs: fc.constantFrom(undefined, 0, 100, 600_000),
      cancelMs: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      calledOff: fc.array(fc.record({ id: fc.integer({ min: 0, max: 12 }), ms: fc.integer({ min: 0, max: 400 }) }), {
        maxLength: 4,
      }),
      toldMs: fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 3 }),
      recordMs: fc.constantFrom(...recordTimes),
      arriveMs: fc.integer({ min: 0, max: 60 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  passthrough: fc.array(fc.record({ sketch: plain, arriveMs: fc.integer({ min: 0, max: 100 }) }), { maxLength: 6 }),
  maxParallel: fc.integer({ min: 1, max: 12 }),
  capA: fc.integer({ min: 1, max: 6 }),
  jitter: fc.constantFrom(0, 0.1, 1),
  writesA: fc.integer({ min: 1, max: 6 }),
  bindsPassthrough: fc.boolean(),
  reloads: fc.oneof(fc.constant([]), fc.array(reload, { maxLength: 4 })),
});

/** Holds those who record to what they are promised; before it lets a write go, it takes that long. */
function createRecorder({ clock }: Stage, recordMs: number | undefined) {
  const open = new Map<string, number>();
  const heard = { unsettled: () => [...open.values()].filter((times) => times !== 0), late: new Set<string>() };
  const recorder: CallRecorder = {
    sending(call) {
      expect(open.has(call.id)).toBe(false);
      open.set(call.id, 1);
      return recordMs === undefined || call.class === 'read' ? undefined : clock.sleep(recordMs).then(() => undefined);
    },
    settled(call) {
      open.set(call.id, open.get(call.id)! - 1);
    },
    late(call) {
      expect(heard.late.has(call.id)).toBe(false);
      heard.late.add(call.id);
    },
  };
  return { recorder, heard };
}

interface Run {
  plan: Plan;
  handle: BatchHandle;
  heard: ReturnType<typeof createRecorder>['heard'];
  startMs: number;
  /** What was under way, or waited, when it was cancelled by its id. */
  calledOff: { id: string; ms: number }[];
  reply?: readonly Outcome[];
  replyMs?: number;
  ended?: readonly Outcome[];
  endedMs?: number;
}

test('[one-result] whatever fails, hangs, comes late, is cancelled or reloaded: order, no overlap, one outcome per call at its index, caps, nothing leaked', async () => {
  let calls = 0;
  const seen = {
    elements: 0,
    skipped: 0,
    cancelled: 0,
    merged: 0,
    turnedOut: 0,
    pending: 0,
    late: 0,
    repeated: 0,
    unknownBefore: 0,
    warned: 0,
    calledOff: 0,
    gone: 0,
    goneUnderWay: 0,
  };
  await fc.assert(
    fc.asyncProperty(scenario, async (drawn) => {
      const writesA = Math.min(drawn.writesA, drawn.capA);
      const { bindsPassthrough, maxParallel: processCap } = drawn;
      const servers = {
        a: { maxParallel: drawn.capA, maxParallelWrites: writesA, bindsPassthrough },
        b: { maxParallel: 8, maxParallelWrites: 8, bindsPassthrough },
      };
      const stage = createStage({ maxParallel: processCap, random: () => drawn.jitter, servers });
      const { clock, scheduler } = stage;
      const limits = { maxParallel: processCap, servers: new Map(Object.entries(servers)) };
      const history = playReloads(stage, limits, drawn.reloads);
      const runs: Run[] = [];
      for (const [number, batch] of drawn.batches.entries()) {
        calls += batch.calls.length;
        const controller = new AbortController();
        const { maxParallel, onError, deadlineMs, backgroundMs } = batch;
        clock.after(batch.arriveMs, () => {
          const name = `batch ${number}`;
          const plan = stage.plan(name, batch.calls, { maxParallel, onError, deadlineMs });
          const { recorder, heard } = createRecorder(stage, batch.recordMs);
          const handle = scheduler.startBatch(plan, {
            send: stage.send(name, batch.calls),
            prepare: stage.prepare(batch.calls),
            signal: controller.signal,
            recorder,
            ...(backgroundMs !== undefined && { backgroundMs: () => backgroundMs }),
          });
          const run: Run = { plan, handle, heard, startMs: clock.now(), calledOff: [] };
          runs[number] = run;
          void handle.reply.then((reply) => Object.assign(run, { reply, replyMs: clock.now() - run.startMs }));
          void handle.ended.then((ended) => Object.assign(run, { ended, endedMs: clock.now() - run.startMs }));
          if (batch.cancelMs !== undefined) clock.after(batch.cancelMs, () => controller.abort());
          for (const { id, ms } of batch.calledOff) {
            clock.after(ms, () => {
              const ids = [`c${id}`, `c${id}[0]`];
              const missing = handle.cancel(ids);
              for (const one of ids) if (!missing.includes(one)) run.calledOff.push({ id: one, ms: clock.now() });
              seen.calledOff += 2 - missing.length;
            });
          }
          for (const ms of batch.toldMs) clock.after(ms, () => handle.reported());
        });
      }
      let passthroughEnded = 0;
      for (const [number, { sketch: drawnSketch, arriveMs }] of drawn.passthrough.entries()) {
        // A passthrough call that never answers and has no timeout is its client's to cancel.
        const one = { ...drawnSketch, timeoutMs: drawnSketch.timeoutMs ?? 2_000 };
        clock.after(arriveMs, () => {
          void scheduler
            .runPassthrough(stage.call(one), { send: stage.send(`passthrough ${number}`, [one]) })
            .then(() => passthroughEnded++);
        });
      }
      await clock.runOut();

      expect(passthroughEnded).toBe(drawn.passthrough.length);
      for (const [number, batch] of drawn.batches.entries()) {
        const { plan, handle, heard, startMs, calledOff, reply, replyMs, ended: outcomes, endedMs } = runs[number]!;
        expect(outcomes).toHaveLength(batch.calls.length);
        expect(handle.outcomes()).toBe(outcomes);
        for (const outcome of outcomes!) expect(outcome.status).not.toBe('pending');
        expect(replyMs).toBeLessThanOrEqual(batch.deadlineMs);
        expect(endedMs).toBeLessThanOrEqual(batch.deadlineMs + (batch.backgroundMs ?? 0));
        for (const [index, outcome] of reply!.entries()) {
          if (outcome.status === 'pending') seen.pending++;
          else expect(outcome).toBe(outcomes![index]);
        }
        expect(heard.unsettled()).toEqual([]);
        expect(handle.late().map(({ id }) => id)).toEqual([...heard.late]);
        const sent = stage.executions.filter((execution) => execution.batch === `batch ${number}`);
        const outcomeOf = ([index, element]: readonly [number, number]): Outcome =>
          outcomes![index]!.items?.[element] ?? outcomes![index]!;
        settleSlots(sent, ({ place }) => startMs + outcomeOf(place).startedMs + outcomeOf(place).runMs);
        for (const [index, planned] of outcomes!.entries()) {
          const { turnsOut } = batch.calls[index]!;
          const items = planned.items ?? [planned];
          for (const [element, outcome] of items.entries()) {
            const isElement = planned.items !== undefined && Array.isArray(turnsOut);
            const sketched = isElement ? turnsOut[element]! : batch.calls[index]!;
            const own = sent.filter(({ place }) => place[0] === index && place[1] === element);
            expectHonestEffect(outcome, sketched);
            expectAttempts(outcome, { sent: own, sketch: sketched });
            seen.unknownBefore += outcome.error?.code === 'predecessor_unknown' ? 1 : 0;
            seen.repeated += outcome.attempts > 1 ? 1 : 0;
            seen.warned += outcome.warning === undefined ? 0 : 1;
            seen.gone += outcome.error?.code === 'unknown_tool' ? 1 : 0;
          }
          calls += planned.items?.length ?? 0;
          seen.elements += planned.items?.length ?? 0;
          seen.skipped += planned.error?.code === 'dependency_failed' ? 1 : 0;
          seen.cancelled += planned.status === 'cancelled' ? 1 : 0;
          seen.merged += planned.deduplicatedOf === undefined ? 0 : 1;
          seen.turnedOut += turnsOut !== undefined && planned.attempts > 0 ? 1 : 0;
        }
        const late = new Map(handle.late().map((end) => [end.id, end]));
        for (const { id, applied } of late.values()) {
          const last = sent.filter(({ call }) => call.id === id);
          expect(outcomeOf(last[0]!.place)).toMatchObject({ applied: 'unknown' });
          if (applied === 'no') expect(last.every(({ answered }) => answered === 'away')).toBe(true);
          if (applied === 'yes') expect(last.some(({ answered }) => answered === 'ok')).toBe(true);
          seen.late++;
        }
        const unlearnt = ({ id }: { id: string }): boolean => {
          const own = sent.filter(({ call }) => call.id === id);
          const wasAnswered = own.every(({ answered = 'never' }) => !['never', 'lost', 'rejects'].includes(answered));
          return outcomeOf(own[0]!.place).applied === 'unknown' && !wasAnswered && !late.has(id);
        };
        for (const { call, place, answered } of sent) {
          if (call.class === 'read' || answered !== 'ok' || outcomeOf(place).applied === 'yes') continue;
          expect(late.get(call.id)).toMatchObject({ applied: 'yes' });
        }
        for (const { id, ms } of calledOff) {
          const later = sent.filter(({ call, startMs: atMs }) => `${call.id}[`.startsWith(`${id}[`) && atMs > ms);
          expect(later, `${id} was sent after it was cancelled`).toEqual([]);
        }
        expectNothingOnUnknown({ plan, sent, all: stage.executions, unlearnt });
        expectDependencies(plan, outcomes!, sent);
        expectMerged(outcomes!, sent);
        expectProgramOrder(sent);
        expectPeak(sent, () => batch.maxParallel);
      }
      expectNoOverlap(stage.executions);
      const batched = stage.executions.filter(({ batch }) => batch.startsWith('batch'));
      const mostAt =
        (limit: (limits: SchedulerLimits) => number | undefined) =>
        (ms: number): number =>
          history.most(limit, ms - longestRecordMs, ms);
      expectPeak(
        batched,
        mostAt(({ maxParallel }) => maxParallel),
      );
      for (const name of ['a', 'b']) {
        const own = batched.filter(({ call }) => call.server === name);
        const writes = own.filter(({ call }) => call.class !== 'read');
        expectPeak(
          own,
          mostAt((of) => of.servers.get(name)?.maxParallel),
        );
        expectPeak(
          writes,
          mostAt((of) => of.servers.get(name)?.maxParallelWrites),
        );
      }
      for (const { call, startMs } of stage.executions) {
        expect(mostAt((of) => of.servers.get(call.server)?.maxParallel)(startMs)).toBeGreaterThan(0);
      }
      seen.goneUnderWay += history.goneUnderWay.size;
      expect(scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
      expect(clock.timers()).toBe(0);
    }),
    { numRuns: 2_000 },
  );
  expect(calls).toBeGreaterThanOrEqual(10_000);
  // Nothing of it was drawn too seldom to be proven.
  expect(Object.entries(seen).filter(([, count]) => count < 300)).toEqual([]);
}, 240_000);
