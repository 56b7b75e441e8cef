import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderGantt } from '../../../src/cli/render/gantt.ts';
import type { GanttReport } from '../../../src/cli/render/gantt.ts';
import { createPaint } from '../../../src/cli/terminal/paint.ts';
import { textWidth } from '../../../src/cli/terminal/text-width.ts';
import { plainText } from '../../../src/cli/terminal/plain-text.ts';
import { statuses } from '../../../src/core/outcome.ts';

const plain = createPaint({ color: false });
const colored = createPaint({ color: true });

const ok = { tool: 'files__read', status: 'ok' as const, attempts: 1, startedMs: 0, runMs: 100 };

const report: GanttReport = {
  calls: [
    { id: 'c0', tool: 'github__get_issue', status: 'ok', attempts: 1, startedMs: 0, runMs: 312 },
    { id: 'c1', tool: 'files__read_text_file', status: 'invalid', attempts: 0, startedMs: 0, runMs: 0 },
    { id: 'c2', tool: 'github__list_issues', status: 'ok', attempts: 1, startedMs: 2, runMs: 655 },
    { id: 'write', tool: 'files__write_file', status: 'tool_error', attempts: 1, startedMs: 400, runMs: 9 },
    { id: 'read-it-again', tool: 'files__read_text_file', status: 'timeout', attempts: 1, startedMs: 411, runMs: 401 },
    { id: 'c5', tool: 'files__delete_file', status: 'skipped', attempts: 0, startedMs: 812, runMs: 0 },
  ],
  timing: { wallMs: 812, serialMs: 1377, lowerBoundMs: 655, peakParallel: 3 },
};

