import type { Outcome } from '../../../core/outcome.ts';
import type { Plan } from '../../../core/plan.ts';

type End = readonly [id: string, outcome: Outcome];

/**
 * Finds what has ended unsent since it was last asked, of which the journal has not heard: calls and elements that were skipped, denied
 * or invalid, first of all. Those that were cancelled are run when the batch comes again, and so are not among them.
 */
export function createUnsentFinder(plan: Plan): (outcomes: readonly Outcome[]) => End[] {
  const found = new Set<string>();
  return (outcomes) =>
    outcomes
      .flatMap((outcome, index): End[] => {
        const entry = plan.entries[index];
        if (entry === undefined) return [];
        const id = entry.kind === 'run' ? entry.call.id : entry.id;
        const { items = [] } = outcome;
        return [[id, outcome], ...items.map((item, number): End => [`${id}[${number}]`, item])];
      })
      .filter(([id, outcome]) => {
        if (!isUnsentEnd(outcome) || found.has(id)) return false;
        found.add(id);
        return true;
      });
}

function isUnsentEnd({ status, attempts }: Outcome): boolean {
  return attempts === 0 && status !== 'ok' && status !== 'pending' && status !== 'cancelled';
}
