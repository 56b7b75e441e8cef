import type { LoggedCall } from '../../../core/journal.ts';
import { brushOfStatus } from '../../terminal/paint.ts';
import type { Brush, Paint } from '../../terminal/paint.ts';
import type { Screen } from '../../terminal/screen.ts';
import { fitText, textWidth } from '../../terminal/text-width.ts';
import { toLogCells } from './log-cells.ts';
import { fitLogColumns, logColumns, perColumn } from './log-columns.ts';
import type { LogColumn, LogWidths } from './log-columns.ts';
import { formatDay } from './local-time.ts';

/** Draws calls as they come, a line each. */
export interface LogLines {
  draw(calls: readonly LoggedCall[]): string[];
}

/** What most calls fit into, for a log of which nobody knows yet what comes. */
const usual: LogWidths = { time: 12, status: 10, applied: 7, took: 6, tool: 24, call: 9, note: 4 };

/**
 * Lines of a log, under one heading. A terminal gets lines that fit, and the day on a line of its own where it changes; what reads a pipe
 * finds each line whole, its day included. Columns grow with what comes, so that lines of a log that is followed stand as far below
 * each other as can be known.
 */
export function createLogLines({
  isTerminal,
  width,
  unicode,
  paint,
  isEndless = false,
}: Screen & { paint: Paint; isEndless?: boolean }): LogLines {
  const wanted = perColumn((column) => (isEndless ? usual[column] : textWidth(column)));
  const mark = unicode ? '…' : '...';
  let day: string | undefined;

  const drawCells = (
    cells: Record<LogColumn, string>,
    { widths, brushes }: { widths: LogWidths; brushes: Partial<Record<LogColumn, Brush>> },
  ): string => {
    const shown = logColumns.filter((column) => widths[column] > 0);
    const parts = shown.map((column, index) => {
      const fitted = fitText(cells[column], widths[column], column === 'time' ? '' : mark);
      const text = index === shown.length - 1 ? fitted.trimEnd() : fitted;
      const brush = brushes[column];
      return brush === undefined ? text : brush(text);
    });
    return parts.join('  ').trimEnd();
  };
  const heading = perColumn((column): string => column);
  const dims = perColumn(() => paint.dim);

  return {
    draw(calls) {
      const rows = calls.map((call) => ({ call, cells: toLogCells(call, { withDay: !isTerminal }) }));
      for (const { cells } of rows) {
        for (const column of logColumns) wanted[column] = Math.max(wanted[column], textWidth(cells[column]));
      }
      const widths = fitLogColumns(wanted, isTerminal ? width : Infinity);
      const lines: string[] = [];
      if (day === undefined && rows.length > 0) lines.push(drawCells(heading, { widths, brushes: dims }));
      for (const { call, cells } of rows) {
        const ownDay = formatDay(call.startedAt);
        if (isTerminal && ownDay !== day) lines.push(paint.bold(fitText(ownDay, Math.min(width, ownDay.length), '')));
        day = ownDay;
        const brushes = {
          time: paint.dim,
          status: paint[brushOfStatus[call.status]],
          ...(call.applied === 'unknown' && { applied: paint.bad }),
          call: paint.dim,
        };
        lines.push(drawCells(cells, { widths, brushes }));
      }
      return lines;
    },
  };
}
