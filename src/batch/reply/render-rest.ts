import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import { contentChars, cutContent, skipContent } from '../budget/call-content.ts';
import { describeLeftOut, leaveOutBinary } from '../budget/leave-out-binary.ts';
import { contentOfCall, isIncomplete } from './content-of-call.ts';
import { formatCount, formatCounted } from './format-amount.ts';
import type { LearntLate } from './learnt-late.ts';
import { renderReply } from './render-reply.ts';
import { toRows } from './reply-row.ts';
import type { FinishedBatch, ReplyRow } from './reply-row.ts';
import { awaitWords, restHint } from './rest-hint.ts';
import { renderParts } from './text/render-parts.ts';
import { joinContent, renderHead, toTextParts } from './text/text-part.ts';

const maxIds = 20;
// Two, since half a character is never shown, and each answer must bring the reader on.
const leastChars = 2;

/**
 * The answer to `batch_await`: of one call, or one element of it (`c1[0]`), what follows the first `offset` characters of all that it
 * brought, as text; without an id the whole reply, as it stands. An id or an offset that is not there is an error that says what is.
 */
export function renderRest(bag: {
  batch: FinishedBatch;
  id?: string;
  /** In characters of the text that replies show. */
  offset?: number;
  /** Characters of the result, or of the whole reply, at most; the configured budget of a reply holds as well. */
  maxChars: number;
  settings: BatchConfig;
  /** What is to be said with the whole reply of calls that ended late. */
  learnt?: readonly LearntLate[];
}): JsonObject {
  const { batch, id, maxChars, settings, learnt = [] } = bag;
  const { batchId } = batch.plan;
  const offset = bag.offset ?? 0;
  if (id === undefined) {
    if (offset > 0) return fail(`offset counts within one call of batch ${batchId}: name it with id`);
    return renderReply({
      ...batch,
      settings: { ...settings, maxReplyChars: Math.min(maxChars, settings.maxReplyChars) },
      isKept: true,
      learnt,
    });
  }
  const rows = toRows(batch);
  const row = rows.flatMap((one) => [one, ...(one.items ?? [])]).find((one) => one.id === id);
  if (row === undefined) return fail(describeUnknown(id, { batchId, rows }));
  if (row.items === undefined) return renderLeaf(row, { batchId, offset, maxChars, budget: settings.maxReplyChars });
  if (offset > 0) return fail(`offset counts within one element of ${id}: ${describeItems(row)}`);
  return renderElements({ ...row, maxChars }, { batchId, budget: settings.maxReplyChars });
}

/** A `forEach` call with its elements; what limits were set for the reply hold no longer. */
function renderElements(row: ReplyRow, { batchId, budget }: { batchId: string; budget: number }): JsonObject {
  const items = row.items?.map((item) => ({ ...item, maxChars: Infinity })) ?? [];
  const { content, hint } = renderParts(toTextParts([{ ...row, items }], batchId), { budget, keptAs: batchId });
  // The call itself is the first block, and has no content of its own.
  return { content: hint === undefined ? content : content.toSpliced(1, 0, { type: 'text', text: hint }) };
}

function renderLeaf(
  row: ReplyRow,
  bag: { batchId: string; offset: number; maxChars: number; budget: number },
): JsonObject {
  const { batchId, offset, maxChars, budget } = bag;
  // Of a selection that missed something, a second look is at what is really there.
  const { texts, blocks } = contentOfCall(isIncomplete(row) ? { outcome: row.outcome } : row);
  const [leftOut = new Set()] = leaveOutBinary([blocks]);
  const whole = { texts, blocks: blocks.filter((block) => !leftOut.has(block)) };
  const of = contentChars(whole);
  if (offset > 0 && offset >= of) {
    return fail(`${row.id} has ${formatCounted(of, 'character')}, and nothing stands at offset ${offset}`);
  }
  const head = renderHead(row);
  const gone = offset > 0 ? [] : blocks.filter((block) => leftOut.has(block));
  const again = awaitWords({ keptAs: batchId, id: row.id });
  const aside = gone.map((block) => `\n(${describeLeftOut(block, { siblings: blocks, again })})`).join('');
  const renderNote = (end: number): string => {
    const rest = end < of ? `; ${restHint({ keptAs: batchId, id: row.id, offset: end })}` : '';
    return ` (characters ${formatCount(offset)} to ${formatCount(end)} of ${formatCount(of)}${rest})`;
  };
  const sign = offset > 0 ? '\n' : joinContent(row);
  const around = head.length + aside.length + renderNote(of - 1).length + sign.length;
  const room = Math.max(leastChars, Math.min(maxChars, budget - around));
  const { text, blocks: shown } = cutContent(skipContent(whole, offset), room);
  const end = offset + contentChars({ texts: [text], blocks: shown });
  const note = offset > 0 || end < of ? renderNote(end) : '';
  return { content: [{ type: 'text', text: `${head}${note}${aside}${text === '' ? '' : sign}${text}` }, ...shown] };
}

function describeUnknown(id: string, { batchId, rows }: { batchId: string; rows: readonly ReplyRow[] }): string {
  const call = rows.find((row) => row.items !== undefined && id.startsWith(`${row.id}[`));
  if (call !== undefined) return `there is no ${id.slice(0, 100)}: ${describeItems(call)}`;
  const ids = rows.slice(0, maxIds).map((row) => row.id);
  const more = rows.length > maxIds ? ` and ${formatCount(rows.length - maxIds)} more` : '';
  return `batch ${batchId} has no call ${JSON.stringify(id.slice(0, 100))}; it has ${ids.join(', ')}${more}`;
}

function describeItems({ id, items = [] }: ReplyRow): string {
  const named = items.length === 0 ? '' : `: ${items.length === 1 ? '' : `${id}[0] to `}${id}[${items.length - 1}]`;
  return `${id} has ${formatCounted(items.length, 'element')}${named}`;
}

function fail(text: string): JsonObject {
  return { content: [{ type: 'text', text }], isError: true };
}
