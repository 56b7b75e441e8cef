import type { JsonObject } from '../../core/json.ts';
import type { CallError, Outcome } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';

/** The outcome of a call for which nothing is sent, since a result from before will do. */
export function endFromCache(
  result: JsonObject,
  { queuedMs, warning }: { queuedMs: number; warning: string | undefined },
): Outcome {
  const outcome: Outcome = {
    status: 'ok',
    applied: 'no',
    result,
    attempts: 0,
    queuedMs,
    runMs: 0,
    startedMs: queuedMs,
    cached: true,
  };
  if (warning !== undefined) outcome.warning = warning;
  return outcome;
}

/** Why a call is not sent whose server a reload has taken away. */
export function goneServer({ exposedName, server }: PlannedCall): CallError {
  const message = `not sent: its server ${server} is not configured any more, and ${exposedName} is gone with it`;
  return { code: 'unknown_tool', message, retryable: false };
}
