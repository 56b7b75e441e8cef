/** A row of a chart in three pieces that together are exactly as wide as the plot. */
export interface Bar {
  waiting: string;
  running: string;
  rest: string;
}

/** Fills of an eighth of a cell to seven eighths, from the left. */
const eighths = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Draws when one call waited and ran, on a line of `width` cells that stand for `totalMs`. A call that ran has at least one cell. */
export function drawBar(
  { attempts, startedMs, runMs }: { attempts: number; startedMs: number; runMs: number },
  { totalMs, width, unicode }: { totalMs: number; width: number; unicode: boolean },
): Bar {
  const cellOf = (ms: number): number => Math.min(width, Math.max(0, (ms / totalMs) * width));
  const hasRun = attempts > 0;
  // The last cell is kept for a call that started at the very end.
  const first = Math.max(0, Math.min(Math.floor(cellOf(startedMs)), hasRun ? width - 1 : width));
  const waiting = (unicode ? '·' : '.').repeat(first);
  const running =
    hasRun && width > 0 ? drawRun(cellOf(startedMs + runMs) - first, { most: width - first, unicode }) : '';
  return { waiting, running, rest: ' '.repeat(Math.max(0, width - first - running.length)) };
}

function drawRun(cells: number, { most, unicode }: { most: number; unicode: boolean }): string {
  if (!unicode) return '#'.repeat(Math.min(most, Math.max(1, Math.round(cells))));
  const full = Math.min(most, Math.floor(cells));
  const part = full < most ? Math.round((cells - full) * 8) : 0;
  if (part >= 8) return '█'.repeat(full + 1);
  const end = part > 0 ? (eighths[part - 1] ?? '') : '';
  return '█'.repeat(full) + end || '▏';
}
