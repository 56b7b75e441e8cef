import { statuses } from '../../core/outcome.ts';
import { formatCount, formatCounted } from '../reply/format-amount.ts';
import type { PlanRow } from './to-plan-rows.ts';

/** A plan in a line: `batch 7f3a91 planned: 5 calls, 3 would run in 2 steps, at most 2 in one; 1 invalid, 1 denied; nothing was sent`. */
export function renderPlanSummary(batchId: string, rows: readonly PlanRow[]): string {
  const running = rows.filter(({ ended }) => ended === undefined);
  const perStep = new Map<number, number>();
  // Of identical calls one is sent.
  for (const { step, sameAs } of running) perStep.set(step, (perStep.get(step) ?? 0) + (sameAs === undefined ? 1 : 0));
  const steps = Math.max(0, ...perStep.keys());
  const most = Math.max(0, ...perStep.values());
  const ended = statuses.flatMap((status) => {
    const count = rows.filter((row) => row.ended?.status === status).length;
    return count > 0 ? [`${formatCount(count)} ${status}`] : [];
  });
  const when =
    running.length === 0
      ? 'none would run'
      : `${formatCount(running.length)} would run in ${formatCounted(steps, 'step')}`;
  const width = running.length > 1 ? `, at most ${formatCount(most)} in one` : '';
  return [
    `batch ${batchId} planned: ${formatCounted(rows.length, 'call')}, ${when}${width}`,
    ...(ended.length > 0 ? [ended.join(', ')] : []),
    'nothing was sent',
  ].join('; ');
}
