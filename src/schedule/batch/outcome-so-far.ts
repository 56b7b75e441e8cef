import type { Outcome } from '../../core/outcome.ts';
import type { BatchEntry } from './batch-entry.ts';
import { leastCertain } from './sum-up.ts';

/** A call of a batch as it stands now: its outcome, or `pending` with what is known of it. `nowMs` counts from the batch's start. */
export function outcomeSoFar(entry: BatchEntry, nowMs: number): Outcome {
  const { outcome, elements, running, leader } = entry;
  if (outcome !== undefined) return outcome;
  const decided = entry.decided !== undefined && { decided: entry.decided };
  if (elements !== undefined) return { ...sumUpSoFar(elements, nowMs), ...decided };
  if (running !== undefined) return { ...running.pending(), ...decided };
  if (leader?.running !== undefined) {
    return { ...leader.running.pending(), attempts: 0, deduplicatedOf: leader.id, ...decided };
  }
  const waits = { queuedMs: nowMs, runMs: 0, startedMs: nowMs };
  return { status: 'pending', applied: 'no', attempts: 0, ...waits, ...decided };
}

/** A `forEach` call whose elements have not all ended. */
function sumUpSoFar(elements: readonly BatchEntry[], nowMs: number): Outcome {
  const items = elements.map((element) => outcomeSoFar(element, nowMs));
  const sent = items.filter(({ attempts }) => attempts > 0);
  const startedMs = Math.min(nowMs, ...sent.map((item) => item.startedMs));
  return {
    status: 'pending',
    applied: leastCertain(items),
    items,
    attempts: items.reduce((sum, { attempts }) => sum + attempts, 0),
    queuedMs: startedMs,
    runMs: sent.length === 0 ? 0 : nowMs - startedMs,
    startedMs,
  };
}
