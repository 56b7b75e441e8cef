import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderPlanChart } from '../../../src/cli/plan/plan-chart.ts';
import type { PlannedRow } from '../../../src/cli/plan/planned-row.ts';
import { createPaint } from '../../../src/cli/terminal/paint.ts';
import { plainText } from '../../../src/cli/terminal/plain-text.ts';
import { textWidth } from '../../../src/cli/terminal/text-width.ts';

const plain = createPaint({ color: false });
const colored = createPaint({ color: true });

function rowOf(row: Partial<PlannedRow> & { id: string }): PlannedRow {
  return {
    tool: 'files__read_text_file',
    class: 'read',
    locks: [],
    after: [],
    approval: false,
    step: 1,
    open: false,
    afterCount: row.after?.length ?? 0,
    ...row,
  };
}

const rows: PlannedRow[] = [
  rowOf({ id: 'c0', tool: 'github__list_issues', locks: ['IS (everything)', 'S github'] }),
  rowOf({
    id: 'save',
    tool: 'files__write_file',
    class: 'write',
    step: 2,
    open: true,
    after: [{ id: 'c0', why: 'needs its result' }],
    locks: ['IX (everything)', 'IX files', 'X files/notes~1a.md'],
  }),
  rowOf({
    id: 'c2',
    step: 3,
    after: [
      { id: 'save', why: 'both touch files/notes' },
      { id: 'c0', why: 'after it, whatever its end' },
    ],
    locks: ['IS (everything)', 'IS files', 'S files/notes'],
  }),
  rowOf({ id: 'c3', sameAs: 'c0', tool: 'github__list_issues' }),
  rowOf({
    id: 'c4',
    tool: 'files__delete_file',
    class: 'destructive',
    approval: true,
    error: {
      code: 'approval_unavailable',
      message: 'it needs approval, and a batch cannot ask for it:\nthe default; add it to "allow:"',
    },
  }),
  rowOf({
    id: 'c5',
    tool: 'nowhere__tool',
    error: { code: 'unknown_tool', message: 'there is no tool "nowhere__tool"' },
  }),
  rowOf({ id: 'c6', tool: 'clock__now', class: 'destructive', approval: true, open: true }),
];
delete rows[5]!.class;

describe('the chart of a plan', () => {
  test.each([
    { name: 'pipe', isTerminal: false, width: 100, unicode: true, paint: plain },
    { name: 'wide', isTerminal: true, width: 160, unicode: true, paint: plain },
    { name: 'narrow', isTerminal: true, width: 60, unicode: true, paint: plain },
    { name: 'ascii', isTerminal: true, width: 80, unicode: false, paint: plain },
    { name: 'color', isTerminal: true, width: 80, unicode: true, paint: colored },
  ])('looks as it always did: $name', async ({ name, ...look }) => {
    const lines = renderPlanChart(rows, look);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../../golden/cli/plan-${name}.txt`);
  });

  test('has a row per call, in the order asked, whenever they could start', () => {
    const lines = renderPlanChart(rows, { isTerminal: true, width: 80, unicode: true, paint: plain });
    expect(lines.slice(0, 7).map((line) => line.split(' ')[0])).toEqual(['c0', 'save', 'c2', 'c3', 'c4', 'c5', 'c6']);
  });

  test('stays readable where a call waits for a thousand', () => {
    const reads = Array.from({ length: 999 }, (_, index) => rowOf({ id: `r${index}` }));
    const after = reads.map(({ id }) => ({ id, why: 'both touch files' }));
    const write = rowOf({ id: 'w', class: 'write', step: 2, after });
    const lines = renderPlanChart([...reads, write], { isTerminal: false, width: 100, unicode: true, paint: plain });
    expect(lines[999]).toMatch(/after r0, r1, r2, r3, r4 and 994 more \(both touch files\)$/);
  });

  test('says that there are more locks and more calls to wait for than the plan names', () => {
    const row = rowOf({
      id: 'w',
      step: 2,
      after: [{ id: 'c0', why: 'both touch files' }],
      afterCount: 40,
      locks: ['IX files', 'X files/a', 'and 30 more'],
    });
    const [line] = renderPlanChart([row], { isTerminal: false, width: 100, unicode: true, paint: plain });
    expect(line).toContain('after c0 (both touch files), 39 more; locks files/a exclusively and more');
  });

  test('shows the first and the last of a thousand steps on one screen', () => {
    const chain = Array.from({ length: 1_000 }, (_, index) => rowOf({ id: `c${index}`, step: index + 1 }));
    const lines = renderPlanChart(chain, { isTerminal: true, width: 80, unicode: false, paint: plain });
    expect(lines[0]).toMatch(/ #$/);
    expect(lines[999]).toMatch(/ \.+#$/);
    expect(lines[1_000]).toMatch(/step \|1 +.*\|\d{3}$/);
  });

  test('has no lines for a plan without calls', () => {
    expect(renderPlanChart([], { isTerminal: true, width: 80, unicode: true, paint: plain })).toEqual([]);
  });

  const anyText = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 }));
  const anyError = fc.record({ code: anyText, message: anyText });
  const anyRow = fc.record(
    {
      id: anyText,
      tool: anyText,
      class: fc.constantFrom('read', 'write', 'destructive', 'odd'),
      locks: fc.array(fc.oneof(anyText, fc.constantFrom('X (everything)', 'S files/a~1b', 'IX files')), {
        maxLength: 8,
      }),
      after: fc.array(fc.record({ id: anyText, why: anyText }), { maxLength: 8 }),
      afterCount: fc.nat(2_000),
      approval: fc.boolean(),
      step: fc.integer({ min: 1, max: 2_000 }),
      open: fc.boolean(),
      sameAs: anyText,
      error: anyError,
    },
    { requiredKeys: ['id', 'tool', 'locks', 'after', 'afterCount', 'approval', 'step', 'open'] },
  );

  test('is never wider than a terminal, and lets nothing of a name steer it', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 8 }),
        fc.integer({ min: 2, max: 200 }),
        fc.boolean(),
        (any, width, unicode) => {
          for (const line of renderPlanChart(any, { isTerminal: true, width, unicode, paint: plain })) {
            expect(textWidth(line)).toBeLessThanOrEqual(width);
            expect(line).toBe(plainText(line));
          }
        },
      ),
    );
  });

  test('gives each call that would run a block, and no other', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 8 }), fc.integer({ min: 30, max: 200 }), (any, width) => {
        const own = any.map(({ step, error }, index) =>
          rowOf({ id: `c${index}`, tool: 't', step, ...(error && { error }) }),
        );
        const lines = renderPlanChart(own, { isTerminal: true, width, unicode: true, paint: plain });
        own.forEach(({ error }, index) => expect(lines[index]?.includes('█')).toBe(error === undefined));
      }),
    );
  });
});
