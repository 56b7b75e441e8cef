import { formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import { textOf } from '../batch-reply.ts';
import type { RepliedCall } from '../batch-reply.ts';
import { brushOfStatus } from '../terminal/paint.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine, plainText } from '../terminal/plain-text.ts';
import type { Screen } from '../terminal/screen.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { renderTable } from './table.ts';

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
    { text: call.attempts > 0 ? formatMs(call.runMs) : '-' },
    { text: plainLine(call.tool) },
    { text: isTerminal ? (call.error?.code ?? describeResult(call)) : describeEnd(call), brush: paint.dim },
  ]);
  const table = renderTable(rows, { width: isTerminal ? width : Infinity, mark: unicode ? '…' : '...' });
  const messages = isTerminal ? calls.flatMap((call) => renderMessage(call, width)) : [];
  return messages.length > 0 ? [...table, '', ...messages] : table;
}

/** A paragraph for a call that failed and says why. */
function renderMessage(call: RepliedCall, width: number): string[] {
  const message = plainText(messageOf(call)).trim();
  if (message === '') return [];
  const head = plainLine(`${call.id} ${call.tool}`);
  return wrapText(`${head} ${call.error?.code ?? call.status}: ${message}`, { width, indent: 2 });
}

function describeEnd(call: RepliedCall): string {
  const message = plainText(messageOf(call)).trim().split('\n')[0] ?? '';
  if (call.error !== undefined) return `${call.error.code}: ${message}`;
  return call.status === 'tool_error' ? message : describeResult(call);
}

/** Why a call failed: in our words, or in the tool's. */
function messageOf({ error, status, result }: RepliedCall): string {
  return error?.message ?? (status === 'tool_error' ? textOf(result?.['content']) : '');
}

function describeResult({ status, result }: RepliedCall): string {
  const text = textOf(result?.['content']);
  const size = text === '' ? JSON.stringify(result?.['structuredContent'] ?? '').length - 2 : text.length;
  return status === 'ok' ? formatCounted(Math.max(0, size), 'character') : '';
}
