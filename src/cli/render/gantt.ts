import { formatMs } from '../../batch/reply/format-amount.ts';
import type { Status } from '../../core/outcome.ts';
import { brushOfStatus } from '../terminal/paint.ts';
import type { Brush, Paint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { cutText, fitText, textWidth } from '../terminal/text-width.ts';
import { drawBar } from './gantt-bar.ts';
import { drawAxis } from './gantt-axis.ts';

/** When the calls of a batch ran. Times are milliseconds from the start of the batch. */
export interface GanttReport {
  calls: readonly { id: string; tool: string; status: Status; attempts: number; startedMs: number; runMs: number }[];
  timing: { wallMs: number; serialMs: number; lowerBoundMs: number; peakParallel: number };
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
 * how long it ran. Below it the time, and what running side by side has gained. No lines for a batch without calls.
 */
export function renderGantt({ calls, timing }: GanttReport, { width, unicode, paint }: GanttLook): string[] {
  if (calls.length === 0 || width < 1) return [];
  const mark = unicode ? '…' : '...';
  const labels = calls.map(({ id, tool }) => plainLine(`${id} ${tool}`));
  const ends = calls.map(({ status, attempts, runMs }) => {
    const time = attempts > 0 ? formatMs(runMs) : '';
    return status === 'ok' ? time : `${status} ${time}`.trimEnd();
  });
  const labelWidth = Math.min(Math.floor(width * labelShare), widest(labels));
  // Two gaps of one column; what a narrow screen has no room for at the right is left out.
  const endWidth = width - labelWidth - widest(ends) - 2 >= width / 4 ? widest(ends) : 0;
  const plotWidth = Math.max(0, width - labelWidth - 1 - (endWidth > 0 ? endWidth + 1 : 0));
  const totalMs = Math.max(1, timing.wallMs, ...calls.map(({ startedMs, runMs }) => startedMs + runMs));

  const rows = calls.map((call, index) => {
    const bar = drawBar(call, { totalMs, width: plotWidth, unicode });
    return join(width, [
      { text: fitText(labels[index] ?? '', labelWidth, mark) },
      { text: ' ' },
      { text: bar.waiting, brush: paint.dim },
      { text: bar.running, brush: paint[brushOfStatus[call.status]] },
      { text: bar.rest },
      { text: endWidth > 0 ? ` ${ends[index] ?? ''}` : '' },
    ]);
  });
  const axis = `${' '.repeat(labelWidth + 1)}${drawAxis({ totalMs, width: plotWidth, unicode })}`;
  return [...rows, paint.dim(cutText(axis, width, '').trimEnd()), ...renderGain(timing, { width, mark })];
}

/** Pieces side by side, coloured after cutting, so that a colour is never left open. */
function join(width: number, pieces: readonly { text: string; brush?: Brush }[]): string {
  let room = width;
  let line = '';
  for (const { text, brush } of pieces) {
    const cut = cutText(text, room, '');
    room -= textWidth(cut);
    line += brush === undefined || cut === '' ? cut : brush(cut);
  }
  return line.trimEnd();
}

/** The totals, on as many lines as they need. */
function renderGain(timing: GanttReport['timing'], { width, mark }: { width: number; mark: string }): string[] {
  const { wallMs, serialMs, lowerBoundMs, peakParallel } = timing;
  // A batch of a few quick calls gains nothing but round trips, and those are not in these numbers.
  const speedUp = wallMs > 0 && serialMs > wallMs ? `${(serialMs / wallMs).toFixed(1)} times as fast` : '';
  const parts = [
    `took ${formatMs(wallMs)}`,
    `one by one ${formatMs(serialMs)}`,
    `at best ${formatMs(lowerBoundMs)}`,
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

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text)), 0);
}
