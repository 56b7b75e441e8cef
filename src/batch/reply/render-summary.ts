import { statuses } from '../../core/outcome.ts';
import type { Status } from '../../core/outcome.ts';
import type { Plan } from '../../core/plan.ts';
import { cutText } from '../budget/cut-text.ts';
import { formatCount, formatCounted, formatMs } from './format-amount.ts';
import { renderLate, type LearntLate } from './learnt-late.ts';
import { awaitWords } from './rest-hint.ts';
import type { FinishedBatch, ReplyRow } from './reply-row.ts';

const maxShown = 5;
const maxListed = 100;
const maxWarningChars = 200;

/** How many calls ended how; every status is there. An element of a `forEach` is no call. */
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
function renderSummary({ plan, wallMs, timing }: FinishedBatch, rows: readonly ReplyRow[]): string {
  const counts = countStatuses(rows);
  const parts = statuses.flatMap((status) => (counts[status] > 0 ? [`${formatCount(counts[status])} ${status}`] : []));
  const ran = rows.reduce((sum, row) => sum + (row.items ?? [row]).filter(wasSent).length, 0);
  const oneByOne = ran > 1 ? ` (${formatMs(timing.serialMs)} one by one)` : '';
  return `batch ${plan.batchId}: ${formatCounted(rows.length, 'call')}, ${parts.join(', ')} in ${formatMs(wallMs)}${oneByOne}`;
}

/**
 * The first lines of a reply: its summary, then how what is still pending is collected, and what was learnt late. `keptAs`: under which
 * id `batch_await` finds the batch.
 */
export function renderSummaryLines(
  batch: FinishedBatch,
  bag: { rows: readonly ReplyRow[]; keptAs: string | undefined; learnt: readonly LearntLate[] },
): string[] {
  const { rows, keptAs, learnt } = bag;
  const { batchId } = batch.plan;
  const { pending } = countStatuses(rows);
  const collect =
    pending === 0 || keptAs === undefined
      ? []
      : [
          `the pending ${pending === 1 ? 'call goes' : 'calls go'} on: batch_await batchId ${keptAs} waits and collects`,
        ];
  return [renderSummary(batch, rows), ...collect, ...renderLate(learnt, { batchId, shows: batch.late !== undefined })];
}

/**
 * What is odd but kept nothing from running: what is to be said of the batch as a whole, of the plan, of how calls came about, and
 * values that `select` did not find. One line each.
 */
export function listWarnings(
  { plan, notes = [] }: Pick<FinishedBatch, 'notes'> & { plan: Pick<Plan, 'warnings'> },
  { rows, keptAs }: { rows: readonly ReplyRow[]; keptAs: string | undefined },
): string[] {
  const ofBatch = [...notes, ...plan.warnings].map((text) => ({ text, mend: '' }));
  const ofCalls = rows.flatMap((row) =>
    (row.items ?? [row]).flatMap(({ id, outcome: { warning } }) =>
      warning === undefined ? [] : [{ text: `${id}: ${warning}`, mend: '' }],
    ),
  );
  const ofSelect = rows.flatMap((row) =>
    (row.items ?? [row]).flatMap(({ id, selected }) => {
      const words = awaitWords({ keptAs, id });
      const mend = words === undefined ? '' : `; ${words} shows the whole result`;
      return (selected?.missing ?? []).map((line) => ({ text: `${id}: select ${line}`, mend }));
    }),
  );
  const all = [...ofBatch, ...ofCalls, ...ofSelect];
  const listed = all.slice(0, maxListed).map(({ text, mend }) => {
    return `${cutText(text.replaceAll('\n', ' '), maxWarningChars - mend.length)}${mend}`;
  });
  return all.length > maxListed ? [...listed, `and ${formatCounted(all.length - maxListed, 'more warning')}`] : listed;
}

/** The first few warnings, a line each, and how many more there are. */
export function renderWarnings(warnings: readonly string[]): string[] {
  const lines = warnings.slice(0, maxShown).map((warning) => `warning: ${warning}`);
  const more = warnings.length - maxShown;
  return more > 0 ? [...lines, `and ${formatCounted(more, 'more warning')}`] : lines;
}

function wasSent({ outcome }: ReplyRow): boolean {
  return outcome.attempts > 0 && outcome.deduplicatedOf === undefined;
}
