import { settleUnsent, type Outcome } from '../../core/outcome.ts';
import type { PlannedCall, Prepare, Prepared } from '../../core/plan.ts';

/**
 * What an open call has become. A run that cannot fill references, or fails in it, is a mistake of ours: the call says so, and its
 * batch goes on.
 */
export function fillOpenCall(
  open: PlannedCall,
  { outcomes, prepare }: { outcomes: readonly (Outcome | undefined)[]; prepare: Prepare | undefined },
): Prepared {
  try {
    if (prepare !== undefined) return prepare(open, outcomes);
  } catch {
    // What was thrown may hold arguments or results, and whoever reads the reply may not see them.
  }
  const { index, id, exposedName } = open;
  const message = `calling ${exposedName} failed inside mcp-marshal: its references could not be filled`;
  const outcome = settleUnsent({ code: 'internal', message, retryable: false });
  return { kind: 'settled', index, id, tool: exposedName, outcome };
}
