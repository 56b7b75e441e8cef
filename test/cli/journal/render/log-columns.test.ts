import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitLogColumns, logColumns, perColumn } from '../../../../src/cli/journal/render/log-columns.ts';
import type { LogWidths } from '../../../../src/cli/journal/render/log-columns.ts';

const wanted = { time: 12, status: 11, applied: 7, took: 7, tool: 24, call: 9, note: 60 };

function lineWidth(widths: LogWidths): number {
  const shown = logColumns.map((column) => widths[column]).filter((own) => own > 0);
  return shown.reduce((sum, own) => sum + own, 0) + 2 * (shown.length - 1);
}

describe('the columns of a log', () => {
  test('are as wide as they want where there is room', () => {
    expect(fitLogColumns(wanted, Infinity)).toEqual(wanted);
    expect(fitLogColumns(wanted, lineWidth(wanted))).toEqual(wanted);
  });

  test('never take more than there is, and use all of it while anything was cut for it', () => {
    const widths = fc.record(perColumn(() => fc.integer({ min: 4, max: 90 })));
    fc.assert(
      fc.property(widths, fc.integer({ min: 42, max: 200 }), (natural, width) => {
        const small = { ...natural, time: 12, status: Math.min(11, natural.status), applied: 7 };
        const fitted = fitLogColumns(small, width);
        expect(lineWidth(fitted)).toBeLessThanOrEqual(width);
        for (const column of logColumns) expect(fitted[column]).toBeLessThanOrEqual(small[column]);
        // A call whose effect is unknown is known as such at any width.
        expect(Math.min(fitted.status, fitted.applied, fitted.tool)).toBeGreaterThan(0);
      }),
    );
  });

  test.each([
    { width: 100, without: [] },
    { width: 80, without: [] },
    { width: 60, without: ['took', 'note'] },
    { width: 40, without: ['took', 'call', 'note'] },
  ])('leave out whole what has no room at $width: $without', ({ width, without }) => {
    const fitted = fitLogColumns(wanted, width);
    expect(logColumns.filter((column) => fitted[column] === 0)).toEqual(without);
  });
});
