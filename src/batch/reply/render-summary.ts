import { statuses } from '../../core/outcome.ts';
import type { Status } from '../../core/outcome.ts';
import { formatCount, formatCounted, formatMs } from './format-amount.ts';
import type { FinishedBatch, ReplyRow } from './reply-row.ts';

/** How many calls ended how; every status is there. */
export function countStatuses(rows: readonly ReplyRow[]): Record<Status, number> {
  const counts = {
    ok: 0,
    tool_error: 0,
    failed: 0,
    invalid: 0,
    denied: 0,
    skipped: 0,
    timeout: 0,
    cancelled: 0,
    pending: 0,
  };
  for (const { outcome } of rows) counts[outcome.status] += 1;
  return counts;
}

/** The first line of a reply: `batch 7f3a91: 4 calls, 3 ok, 1 invalid in 812 ms (2.1 s one by one)`. */
export function renderSummary({ plan, wallMs, timing }: FinishedBatch, rows: readonly ReplyRow[]): string {
  const counts = countStatuses(rows);
  const parts = statuses.flatMap((status) => (counts[status] > 0 ? [`${formatCount(counts[status])} ${status}`] : []));
  const ran = rows.filter(({ outcome }) => outcome.attempts > 0).length;
  const oneByOne = ran > 1 ? ` (${formatMs(timing.serialMs)} one by one)` : '';
  return `batch ${plan.batchId}: ${formatCounted(rows.length, 'call')}, ${parts.join(', ')} in ${formatMs(wallMs)}${oneByOne}`;
}
