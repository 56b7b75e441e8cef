import { formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import { textOf } from '../batch-reply.ts';
import type { RepliedCall } from '../batch-reply.ts';
import { brushOfStatus } from '../terminal/paint.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine, plainText } from '../terminal/plain-text.ts';
import { renderTable } from './table.ts';

/** How each call ended, one line each: id, status, time, tool, and the size of its result or the first line of its error. */
export function renderCalls(
  calls: readonly RepliedCall[],
  { width, unicode, paint }: { width: number; unicode: boolean; paint: Paint },
): string[] {
  const rows = calls.map((call) => [
    { text: plainLine(call.id) },
    { text: call.status, brush: paint[brushOfStatus[call.status]] },
    { text: call.attempts > 0 ? formatMs(call.runMs) : '-' },
    { text: plainLine(call.tool) },
    { text: describeEnd(call), brush: paint.dim },
  ]);
  return renderTable(rows, { width, mark: unicode ? '…' : '...' });
}

function describeEnd({ error, status, result }: RepliedCall): string {
  if (error !== undefined) return `${error.code}: ${firstLine(error.message)}`;
  const text = textOf(result?.['content']);
  if (status === 'tool_error') return firstLine(text);
  const size = text === '' ? JSON.stringify(result?.['structuredContent'] ?? '').length - 2 : text.length;
  return status === 'ok' ? formatCounted(Math.max(0, size), 'character') : '';
}

function firstLine(text: string): string {
  return plainText(text).trim().split('\n')[0] ?? '';
}
