import type { GanttRow } from './gantt-rows.ts';

/** A row of a chart in three pieces that together are exactly as wide as the plot. */
export interface Bar {
  waiting: string;
  running: string;
  rest: string;
}

/** Fills of an eighth of a cell to seven eighths, from the left. */
const eighths = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * Draws when one call waited and ran, on a line of `width` cells that stand for `totalMs`. A call that ran has at least one cell; a
 * span is a line, not a block.
 */
export function drawBar(
  { kind, startedMs, runMs }: Pick<GanttRow, 'kind' | 'startedMs' | 'runMs'>,
  { totalMs, width, unicode }: { totalMs: number; width: number; unicode: boolean },
): Bar {
  const cellOf = (ms: number): number => Math.min(width, Math.max(0, (ms / totalMs) * width));
  const hasRun = kind === 'ran' || kind === 'span';
  // The last cell is kept for a call that started at the very end.
  const first = Math.max(0, Math.min(Math.floor(cellOf(startedMs)), hasRun ? width - 1 : width));
  const waiting = (unicode ? '·' : '.').repeat(first);
  const cells = cellOf(startedMs + runMs) - first;
  const running = hasRun && width > 0 ? drawRun(cells, { kind, most: width - first, unicode }) : '';
  return { waiting, running, rest: ' '.repeat(Math.max(0, width - first - running.length)) };
}

function drawRun(
  cells: number,
  { kind, most, unicode }: { kind: GanttRow['kind']; most: number; unicode: boolean },
): string {
  const whole = Math.min(most, Math.max(1, Math.round(cells)));
  if (kind === 'span') return (unicode ? '─' : '-').repeat(whole);
  if (!unicode) return '#'.repeat(whole);
  const full = Math.min(most, Math.floor(cells));
  const part = full < most ? Math.round((cells - full) * 8) : 0;
  if (part >= 8) return '█'.repeat(full + 1);
  const end = part > 0 ? (eighths[part - 1] ?? '') : '';
  return '█'.repeat(full) + end || '▏';
}
