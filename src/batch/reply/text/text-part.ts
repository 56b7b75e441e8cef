import { statuses } from '../../../core/outcome.ts';
import type { Outcome } from '../../../core/outcome.ts';
import { contentChars } from '../../budget/call-content.ts';
import type { CallContent } from '../../budget/call-content.ts';
import { fairShares } from '../../budget/fair-shares.ts';
import { describeLeftOut, leaveOutBinary } from '../../budget/leave-out-binary.ts';
import { contentOfCall, isIncomplete } from '../content-of-call.ts';
import { formatCount, formatCounted, formatMs } from '../format-amount.ts';
import { countStatuses } from '../render-summary.ts';
import type { ReplyRow } from '../reply-row.ts';
import { awaitWords } from '../rest-hint.ts';

/** A call, or an element of one, in the text form, before it is cut. */
export interface TextPart {
  id: string;
  /** Always shown, as is `aside`, and `joint` where there is content. */
  head: string;
  /** What was left out, on lines of its own. */
  aside: string;
  /** What stands between head and content. */
  joint: string;
  content: CallContent;
  chars: number;
  /** Characters of content that it would have if there were room; less than all where the caller set a limit. */
  wanted: number;
  /** The content is of selected values, and something of them is missing: what can be read again is the whole result instead. */
  isIncomplete: boolean;
}

/**
 * A part per call, in the order asked; under a `forEach` call one for each element, which share what the call may have. `keptAs`: under
 * which id `batch_await` finds the batch.
 */
export function toTextParts(rows: readonly ReplyRow[], keptAs: string | undefined): TextPart[] {
  const contents = rows.flatMap((row) => [row, ...(row.items ?? [])]).map(contentOfRow);
  const leftOut = leaveOutBinary(contents.map(({ blocks }) => blocks));
  let position = 0;
  const toPart = (row: ReplyRow, head: string): TextPart => {
    const { texts, blocks } = contents[position] ?? noContent;
    const gone = leftOut[position] ?? new Set();
    position += 1;
    const content = { texts, blocks: gone.size === 0 ? blocks : blocks.filter((block) => !gone.has(block)) };
    const again = gone.size === 0 ? undefined : awaitWords({ keptAs, id: row.id });
    const aside = [...gone].map((block) => `\n(${describeLeftOut(block, { siblings: blocks, again })})`);
    const chars = contentChars(content);
    return {
      id: row.id,
      head,
      aside: aside.join(''),
      joint: texts.length === 0 ? '' : joinContent(row),
      content,
      chars,
      wanted: showsError(row) ? chars : Math.min(chars, row.maxChars),
      isIncomplete: isIncomplete(row),
    };
  };
  return rows.flatMap((row): TextPart[] => {
    if (row.items === undefined) return [toPart(row, renderHead(row))];
    const whole = toPart(row, `${renderHead(row)}: ${renderTally(row.items)}`);
    const elements = row.items.map((item) => toPart(item, renderHead({ ...item, tool: '' })));
    // No limit is one for error messages.
    const isLimited = row.items.map((item) => !showsError(item));
    const shares = fairShares(
      elements.map(({ wanted }, number) => (isLimited[number] === true ? wanted : 0)),
      row.maxChars,
    );
    return [
      whole,
      ...elements.map((element, number) =>
        isLimited[number] === true ? { ...element, wanted: shares[number] ?? 0 } : element,
      ),
    ];
  });
}

const noContent: CallContent = { texts: [], blocks: [] };

function contentOfRow(row: ReplyRow): CallContent {
  return row.isShownElsewhere ? noContent : contentOfCall(row);
}

/** What an error says is its call's content only where there is no answer that came after all. */
function showsError({ outcome: { error, result } }: Pick<ReplyRow, 'outcome'>): boolean {
  return error !== undefined && result === undefined;
}

/** What stands between the head of a row and its content. */
export function joinContent(row: Pick<ReplyRow, 'outcome'>): string {
  return showsError(row) ? `: ${describeCode(row)}` : '\n';
}

/**
 * `[c0] ok 312 ms github__get_issue`: a status other than ok in capitals, the time only of calls that ran, or have run so far.
 */
export function renderHead({
  id,
  tool,
  outcome,
  items,
  lateStatus,
}: Pick<ReplyRow, 'id' | 'tool' | 'outcome' | 'items' | 'lateStatus'>): string {
  const { status, attempts, runMs, applied, cached, deduplicatedOf, waitsFor } = outcome;
  const words = [`[${id}]`, status === 'ok' ? 'ok' : status.toUpperCase()];
  const hasRun = items === undefined ? attempts > 0 : items.some((item) => item.outcome.attempts > 0);
  if (hasRun && deduplicatedOf === undefined) words.push(formatMs(runMs));
  if (tool !== '') words.push(tool.slice(0, 128).replaceAll(/\s/g, ' '));
  if (deduplicatedOf !== undefined) words.push(`(same call as ${deduplicatedOf})`);
  else if (attempts > 1 && items === undefined) words.push(`(${formatCount(attempts)} attempts)`);
  if (cached === true) words.push('(cached)');
  if (status === 'pending') words.push(hasRun ? '(still running)' : `(waits for ${waitsFor ?? 'its turn'})`);
  if (lateStatus !== undefined) words.push(`(answered later: ${lateStatus}, applied: ${applied})`);
  else if (applied === 'unknown') words.push('(applied: unknown)');
  return words.join(' ');
}

/** The error's code, where it says more than the status does. */
export function describeCode({ outcome: { status, error } }: { outcome: Pick<Outcome, 'status' | 'error'> }): string {
  return error === undefined || error.code === 'invalid_arguments' || error.code === status ? '' : `${error.code}: `;
}

/** `12 elements, 11 ok, 1 tool_error` */
function renderTally(items: readonly ReplyRow[]): string {
  const counts = countStatuses(items);
  const parts = statuses.flatMap((status) => (counts[status] > 0 ? [`${formatCount(counts[status])} ${status}`] : []));
  return [formatCounted(items.length, 'element'), ...parts].join(', ');
}
