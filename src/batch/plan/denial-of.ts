import { describeQuarantine } from '../../catalog/build-catalog.ts';
import type { CallError } from '../../core/outcome.ts';
import type { Decision } from '../../core/verdict.ts';

/** The error of a call that may not run, whoever is asked: why. */
export function denialOf({ reason, code = 'denied_by_policy' }: Pick<Decision, 'reason' | 'code'>): CallError {
  const message = code === 'tool_changed' ? `it ${describeQuarantine(reason)}` : `policy denies it: ${reason}`;
  return { code, message, retryable: false };
}
