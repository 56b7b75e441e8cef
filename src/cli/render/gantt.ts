import { formatMs } from '../../batch/reply/format-amount.ts';
import { brushOfStatus } from '../terminal/paint.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { cutText, fitText, textWidth } from '../terminal/text-width.ts';
import { drawAxis } from './gantt-axis.ts';
import { drawBar } from './gantt-bar.ts';
import { endOf, toGanttRows } from './gantt-rows.ts';
import type { GanttCall } from './gantt-rows.ts';
import { joinPieces, widestOf } from './join-pieces.ts';

/** When the calls of a batch ran. Times are milliseconds from the start of the batch. */
export interface GanttReport {
  calls: readonly GanttCall[];
  timing: {
    wallMs: number;
    /** It had not ended when it was last heard of. */
    isOpen?: true;
    serialMs: number;
    /** Absent where nobody has worked it out. */
    lowerBoundMs?: number;
    peakParallel: number;
    /** What makes the lower bound: `critical path`, `batch`, `process`, `server NAME` or `server NAME writes`. */
    bound?: string;
    /** Ids of the calls on the longest chain. */
    criticalPath?: readonly string[];
  };
}

export interface GanttLook {
  /** Columns; no line is wider, whatever the report holds. */
  width: number;
  unicode: boolean;
  paint: Paint;
}

/** Of the width, what names may take; the rest is for the picture. */
const labelShare = 0.4;

/**
 * A chart with one row per call, in the order asked: light while it waited, solid while it ran, in the colour of how it ended, then
 * how long it ran. Below it the time, and what running side by side has gained, where anything ran. No lines for a batch without
 * calls.
 */
export function renderGantt({ calls, timing }: GanttReport, { width, unicode, paint }: GanttLook): string[] {
  if (calls.length === 0 || width < 1) return [];
  const mark = unicode ? '…' : '...';
  const maxLabel = Math.floor(width * labelShare);
  // An id that takes more than a third stands out, so that others leave room for names.
  const idWidth = Math.floor(maxLabel / 3);
  const rows = toGanttRows(calls, { criticalPath: timing.criticalPath ?? [], mark, idWidth });
  // Of a single call, there is nothing to tell it from.
  const isMarked = rows.length > 1 && rows.some(({ isCritical }) => isCritical);
  const labels = rows.map(({ label, isCritical }) => `${isMarked ? (isCritical ? '* ' : '  ') : ''}${label}`);
  const endWidthWanted = widestOf(rows.map(({ end }) => end));
  const labelWidth = Math.min(maxLabel, widestOf(labels));
  // Two gaps of one column; what a narrow screen has no room for at the right is left out.
  const endWidth = width - labelWidth - endWidthWanted - 2 >= width / 4 ? endWidthWanted : 0;
  const plotWidth = Math.max(0, width - labelWidth - 1 - (endWidth > 0 ? endWidth + 1 : 0));
  const totalMs = Math.max(1, timing.wallMs, endOf(calls));

  const lines = rows.map((row, index) => {
    const bar = drawBar(row, { totalMs, width: plotWidth, unicode });
    const label = fitText(labels[index] ?? '', labelWidth, mark);
    return joinPieces(width, [
      { text: label, brush: isMarked && row.isCritical ? paint.bold : undefined },
      { text: ' ' },
      { text: bar.waiting, brush: paint.dim },
      { text: bar.running, brush: paint[brushOfStatus[row.status]] },
      { text: bar.rest },
      { text: endWidth > 0 ? ` ${row.end}` : '' },
    ]);
  });
  if (!rows.some(({ kind }) => kind === 'ran' || kind === 'span')) return lines;
  const axis = `${' '.repeat(labelWidth + 1)}${drawAxis({ totalMs, width: plotWidth, unicode })}`;
  return [
    ...lines,
    paint.dim(cutText(axis, width, '').trimEnd()),
    ...(isMarked ? [cutText('* critical path: the longest chain of calls', width, mark)] : []),
    ...renderGain(timing, { width, mark }),
  ];
}

/** The totals, on as many lines as they need. */
function renderGain(timing: GanttReport['timing'], { width, mark }: { width: number; mark: string }): string[] {
  const { wallMs, isOpen, serialMs, lowerBoundMs, peakParallel, bound } = timing;
  // A batch of a few quick calls gains nothing but round trips, and those are not in these numbers.
  const speedUp =
    isOpen === undefined && wallMs > 0 && serialMs > wallMs ? `${(serialMs / wallMs).toFixed(1)} times as fast` : '';
  const parts = [
    `${isOpen === true ? 'at least' : 'took'} ${formatMs(wallMs)}`,
    `one by one ${formatMs(serialMs)}`,
    lowerBoundMs === undefined ? '' : `at best ${formatMs(lowerBoundMs)}${describeBound(bound, lowerBoundMs)}`,
    speedUp,
    `at most ${peakParallel} at once`,
  ].filter((part) => part !== '');
  const lines: string[] = [];
  for (const part of parts) {
    const joined = lines.length === 0 ? part : `${lines.at(-1)}, ${part}`;
    if (lines.length > 0 && textWidth(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(cutText(part, width, mark));
  }
  return lines;
}

/** What keeps the batch from being faster: the chain of its calls, or the slots of somebody, for all calls or for writes. */
function describeBound(bound: string | undefined, lowerBoundMs: number): string {
  if (bound === undefined || lowerBoundMs === 0) return '';
  const name = plainLine(bound);
  const [, server, writes] = /^server (.+?)( writes)?$/.exec(name) ?? [];
  if (server !== undefined) return ` (${writes === undefined ? '' : 'write '}slots of server ${server})`;
  return name === 'batch' || name === 'process' ? ` (slots of the ${name})` : ` (${name})`;
}
