import { stoppedAfter } from '../../../core/plan.ts';
import type { JudgedCall } from './judged-call.ts';

/**
 * Under `onError: stop`, a call that cannot run is a failure at its index: what stands after it does not start, what stands before it
 * does. What has failed of itself keeps its own reason.
 */
export function stopAfterFailure<T extends JudgedCall>(calls: readonly T[]): readonly T[] {
  const first = calls.findIndex(({ error }) => error !== undefined);
  const failed = calls[first];
  if (failed === undefined) return calls;
  const error = stoppedAfter(failed.call.id);
  return calls.map((call, index) => (index > first && call.error === undefined ? { ...call, error } : call));
}
