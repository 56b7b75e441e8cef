import type { Outcome } from '../../core/outcome.ts';

/** How much a batch with a key may keep for the case that it is interrupted; results beyond that are left out, their ends are not. */
const maxOutcomeChars = 1_000_000;
const maxBatchChars = 8_000_000;

/** What one batch has kept so far. */
export interface OutcomeBudget {
  chars: number;
}

/** The outcome as text, its result included where that fits. */
export function toKeptOutcome(outcome: Outcome, budget: OutcomeBudget): string {
  const text = toText(outcome);
  if (text !== undefined && text.length <= maxOutcomeChars && budget.chars + text.length <= maxBatchChars) {
    budget.chars += text.length;
    return text;
  }
  const { result: _result, items: _items, ...rest } = outcome;
  const warning = 'It ran before the restart; its result was too large to be kept.';
  return toText({ ...rest, warning: rest.warning === undefined ? warning : `${rest.warning} ${warning}` }) ?? '{}';
}

function toText(outcome: Outcome): string | undefined {
  try {
    return JSON.stringify(outcome);
  } catch {
    return undefined;
  }
}
