/** Where things stand in a drawing. Units are those of the SVG, which are pixels where it is not scaled. */
export interface Frame {
  width: number;
  /** Left edge of the names. */
  left: number;
  /** Where the names of the tools begin, behind the ids. */
  nameAt: number;
  /** The room for bars. */
  plotFrom: number;
  plotTo: number;
  /** Where the words behind the bars begin. */
  noteAt: number;
  top: number;
  rowHeight: number;
  barHeight: number;
  totalMs: number;
}

/** Where a moment stands. */
export function xOf({ plotFrom, plotTo, totalMs }: Frame, ms: number): number {
  const share = Math.min(1, Math.max(0, ms / totalMs));
  return round(plotFrom + share * (plotTo - plotFrom));
}

/** The middle of a row. */
export function yOf({ top, rowHeight }: Frame, row: number): number {
  return round(top + (row + 0.5) * rowHeight);
}

/** A tenth of a pixel is seen by nobody, and more digits are as much text again. */
export function round(units: number): number {
  return Math.round(units * 10) / 10;
}
