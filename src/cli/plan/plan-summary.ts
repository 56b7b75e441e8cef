import { formatCount, formatCounted } from '../../batch/reply/format-amount.ts';
import { statuses } from '../../core/outcome.ts';
import { fateOf } from './planned-row.ts';
import type { PlannedRow } from './planned-row.ts';

/** A plan in a line: `5 calls: 3 would run, in 2 steps, at most 2 in one; 1 invalid, 1 denied; nothing was sent`. */
export function renderPlanSummary(rows: readonly PlannedRow[]): string {
  const fates = rows.map(fateOf);
  const perStep = new Map<number, number>();
  for (const { error, step, sameAs } of rows) {
    if (error === undefined) perStep.set(step, (perStep.get(step) ?? 0) + (sameAs === undefined ? 1 : 0));
  }
  const steps = Math.max(0, ...perStep.keys());
  const most = Math.max(0, ...perStep.values());
  const runs = fates.filter((fate) => fate === 'ok').length;
  const others = statuses.flatMap((status) => {
    const count = fates.filter((fate) => fate === status).length;
    return status === 'ok' || count === 0 ? [] : [`${formatCount(count)} ${status}`];
  });
  const when = runs === 0 ? 'none would run' : `${formatCount(runs)} would run, in ${formatCounted(steps, 'step')}`;
  const width = runs > 1 ? `, at most ${formatCount(most)} in one` : '';
  return [
    `${formatCounted(rows.length, 'call')}: ${when}${width}`,
    ...(others.length > 0 ? [others.join(', ')] : []),
    'nothing was sent',
  ].join('; ');
}
