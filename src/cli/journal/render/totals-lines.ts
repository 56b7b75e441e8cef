import { formatCount, formatCounted, formatMs } from '../../../batch/reply/format-amount.ts';
import { widestOf } from '../../render/join-pieces.ts';
import { renderTable } from '../../render/table.ts';
import type { Cell } from '../../render/table.ts';
import type { Brush, Paint } from '../../terminal/paint.ts';
import { plainLine } from '../../terminal/plain-text.ts';
import type { Screen } from '../../terminal/screen.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import type { ToolTotals } from '../tool-totals.ts';
import { formatDay, formatTime } from './local-time.ts';

/** What many calls came to: a row for each tool, and a line for all. Nothing where there are no calls. */
export function renderTotals(
  totals: readonly ToolTotals[],
  look: Screen & { paint: Paint; batches: number; firstAt: number },
): string[] {
  if (totals.length === 0) return [];
  const { isTerminal, width, unicode, paint, batches, firstAt } = look;
  const most = isTerminal ? width : Infinity;
  const head = ['tool', 'calls', 'ok', 'errors', 'unknown', 'p50', 'p95'].map((text) => ({ text, brush: paint.dim }));
  const rows = fitRows([head, ...totals.map((total) => toRow(total, paint))], most);
  const unknown = sumOf(totals, 'unknown');
  const since = `since ${formatDay(firstAt)} ${formatTime(firstAt).slice(0, 8)}`;
  const parts = [
    `${formatCounted(sumOf(totals, 'calls'), 'call')} of ${formatCounted(totals.length, 'tool')}`,
    `${batches === 1 ? '1 batch' : `${formatCount(batches)} batches`} ${since}`,
    ...(sumOf(totals, 'running') > 0 ? [`${formatCount(sumOf(totals, 'running'))} still running`] : []),
  ];
  const note = `effect unknown: ${formatCounted(unknown, 'call')}; see mcp-marshal log --status unknown`;
  return [
    ...renderTable(rows, { width: most, mark: unicode ? '…' : '...' }),
    ...wrapText(parts.join(', '), { width: most, indent: 2 }),
    ...(unknown > 0 ? wrapText(note, { width: most, indent: 2 }).map(paint.bad) : []),
  ];
}

/** Enough of a name to know it. */
const leastToolWidth = 16;
/** What is left out where there is little room, in this order: what can be seen from the rest, then times. */
const spare = ['ok', 'p50', 'p95'];
const gapWidth = 2;

function fitRows(rows: readonly (readonly Cell[])[], width: number): (readonly Cell[])[] {
  const widthOf = (shown: readonly (readonly Cell[])[]): number =>
    (shown[0] ?? []).reduce((sum, _head, column) => {
      const own = widestOf(shown.map((row) => row[column]?.text ?? ''));
      return sum + (column === 0 ? Math.min(own, leastToolWidth) : own + gapWidth);
    }, 0);
  let fitted = [...rows];
  for (const title of spare) {
    if (widthOf(fitted) <= width) break;
    const column = (fitted[0] ?? []).findIndex(({ text }) => text === title);
    fitted = fitted.map((row) => row.toSpliced(column, 1));
  }
  return fitted;
}

function toRow({ server, tool, calls, ok, errors, unknown, p50Ms, p95Ms }: ToolTotals, paint: Paint): Cell[] {
  const count = (number: number, brush?: Brush): Cell => ({
    text: formatCount(number),
    ...(brush !== undefined && number > 0 && { brush }),
  });
  return [
    { text: plainLine(`${server}__${tool}`) },
    count(calls),
    count(ok, paint.good),
    count(errors, paint.bad),
    count(unknown, paint.bad),
    { text: p50Ms === undefined ? '-' : formatMs(p50Ms) },
    { text: p95Ms === undefined ? '-' : formatMs(p95Ms) },
  ];
}

function sumOf(totals: readonly ToolTotals[], field: 'calls' | 'unknown' | 'running'): number {
  return totals.reduce((sum, total) => sum + total[field], 0);
}
