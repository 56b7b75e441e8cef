/** The columns of a log, from the left. */
export const logColumns = ['time', 'status', 'applied', 'took', 'tool', 'call', 'note'] as const;
export type LogColumn = (typeof logColumns)[number];
export type LogWidths = Record<LogColumn, number>;

/** Something for each column. */
export function perColumn<T>(make: (column: LogColumn) => T): Record<LogColumn, T> {
  return {
    time: make('time'),
    status: make('status'),
    applied: make('applied'),
    took: make('took'),
    tool: make('tool'),
    call: make('call'),
    note: make('note'),
  };
}

/** `23:41:07`: where there is little room, milliseconds go first. */
const secondsWidth = 8;
const gapWidth = 2;

/**
 * What gives way where lines are too long, in this order, and how far. 0: the column goes as a whole. How a call ended, what it may have
 * done and what it was stay to the end.
 */
const steps: readonly { column: LogColumn; least: number }[] = [
  // Holds every error code.
  { column: 'note', least: 24 },
  { column: 'time', least: secondsWidth },
  { column: 'tool', least: 20 },
  { column: 'note', least: 14 },
  // Holds a batch and `c0`.
  { column: 'call', least: 9 },
  { column: 'tool', least: 14 },
  { column: 'note', least: 10 },
  { column: 'note', least: 0 },
  { column: 'took', least: 0 },
  { column: 'call', least: 0 },
  { column: 'tool', least: 6 },
  { column: 'applied', least: 0 },
  { column: 'time', least: 0 },
];

/** How wide each column may be so that a line takes at most `width`, which may be Infinity; 0 where a column is left out. */
export function fitLogColumns(wanted: LogWidths, width: number): LogWidths {
  const fitted = { ...wanted };
  const excess = (): number => {
    const shown = logColumns.map((column) => fitted[column]).filter((own) => own > 0);
    return shown.reduce((sum, own) => sum + own, 0) + gapWidth * Math.max(0, shown.length - 1) - width;
  };
  for (const { column, least } of steps) {
    const over = excess();
    if (over <= 0) break;
    // A time is shown to the second or to the millisecond, not in between.
    const isWhole = least === 0 || column === 'time';
    fitted[column] = Math.min(fitted[column], isWhole ? least : Math.max(least, fitted[column] - over));
  }
  // A column that went as a whole may have made more room than was needed.
  for (const column of ['note', 'tool'] as const) {
    if (fitted[column] > 0) fitted[column] = Math.min(wanted[column], fitted[column] + Math.max(0, -excess()));
  }
  return fitted;
}
