import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import type { PlannedCall } from '../../../core/plan.ts';
import type { Decision } from '../../../core/verdict.ts';
import { changeThatAllows } from './change-that-allows.ts';

/** What a call needs that policy asks about: why, and what would let it run without. */
export function approvalOf(decision: Decision, entry: CatalogEntry): NonNullable<PlannedCall['approval']> {
  const { reason, isFlow } = decision;
  return { reason, mend: changeThatAllows(decision, entry), ...(isFlow === true && { isFlow }) };
}
