import { formatCount, formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { textOf } from '../batch-reply.ts';
import { hasRun } from '../reply/replied-call.ts';
import type { RepliedCall } from '../reply/replied-call.ts';
import { brushOfStatus } from '../terminal/paint.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine, plainText } from '../terminal/plain-text.ts';
import type { Screen } from '../terminal/screen.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { renderTable } from './table.ts';

/** Elements of one list mostly fail for one reason. */
const maxElements = 3;

/**
 * How each call ended, one line each: id, status, time, tool, and the size of its result or its error. A terminal gets the error's
 * code here and every message in full below, where it can be wrapped; a pipe gets the first line of the message.
 */
export function renderCalls(
  calls: readonly RepliedCall[],
  { isTerminal, width, unicode, paint }: Screen & { paint: Paint },
): string[] {
  const rows = calls.map((call) => [
    { text: plainLine(call.id) },
    { text: call.status, brush: paint[brushOfStatus[call.status]] },
    { text: hasRun(call) && call.status !== 'interrupted' ? formatMs(call.runMs) : '-' },
    { text: plainLine(call.tool) },
    { text: isTerminal ? (call.error?.code ?? describeResult(call)) : describeEnd(call), brush: paint.dim },
  ]);
  const table = renderTable(rows, { width: isTerminal ? width : Infinity, mark: unicode ? '…' : '...' });
  const messages = isTerminal ? calls.flatMap((call) => renderMessages(call, width)) : [];
  return messages.length > 0 ? [...table, '', ...messages] : table;
}

/** A paragraph for a call that failed and says why; under it, the first of its elements that did. */
function renderMessages(call: RepliedCall, width: number): string[] {
  const elements = (call.items ?? []).filter((item) => messageOf(item) !== '').slice(0, maxElements);
  return [call, ...elements].flatMap((one) => renderMessage(one, width));
}

function renderMessage(call: RepliedCall, width: number): string[] {
  const message = plainText(messageOf(call)).trim();
  if (message === '') return [];
  const head = plainLine(`${call.id} ${call.tool}`);
  return wrapText(`${head} ${call.error?.code ?? call.status}: ${message}`, { width, indent: 2 });
}

function describeEnd(call: RepliedCall): string {
  const message = plainText(messageOf(call)).trim().split('\n')[0] ?? '';
  // A journal keeps no words about calls that were never planned.
  if (call.error !== undefined) return message === '' ? call.error.code : `${call.error.code}: ${message}`;
  if (call.status !== 'tool_error') return describeResult(call);
  const failed = call.items?.find((item) => item.status !== 'ok');
  return failed === undefined ? message : `${describeResult(call)}; ${plainLine(failed.id)}: ${describeEnd(failed)}`;
}

/** Why a call failed: in our words, or in the tool's. */
function messageOf({ error, status, result }: RepliedCall): string {
  return error?.message ?? (status === 'tool_error' ? textOf(result?.['content']) : '');
}

/** What a call brought: how much, and where it did not come from a call of its own. */
function describeResult(call: RepliedCall): string {
  const origin = [
    call.cached === true ? 'cached' : '',
    call.deduplicatedOf === undefined ? '' : `same as ${plainLine(call.deduplicatedOf)}`,
  ];
  return [describeSize(call), ...origin].filter((part) => part !== '').join(', ');
}

function describeSize({ status, result, selected, items }: RepliedCall): string {
  const amount = selected === undefined ? '' : `${describeSelected(selected)} selected`;
  if (items !== undefined) {
    const ok = items.filter((item) => item.status === 'ok').length;
    return [formatCounted(items.length, 'element'), `${formatCount(ok)} ok`, amount].filter(Boolean).join(', ');
  }
  if (amount !== '' || status !== 'ok') return amount;
  // A reply shows the result of identical calls once, and a journal none.
  if (result === undefined) return '';
  const text = textOf(result?.['content']);
  const size = text === '' ? JSON.stringify(result?.['structuredContent'] ?? '').length - 2 : text.length;
  return formatCounted(Math.max(0, size), 'character');
}

function describeSelected(selected: JsonObject): string {
  const values = Object.values(selected);
  const size = values.reduce<number>((sum, value) => sum + sizeOf(value), 0);
  return `${formatCounted(values.length, 'value')} of ${formatCounted(size, 'character')}`;
}

function sizeOf(value: JsonValue | undefined): number {
  return typeof value === 'string' ? value.length : (JSON.stringify(value) ?? '').length;
}
