import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderTable } from '../../../src/cli/render/table.ts';
import { textWidth } from '../../../src/cli/terminal/text-width.ts';

const rows = [
  [{ text: 'files__read_text_file' }, { text: 'read' }, { text: 'the hint of the server' }],
  [{ text: 'x' }, { text: 'destructive' }, { text: 'rule' }],
];

test('columns are aligned, without blanks at the end', () => {
  expect(renderTable(rows, { width: Infinity, mark: '…' })).toEqual([
    'files__read_text_file  read         the hint of the server',
    'x                      destructive  rule',
  ]);
});

test('what is short and says the most is cut last', () => {
  expect(renderTable(rows, { width: 44, mark: '…' })).toEqual([
    'files__read_text…  read         the hint of…',
    'x                  destructive  rule',
  ]);
});

test('colours do not disturb the columns', () => {
  const brush = (text: string): string => `<${text}>`;
  expect(renderTable([[{ text: 'a', brush }, { text: 'b' }], [{ text: 'ccc' }]], { width: 80, mark: '…' })).toEqual([
    '<a  >  b',
    'ccc',
  ]);
});

test('no table is wider than the screen, as long as there is room for the gaps', () => {
  const cell = fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 60 }) });
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 1, maxLength: 5 })),
      fc.integer({ min: 10, max: 120 }),
      (any, width) => {
        for (const line of renderTable(any, { width, mark: '…' })) expect(textWidth(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
