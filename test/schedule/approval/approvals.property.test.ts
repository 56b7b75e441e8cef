import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Approval, Approver } from '../../../src/core/approval.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Plan, PlannedCall } from '../../../src/core/plan.ts';
import { expectDependencies, expectMerged, expectNoOverlap, expectProgramOrder } from '../invariants.ts';
import { createStage, type Sketch, type Stage } from '../stage.ts';
import { nothing, type Started } from '../start.ts';
import { declined } from './person.ts';

const longestGatherMs = 10_000;
const plain = fc.record({
  key: fc.constantFrom('a', 'a/x', 'a/y', 'a/x/1', 'b/x', 'b/y'),
  class: fc.constantFrom('read' as const, 'write' as const),
  ms: fc.constantFrom(0, 5, 40, 4_000, 30_000),
  answer: fc.constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'isError' as const),
  asks: fc.boolean(),
});
const need = fc.record({
  back: fc.integer({ min: 1, max: 6 }),
  when: fc.constantFrom('ok' as const, 'ok' as const, 'settled' as const, 'error' as const),
});
const sketch: fc.Arbitrary<Sketch> = fc.oneof(
  plain,
  fc
    .tuple(
      plain,
      fc.record(
        {
          needs: fc.array(need, { maxLength: 2 }),
          turnsOut: fc.oneof(
            fc.constant('known' as const),
            fc.constant('known' as const),
            fc.constant('invalid' as const),
            fc.array(plain, { maxLength: 4 }),
          ),
        },
        { requiredKeys: ['needs'] },
      ),
    )
    .map(([call, more]): Sketch => ({ ...call, ...more })),
  fc
    .record({ key: fc.constantFrom('a/x/1', 'b/x'), asks: fc.boolean() })
    .map((call): Sketch => ({ ...call, class: 'read', merges: true, ms: 10 })),
);
/** What somebody does with one question: after how long, call by call or at once, to which of its calls yes; or breaks it. */
const manner = fc.record({
  afterMs: fc.constantFrom(0, 1, 30, 3_000, 20_000, 500_000),
  yes: fc.array(fc.constantFrom(true, true, true, false), { minLength: 1, maxLength: 6 }),
  isEarly: fc.boolean(),
  breaks: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 'rejects' as const, 'short' as const),
});
const scenario = fc.record({
  batches: fc.array(
    fc.record({
      calls: fc.array(sketch, { minLength: 1, maxLength: 20 }),
      maxParallel: fc.integer({ min: 1, max: 8 }),
      onError: fc.constantFrom('continue' as const, 'continue' as const, 'stop' as const),
      deadlineMs: fc.constantFrom(20, 5_000, 50_000),
      backgroundMs: fc.constantFrom(undefined, 100, 600_000),
      cancelMs: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined, freq: 5 }),
      calledOff: fc.array(fc.record({ id: fc.integer({ min: 0, max: 8 }), ms: fc.integer({ min: 0, max: 20_000 }) }), {
        maxLength: 3,
      }),
      manners: fc.array(manner, { minLength: 1, maxLength: 5 }),
      /** Every so manieth yes does not hold when it is looked at. */
      forgetsEvery: fc.constantFrom(2, 5, 1_000),
      hasNobody: fc.constantFrom(false, false, false, false, true),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
type Manner = typeof manner extends fc.Arbitrary<infer T> ? T : never;

/** A question as the crowd has it, and which of its calls have been answered so far. */
interface Round {
  ids: string[];
  atMs: number;
  unanswered: Set<string>;
  isWithdrawn: boolean;
}

/** Answers as drawn, and holds who asks to what is promised. */
function createCrowd({ clock }: Stage, { manners, forgetsEvery }: { manners: Manner[]; forgetsEvery: number }) {
  const rounds: Round[] = [];
  const good = new Set<string>();
  const used = new Map<string, number>();
  const seen = { refused: new Set<string>(), forgotten: 0, early: 0, broken: 0 };
  /** Who asks is not to mind what is thrown here: it is told at the end. */
  const faults: string[] = [];
  const insist = (isAsPromised: boolean, fault: string): void => {
    if (!isAsPromised) faults.push(fault);
  };
  let looks = 0;

  const answerWith = (round: Round, { id }: PlannedCall, isYes: boolean): Approval => {
    if (round.unanswered.delete(id) && !isYes) seen.refused.add(id);
    if (isYes) good.add(id);
    return isYes ? { ok: true } : declined;
  };
  const approver: Approver = {
    ask(calls, signal, answered) {
      const how = manners[rounds.length % manners.length]!;
      const ids = calls.map(({ id }) => id);
      const round: Round = { ids, atMs: clock.now(), unanswered: new Set(ids), isWithdrawn: false };
      insist(ids.length > 0, 'asked about nothing');
      insist(!signal.aborted, `${ids.join(' ')}: withdrawn before it was asked`);
      for (const { id, approval, isOpen, sameAs } of calls) {
        insist(
          approval !== undefined && isOpen === undefined && sameAs === undefined,
          `${id} is not to be asked about`,
        );
        const isOpenTwice = rounds.some((one) => one.unanswered.has(id) && !one.isWithdrawn);
        insist(!isOpenTwice, `${id} is in two open questions`);
        insist(!used.has(id), `${id} is asked about though it was admitted`);
      }
      rounds.push(round);
      return new Promise((resolve, reject) => {
        const isYes = (place: number): boolean => how.yes[place % how.yes.length]!;
        const finish = (): void => {
          if (how.breaks !== undefined) {
            seen.broken++;
            round.unanswered.clear();
            return how.breaks === 'rejects'
              ? reject(new Error('a bug'))
              : resolve([{ ok: true }, ...calls.map(() => ({ ok: true as const }))]);
          }
          resolve(calls.map((call, place) => answerWith(round, call, isYes(place))));
        };
        let clear = clock.after(how.afterMs, () => {
          if (!how.isEarly || how.breaks !== undefined) return finish();
          for (const [place, call] of calls.entries()) {
            if (place % 2 === 1 || round.isWithdrawn) continue;
            seen.early++;
            answered?.(call, answerWith(round, call, isYes(place)));
          }
          if (!round.isWithdrawn) clear = clock.after(how.afterMs, finish);
        });
        signal.addEventListener('abort', () => {
          round.isWithdrawn = true;
          clear();
        });
      });
    },
    holds({ id }) {
      insist(!used.has(id), `${id} is admitted twice`);
      insist(good.delete(id), `${id} goes without a yes`);
      if (++looks % forgetsEvery === 0) {
        seen.forgotten++;
        return false;
      }
      used.set(id, clock.now());
      return true;
    },
  };
  return { approver, rounds, used, seen, faults };
}

interface Run {
  plan: Plan;
  started: Started;
  startMs: number;
  crowd: ReturnType<typeof createCrowd>;
  /** When each call that needs approval was prepared. */
  preparedMs: Map<string, number>;
}

/** An outcome by the id of its call, or of its element. */
function outcomeIn(outcomes: readonly Outcome[], id: string): Outcome | undefined {
  const [index = 0, element] = id.match(/\d+/g)!.map(Number);
  return element === undefined ? outcomes[index] : outcomes[index]?.items?.[element];
}

/** The questions that are open although every call of theirs has ended. */
function forgottenQuestions({ started, crowd }: Run): string[] {
  const outcomes = started.handle.outcomes();
  const isPending = (id: string): boolean => (outcomeIn(outcomes, id)?.status ?? 'pending') === 'pending';
  return crowd.rounds.flatMap(({ unanswered, isWithdrawn, ids }) =>
    isWithdrawn || unanswered.size === 0 || [...unanswered].some(isPending) ? [] : ids.join(' '),
  );
}

/** What the plan knows is asked about at once; what becomes known later at most ten seconds after that, unless it has ended by then. */
function expectAskedInTime({ plan, started, crowd, startMs, preparedMs }: Run): void {
  const known = plan.entries.flatMap((entry) =>
    entry.kind === 'run' && entry.call.approval !== undefined && entry.call.sameAs === undefined ? entry.call.id : [],
  );
  if (known.length > 0) expect(crowd.rounds[0]).toMatchObject({ atMs: startMs, ids: known });
  for (const [id, atMs] of preparedMs) {
    const asked = crowd.rounds.find(({ ids }) => ids.includes(id));
    const { startedMs, attempts, status } = outcomeIn(started.ended!, id)!;
    if (asked !== undefined) expect(asked.atMs - atMs).toBeLessThanOrEqual(longestGatherMs);
    else
      expect({ attempts, isInTime: startMs + startedMs - atMs <= longestGatherMs, status }).toMatchObject({
        attempts: 0,
        isInTime: true,
      });
  }
}

test('whatever is declined, late, withdrawn, cancelled or broken: nothing is sent without a yes, one outcome per call, in order, no question left open', async () => {
  const seen = {
    rounds: 0,
    together: 0,
    later: 0,
    refused: 0,
    forgotten: 0,
    early: 0,
    broken: 0,
    withdrawn: 0,
    sent: 0,
    elements: 0,
    nobody: 0,
    pending: 0,
    ranLater: 0,
  };
  await fc.assert(
    fc.asyncProperty(scenario, async (drawn) => {
      const stage = createStage();
      const { clock, scheduler, executions } = stage;
      const runs: Run[] = [];
      for (const [number, batch] of drawn.batches.entries()) {
        const { calls, maxParallel, onError, deadlineMs, backgroundMs, cancelMs, calledOff, hasNobody } = batch;
        const name = `batch ${number}`;
        const crowd = createCrowd(stage, batch);
        const preparedMs = new Map<string, number>();
        const prepare = stage.prepare(calls);
        const plan = stage.plan(name, calls, { maxParallel, onError, deadlineMs });
        const startMs = clock.now();
        const handle = scheduler.startBatch(plan, {
          send: stage.send(name, calls),
          prepare(call, outcomes) {
            const prepared = prepare(call, outcomes);
            for (const entry of prepared.kind === 'each' ? prepared.entries : [prepared]) {
              const isAsked =
                entry.kind === 'run' && entry.call.approval !== undefined && entry.call.sameAs === undefined;
              if (isAsked) preparedMs.set(entry.call.id, clock.now());
            }
            return prepared;
          },
          ...(!hasNobody && { approver: crowd.approver }),
          ...(backgroundMs !== undefined && { backgroundMs: () => backgroundMs }),
        });
        const started: Started = { handle };
        const run: Run = { plan, started, startMs, crowd, preparedMs };
        runs.push(run);
        handle.onChange(() => crowd.faults.push(...forgottenQuestions(run)));
        void handle.reply.then((reply) => Object.assign(started, { reply, replyMs: clock.now() }));
        void handle.ended.then((ended) => Object.assign(started, { ended, endedMs: clock.now() }));
        if (cancelMs !== undefined) clock.after(cancelMs, () => handle.cancel());
        for (const { id, ms } of calledOff) clock.after(ms, () => handle.cancel([`c${id}`, `c${id}[0]`]));
        await clock.pass(7);
      }
      await clock.runOut();

      for (const [number, run] of runs.entries()) {
        const { plan, started, crowd, startMs } = run;
        const { deadlineMs, backgroundMs = 0, calls, hasNobody } = drawn.batches[number]!;
        const outcomes = started.ended!;
        expect(outcomes).toHaveLength(calls.length);
        expect(outcomes.filter(({ status }) => status === 'pending')).toEqual([]);
        expect(started.replyMs! - startMs).toBeLessThanOrEqual(deadlineMs);
        expect(started.endedMs! - startMs).toBeLessThanOrEqual(deadlineMs + backgroundMs);
        const sent = executions.filter(({ batch }) => batch === `batch ${number}`);
        for (const { call, startMs: atMs } of sent) {
          if (call.approval === undefined) continue;
          expect(crowd.used.get(call.id), `${call.id} was sent without a yes`).toBeLessThanOrEqual(atMs);
          expect(crowd.seen.refused.has(call.id)).toBe(false);
          seen.sent++;
          if (atMs - startMs > deadlineMs) seen.ranLater++;
        }
        expect(new Set(sent.map(({ call }) => call.id)).size).toBe(sent.length);
        for (const id of crowd.seen.refused)
          expect(outcomeIn(outcomes, id)).toMatchObject({ applied: 'no', attempts: 0 });
        if (!hasNobody) expectAskedInTime(run);
        expect([...crowd.faults, ...forgottenQuestions(run)]).toEqual([]);
        expectDependencies(plan, outcomes, sent);
        expectMerged(outcomes, sent);
        expectProgramOrder(sent);
        seen.rounds += crowd.rounds.length;
        seen.together += crowd.rounds.filter(({ ids }) => ids.filter((id) => run.preparedMs.has(id)).length > 1).length;
        seen.later += crowd.rounds.filter(({ ids, atMs }) => ids.some((id) => run.preparedMs.get(id)! < atMs)).length;
        seen.refused += crowd.seen.refused.size;
        seen.forgotten += crowd.seen.forgotten;
        seen.early += crowd.seen.early;
        seen.broken += crowd.seen.broken;
        seen.withdrawn += crowd.rounds.filter(({ isWithdrawn }) => isWithdrawn).length;
        seen.elements += crowd.rounds.flatMap(({ ids }) => ids).filter((id) => id.includes('[')).length;
        seen.nobody += outcomes.filter(({ error }) => hasNobody && error?.code === 'approval_unavailable').length;
        seen.pending += started.reply!.filter(({ status }) => status === 'pending').length;
      }
      expectNoOverlap(executions);
      expect(scheduler.load()).toEqual(nothing);
      expect(clock.timers()).toBe(0);
    }),
    { numRuns: 4_000 },
  );
  // Nothing of it was drawn too seldom to be proven.
  expect(Object.entries(seen).filter(([, count]) => count < 100)).toEqual([]);
}, 120_000);
