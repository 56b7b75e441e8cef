import { computeTiming } from '../../../src/batch/compute-timing.ts';
import type { FinishedBatch } from '../../../src/batch/reply/reply-row.ts';
import type { CallRequest } from '../../../src/batch/request/batch-request.ts';
import type { BatchConfig } from '../../../src/config/config.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { PlannedCall } from '../../../src/core/plan.ts';
import { endOf, planOf, requestOf, settings } from '../tiny-catalog.ts';

/** What sets one call apart from a plain one: in its plan, and in what was asked of it. */
export interface Twist {
  call?: Partial<PlannedCall>;
  asked?: Partial<CallRequest>;
}

/** A batch that has ended and is kept, one outcome per call. `twists` are by index. */
export function finishBatch(
  input: unknown,
  outcomes: readonly Outcome[],
  { twists = {}, changed = {} }: { twists?: Record<number, Twist>; changed?: Partial<BatchConfig> } = {},
): FinishedBatch & { settings: BatchConfig; isKept: boolean } {
  const planned = planOf(input, { settings: changed });
  const asked = requestOf(input, changed);
  const entries = planned.entries.map((entry, index) =>
    entry.kind === 'run' ? { ...entry, call: { ...entry.call, ...twists[index]?.call } } : entry,
  );
  const plan = { ...planned, entries };
  const request = { ...asked, calls: asked.calls.map((call, index) => ({ ...call, ...twists[index]?.asked })) };
  const timing = computeTiming({ plan, outcomes, caps: { maxParallel: 32, servers: new Map() } });
  return {
    plan,
    outcomes,
    request,
    timing,
    wallMs: endOf(outcomes),
    settings: { ...settings, ...changed },
    isKept: true,
  };
}
