import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import { contentChars, cutContent, readContent } from '../budget/call-content.ts';
import type { CallContent } from '../budget/call-content.ts';
import { cutText } from '../budget/cut-text.ts';
import { fairShares } from '../budget/fair-shares.ts';
import { formatCount, formatCounted, formatMs } from './format-amount.ts';
import { describeLeftOut, leaveOutBinary } from '../budget/leave-out-binary.ts';
import { renderSummary } from './render-summary.ts';
import { toRows } from './reply-row.ts';
import type { FinishedBatch, ReplyRow } from './reply-row.ts';

// `(1,000,000 of 1,000,000 characters; narrow the call to see the rest)`, and a little more.
const noteChars = 80;
const maxWarnings = 5;
const maxWarningChars = 200;

/** One call of the reply, before it is cut. */
interface Part {
  head: string;
  /** What stands between head and content. */
  joint: string;
  content: CallContent;
  chars: number;
  wanted: number;
  rest: string;
}

/** The text form: a block for the summary, then a block per call, with what is no text behind it. */
export function renderText(batch: FinishedBatch & { settings: BatchConfig }): JsonObject {
  const rows = toRows(batch);
  const contents = rows.map(({ outcome: { result } }) =>
    result === undefined ? { text: '', blocks: [] } : readContent(result),
  );
  const leftOut = leaveOutBinary(contents.map(({ blocks }) => blocks));
  const parts = rows.map((row, index) =>
    toPart(row, { content: contents[index] ?? { text: '', blocks: [] }, leftOut }),
  );
  const { warnings } = batch.plan;
  const lines = [
    renderSummary(batch, rows),
    ...warnings.slice(0, maxWarnings).map((warning) => `warning: ${cutText(warning, maxWarningChars)}`),
    ...(warnings.length > maxWarnings ? [`and ${formatCounted(warnings.length - maxWarnings, 'more warning')}`] : []),
  ];
  const summary = lines.join('\n');
  const shares = shareOut(parts, batch.settings.maxReplyChars - summary.length);
  const content = parts.flatMap((part, index) => renderPart(part, shares[index] ?? 0));
  return { content: [{ type: 'text', text: summary }, ...content] };
}

function toPart(row: ReplyRow, bag: { content: CallContent; leftOut: ReadonlySet<JsonObject> }): Part {
  const { outcome, maxChars } = row;
  const { error } = outcome;
  const gone = bag.content.blocks
    .filter((block) => bag.leftOut.has(block))
    .map((block) => `(${describeLeftOut(block)})`);
  // An error message has lines of its own: the signature of the tool, under the message.
  const message = error?.message.replaceAll('\n', '\n     ');
  const texts = [message, ...gone, bag.content.text].filter((text) => text !== undefined && text !== '');
  const content = {
    text: texts.join('\n'),
    blocks: bag.content.blocks.filter((block) => !bag.leftOut.has(block)),
  };
  const chars = contentChars(content);
  const joint = error === undefined ? '\n' : `: ${describeCode(row)}`;
  return {
    head: renderHead(row),
    joint: content.text === '' ? '' : joint,
    content,
    chars,
    wanted: error === undefined ? Math.min(chars, maxChars) : chars,
    rest: error === undefined ? '; narrow the call to see the rest' : '',
  };
}

/** `[c0] ok 312 ms github__get_issue`: a status other than ok in capitals, the time only of calls that ran. */
function renderHead({ id, tool, outcome }: ReplyRow): string {
  const { status, attempts, runMs, applied } = outcome;
  const words = [`[${id}]`, status === 'ok' ? 'ok' : status.toUpperCase()];
  if (attempts > 0) words.push(formatMs(runMs));
  if (tool !== '') words.push(tool.slice(0, 128).replaceAll(/\s/g, ' '));
  if (attempts > 1) words.push(`(${formatCount(attempts)} attempts)`);
  if (applied === 'unknown') words.push('(applied: unknown)');
  return words.join(' ');
}

/** The error's code, where it says more than the status does. */
function describeCode({ outcome: { status, error } }: ReplyRow): string {
  return error === undefined || error.code === 'invalid_arguments' || error.code === status ? '' : `${error.code}: `;
}

/** How many characters of content each part may show. Heads are not for sale. */
function shareOut(parts: readonly Part[], budget: number): number[] {
  const wants = parts.map(({ wanted }) => wanted);
  const fixed = parts.reduce((sum, { head, joint }) => sum + head.length + joint.length, 0);
  const notes = (cut: readonly Part[]): number => cut.length * noteChars;
  const free = budget - fixed - notes(parts.filter(({ chars, wanted }) => wanted < chars));
  if (wants.reduce((sum, want) => sum + want, 0) <= free) return wants;
  return fairShares(wants, budget - fixed - notes(parts.filter(({ chars }) => chars > 0)));
}

function renderPart({ head, joint, content, chars, rest }: Part, share: number): JsonObject[] {
  const shown = cutContent(content, share);
  const shownChars = contentChars(shown);
  const note = shownChars < chars ? ` (${formatCount(shownChars)} of ${formatCount(chars)} characters${rest})` : '';
  return [{ type: 'text', text: `${head}${note}${joint}${shown.text}` }, ...shown.blocks];
}
