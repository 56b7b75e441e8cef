import type { Applied, CallError, Outcome } from '../../core/outcome.ts';

/**
 * The outcome of a `forEach` call from those of its elements: ok if all are (also where there are none), else as the first that is
 * not. It lasts from the first start to the last end, and its effect is the least certain of theirs.
 */
export function sumUp(items: readonly Outcome[], { id, queuedMs }: { id: string; queuedMs: number }): Outcome {
  const bad = items.findIndex(({ status }) => status !== 'ok');
  const sent = items.filter(({ attempts }) => attempts > 0);
  const startedMs = sent.reduce((first, item) => Math.min(first, item.startedMs), sent[0]?.startedMs ?? queuedMs);
  const endMs = sent.reduce((last, item) => Math.max(last, item.startedMs + item.runMs), startedMs);
  const outcome: Outcome = {
    status: items[bad]?.status ?? 'ok',
    applied: leastCertain(items),
    items,
    attempts: items.reduce((sum, { attempts }) => sum + attempts, 0),
    queuedMs: startedMs,
    runMs: endMs - startedMs,
    startedMs,
  };
  const error = items[bad]?.error && sumUpErrors(items, { id, bad, error: items[bad].error });
  if (error === undefined) return outcome;
  // Sent again as it is, it would do once more what has taken effect.
  return { ...outcome, error: { ...error, retryable: error.retryable && outcome.applied === 'no' } };
}

/** The effect of several calls together. */
export function leastCertain(items: readonly Outcome[]): Applied {
  return (['unknown', 'yes'] as const).find((applied) => items.some((item) => item.applied === applied)) ?? 'no';
}

function sumUpErrors(
  items: readonly Outcome[],
  { id, bad, error }: { id: string; bad: number; error: CallError },
): CallError {
  const failed = items.filter(({ status }) => status !== 'ok').length;
  const message = `${failed} of ${items.length} elements did not succeed; ${id}[${bad}]: ${error.message}`;
  return { code: error.code, message, retryable: error.retryable, by: `${id}[${bad}]` };
}
