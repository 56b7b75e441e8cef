import { expect } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import { unmetDependency, type Plan } from '../../src/core/plan.ts';
import { locksConflict, type Execution, type Sketch } from './stage.ts';

export function expectProgramOrder(sent: readonly Execution[]): void {
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
export function expectDependencies(plan: Plan, outcomes: readonly Outcome[], sent: readonly Execution[]): void {
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
export function expectMerged(outcomes: readonly Outcome[], sent: readonly Execution[]): void {
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

export function expectNoOverlap(executions: readonly Execution[]): void {
  for (const [position, one] of executions.entries()) {
    for (const other of executions.slice(position + 1)) {
      // A call that is sent again may overlap with its own first sending, and with nothing else.
      if (one.batch === other.batch && one.call.id === other.call.id) continue;
      if (locksConflict(one.call, other.call))
        expect(other.startMs >= one.endMs || one.startMs >= other.endMs).toBe(true);
    }
  }
}

/** A call counts until its outcome is known, even where its upstream goes on. What is taken stays taken when the cap is lowered. */
export function expectPeak(executions: readonly Execution[], capAt: (ms: number) => number): void {
  for (const { startMs } of executions) {
    const running = executions.filter((execution) => execution.startMs <= startMs && execution.settledMs > startMs);
    expect(running.length).toBeLessThanOrEqual(capAt(startMs));
  }
}

/** A write is sent at most once, unless it may be repeated; and what counts as sent has been. */
export function expectAttempts(
  outcome: Outcome,
  { sent, sketch }: { sent: readonly Execution[]; sketch: Sketch },
): void {
  expect(sent.length).toBeLessThanOrEqual(1 + (sketch.mayRepeat?.times ?? 0));
  expect(outcome.attempts).toBeLessThanOrEqual(sent.length);
  expect(outcome.attempts).toBeGreaterThanOrEqual(sent.filter(({ answered }) => answered !== 'away').length);
}

/**
 * Of two writes of one batch that conflict, the later one is not sent where nobody learnt what became of the earlier one, unless it
 * asked for that, or somebody who knew has written there in between.
 */
export function expectNothingOnUnknown(bag: {
  plan: Plan;
  sent: readonly Execution[];
  all: readonly Execution[];
  unlearnt: (call: Execution['call']) => boolean;
}): void {
  for (const earlier of bag.sent) {
    if (earlier.call.class === 'read' || !bag.unlearnt(earlier.call)) continue;
    for (const later of bag.sent) {
      const isBuiltOn = later.startMs >= earlier.endMs && later.call.id !== earlier.call.id;
      if (!isBuiltOn || later.call.class === 'read' || later.call.ignoresUnknown === true) continue;
      if (!locksConflict(earlier.call, later.call)) continue;
      const between = bag.all.filter(
        (one) =>
          one.call.class !== 'read' &&
          one.startMs >= earlier.endMs &&
          one.endMs <= later.startMs &&
          locksConflict(one.call, earlier.call),
      );
      expect(between, `${later.call.id} was sent on top of ${earlier.call.id}`).not.toEqual([]);
    }
  }
}

/** By when the slots of each sending were free: a call that is to be sent again rests until then. */
export function settleSlots(sent: readonly Execution[], endedMs: (execution: Execution) => number): void {
  for (const execution of sent) {
    const { call, startMs, endMs } = execution;
    execution.settledMs = Math.min(endMs, startMs + (call.timeoutMs ?? Number.POSITIVE_INFINITY), endedMs(execution));
  }
}

export function expectHonestEffect(outcome: Outcome, sketched: Sketch): void {
  if (sketched.class === 'read' || outcome.attempts === 0) expect(outcome.applied).toBe('no');
  else expect(outcome.applied).toBe(outcome.status === 'ok' ? 'yes' : 'unknown');
}