describe('the Gantt chart', () => {
  test.each([
    { name: 'unicode', width: 100, unicode: true, paint: plain },
    { name: 'ascii', width: 80, unicode: false, paint: plain },
    { name: 'narrow', width: 40, unicode: true, paint: plain },
    { name: 'color', width: 80, unicode: true, paint: colored },
  ])('looks as it always did: $name', async ({ name, ...look }) => {
    const chart = renderGantt(report, look).join('\n');
    await expect(`${chart}\n`).toMatchFileSnapshot(`../../golden/cli/gantt-${name}.txt`);
  });

  test('has a row per call, in the order asked, whatever their times', () => {
    const rows = renderGantt(report, { width: 100, unicode: true, paint: plain });
    expect(rows.slice(0, 6).map((row) => row.split(' ')[0])).toEqual([
      'c0',
      'c1',
      'c2',
      'write',
      'read-it-again',
      'c5',
    ]);
  });

  test('has the names of the tools one below the other, but for ids that are very long', () => {
    const rows = renderGantt(report, { width: 120, unicode: true, paint: plain }).slice(0, 6);
    expect(new Set(rows.map((row) => row.search(/github__|files__/)))).toEqual(new Set(['read-it-again '.length]));
    const calls = [
      { ...ok, id: 'a' },
      { ...ok, id: 'x'.repeat(40) },
    ];
    const [short] = renderGantt({ calls, timing: report.timing }, { width: 120, unicode: true, paint: plain });
    expect(short).toMatch(/^a files__read /);
  });

  test('shows a call that took no time beside one that took an hour', () => {
    const calls = [
      { id: 'long', tool: 't', status: 'ok' as const, attempts: 1, startedMs: 0, runMs: 3_600_000 },
      { id: 'short', tool: 't', status: 'ok' as const, attempts: 1, startedMs: 3_600_000, runMs: 0 },
    ];
    const [, short = ''] = renderGantt({ calls, timing: report.timing }, { width: 60, unicode: false, paint: plain });
    expect(short).toContain('#');
  });

  test('draws nothing for a call that never ran', () => {
    const [, invalid = ''] = renderGantt(report, { width: 100, unicode: true, paint: plain });
    expect(invalid).not.toMatch(/[█▏▎▍▌▋▊▉]/);
    expect(invalid).toContain('invalid');
  });

  test('speaks of no gain where there was none', () => {
    const timing = { wallMs: 17, serialMs: 12, lowerBoundMs: 8, peakParallel: 2 };
    const lines = renderGantt({ ...report, timing }, { width: 100, unicode: true, paint: plain });
    expect(lines.at(-1)).toBe('took 17 ms, one by one 12 ms, at best 8 ms, at most 2 at once');
  });

  describe('of a batch whose calls depend on each other', () => {
    const items = Array.from({ length: 20 }, (_, index) => ({
      ...ok,
      id: `each[${index}]`,
      startedMs: 100 + 10 * index,
      ...(index === 19 && { status: 'failed' as const }),
    }));
    const flow: GanttReport = {
      calls: [
        { ...ok, id: 'list' },
        { ...ok, id: 'each', status: 'failed', attempts: 20, startedMs: 100, runMs: 2_000, items },
        { ...ok, id: 'again', deduplicatedOf: 'list' },
        { ...ok, id: 'kept', attempts: 0, runMs: 0, cached: true },
        { ...ok, id: 'none', items: [] },
      ],
      timing: {
        wallMs: 390,
        serialMs: 2_100,
        lowerBoundMs: 200,
        peakParallel: 10,
        bound: 'critical path',
        criticalPath: ['list', 'each[2]'],
      },
    };
    const lines = renderGantt(flow, { width: 80, unicode: true, paint: plain });

    test.each([
      { name: 'flow', unicode: true },
      { name: 'flow-ascii', unicode: false },
    ])('looks as it always did: $name', async ({ name, unicode }) => {
      const chart = renderGantt(flow, { width: 80, unicode, paint: plain }).join('\n');
      await expect(`${chart}\n`).toMatchFileSnapshot(`../../golden/cli/gantt-${name}.txt`);
    });

    test('has rows for the first elements of a list below their call, and says how many more there are', () => {
      const labels = lines.slice(0, 14).map((line) =>
        line
          .slice(2)
          .split(/ {2,}(?=[·█─▏])| {3,}/)[0]
          ?.trim(),
      );
      expect(labels.slice(2, 10)).toEqual(
        Array.from({ length: 8 }, (_, index) => expect.stringContaining(`each[${index}]`)),
      );
      expect(labels[10]).toBe('… and 12 more');
    });

    test('says of a call that was not sent where its result is from, and draws none', () => {
      const again = lines.find((line) => line.includes('again')) ?? '';
      const kept = lines.find((line) => line.includes('kept')) ?? '';
      expect(again).toMatch(/same as list$/);
      expect(kept).toMatch(/cached$/);
      expect(again + kept).not.toContain('█');
    });

    test('marks the critical path, calls of elements too, and says what the mark means', () => {
      const marked = lines.filter((line) => line.startsWith('* '));
      expect(marked.map((line) => line.split(' ').find((word) => word !== '*' && word !== ''))).toEqual([
        'list',
        'each',
        'each[2]',
        'critical',
      ]);
    });

    test.each([
      { bound: 'critical path', says: 'at best 200 ms (critical path)' },
      { bound: 'batch', says: 'at best 200 ms (slots of the batch)' },
      { bound: 'process', says: 'at best 200 ms (slots of the process)' },
      { bound: 'server github', says: 'at best 200 ms (slots of server github)' },
      { bound: 'server github writes', says: 'at best 200 ms (write slots of server github)' },
    ])('says what keeps it from being faster: $bound', ({ bound, says }) => {
      const timing = { ...flow.timing, bound };
      expect(renderGantt({ ...flow, timing }, { width: 120, unicode: true, paint: plain }).at(-1)).toContain(says);
    });
  });

  test('has no mark where there is nothing to tell the critical path from', () => {
    const one = { calls: [{ ...ok, id: 'c0' }], timing: { ...report.timing, criticalPath: ['c0'] } };
    const lines = renderGantt(one, { width: 80, unicode: true, paint: plain });
    expect(lines.join('\n')).not.toContain('*');
  });

  test('has neither axis nor totals where nothing ran', () => {
    const calls = [
      { ...ok, id: 'c0', status: 'invalid' as const, attempts: 0, runMs: 0 },
      { ...ok, id: 'c1', attempts: 0, runMs: 0, cached: true as const },
    ];
    const timing = { wallMs: 3, serialMs: 0, lowerBoundMs: 0, peakParallel: 0 };
    const lines = renderGantt({ calls, timing }, { width: 80, unicode: true, paint: plain });
    expect(lines).toEqual([expect.stringMatching(/^c0 .* invalid/), expect.stringMatching(/^c1 .* cached/)]);
  });

  test('has no lines for a batch without calls', () => {
    expect(renderGantt({ calls: [], timing: report.timing }, { width: 80, unicode: true, paint: plain })).toEqual([]);
  });

  const milliseconds = fc.oneof(fc.nat(1_000), fc.nat(100_000_000), fc.double({ min: 0, max: 1e9, noNaN: true }));
  const anyReport = fc.record({
    calls: fc.array(
      fc.record({
        id: fc.string({ maxLength: 80 }),
        tool: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 120 }), fc.string({ unit: 'binary', maxLength: 40 })),
        status: fc.constantFrom(...statuses),
        attempts: fc.nat(3),
        startedMs: milliseconds,
        runMs: milliseconds,
      }),
      { maxLength: 12 },
    ),
    timing: fc.record({
      wallMs: milliseconds,
      serialMs: milliseconds,
      lowerBoundMs: milliseconds,
      peakParallel: fc.nat(1_000),
    }),
  });

  test('is never wider than the screen, and lets nothing of a name steer the terminal', () => {
    fc.assert(
      fc.property(
        anyReport,
        fc.integer({ min: 0, max: 240 }),
        fc.boolean(),
        fc.boolean(),
        (any, width, unicode, color) => {
          const lines = renderGantt(any, { width, unicode, paint: color ? colored : plain });
          for (const line of lines) {
            const seen = plainText(line);
            expect(textWidth(seen)).toBeLessThanOrEqual(width);
            if (!color) expect(seen).toBe(line);
          }
        },
      ),
    );
  });

  test('gives each call that ran at least one cell', () => {
    fc.assert(
      fc.property(anyReport, fc.integer({ min: 30, max: 240 }), (any, width) => {
        const calls = any.calls.map((call, index) => ({ ...call, id: `c${index}`, tool: 't' }));
        const lines = renderGantt({ ...any, calls }, { width, unicode: false, paint: plain });
        calls.forEach(({ attempts }, index) => expect(lines[index]?.includes('#')).toBe(attempts > 0));
      }),
    );
  });
});
