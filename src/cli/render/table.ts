import type { Brush } from '../terminal/paint.ts';
import { fitText, textWidth } from '../terminal/text-width.ts';

export interface Cell {
  text: string;
  /** Colour, applied after the text was cut and padded. */
  brush?: Brush;
}

/** Two spaces tell columns apart where names hold single ones. */
const gap = '  ';
/** What first and last column keep as long as the others can give way too. */
const leastWidth = 12;

/**
 * Rows as aligned lines of at most `width` columns, which may be Infinity. The last column gives way first, then the first, since what stands between
 * them is mostly short (a class, a decision); at the end whichever is widest.
 */
export function renderTable(rows: readonly (readonly Cell[])[], bag: { width: number; mark: string }): string[] {
  const widths = columnWidths(rows, bag.width);
  return rows.map((row) =>
    row
      .map(({ text, brush }, column) => {
        const fitted = fitText(text, widths[column] ?? 0, bag.mark);
        const shown = column === row.length - 1 ? fitted.trimEnd() : fitted;
        return brush === undefined ? shown : brush(shown);
      })
      .join(gap)
      .trimEnd(),
  );
}

function columnWidths(rows: readonly (readonly Cell[])[], width: number): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(({ text }, column) => (widths[column] = Math.max(widths[column] ?? 0, textWidth(text))));
  }
  const excess = (): number => widths.reduce((total, own) => total + own, 0) + gap.length * (widths.length - 1) - width;
  for (const column of [widths.length - 1, 0]) {
    const own = widths[column] ?? 0;
    widths[column] = Math.max(Math.min(own, leastWidth), own - Math.max(0, excess()));
  }
  for (let widest = Math.max(...widths); excess() > 0 && widest > 0; widest = Math.max(...widths)) {
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}
