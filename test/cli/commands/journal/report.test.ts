import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textWidth } from '../../../../src/cli/terminal/text-width.ts';
import { callOf, fakeJournal, startMs, unknownCall } from '../../journal/fake-journal.ts';
import type { FakeJournal } from '../../journal/fake-journal.ts';
import { killed, killedCalls, reported, reportedCalls } from '../../journal/reported.ts';
import { emptyFolder, runJournal } from './run-journal.ts';

const batches = [reported, killed];
const calls = [...reportedCalls, ...killedCalls];

let cwd: string;
beforeAll(() => void (cwd = emptyFolder()));
afterAll(() => rmSync(cwd, { recursive: true }));

function report(
  argv: readonly string[],
  { journal = fakeJournal({ calls, batches }), columns }: { journal?: FakeJournal; columns?: number } = {},
): ReturnType<typeof runJournal> {
  return runJournal(['report', ...argv], { journal, cwd, ...(columns !== undefined && { columns }) });
}

describe('report', () => {
  test.each([
    { name: 'narrow', columns: 40 },
    { name: 'terminal', columns: 80 },
    { name: 'wide', columns: 120 },
  ])('looks as it always did, in lines that fit: $name', async ({ name, columns }) => {
    for (const id of ['7f3a91', '80aa01']) {
      const { code, out } = await report([id], { columns });
      expect(code).toBe(0);
      expect(Math.max(...out.split('\n').map(textWidth))).toBeLessThanOrEqual(columns);
      await expect(out).toMatchFileSnapshot(`../../../golden/cli/report-${id}-${name}.txt`);
    }
  });

  test('says first of all which calls somebody must look after', async () => {
    const { out, err } = await report(['7f3a91']);
    expect(out.split('\n').slice(0, 8)).toEqual([
      'batch 7f3a91: 4 calls, 1 ok, 1 timeout, 1 tool_error, 1 invalid in 2.4 s',
      'completed; accepted 2026-11-21 23:41:07, batch_call of stdio',
      '',
      'effect unknown: 1 call was sent, and may have changed something',
      '  c1  files__write_file  timeout: no answer within 2 s; it may still take effect',
      'see what it has done before it is sent again',
      '',
      'c0  ok          312 ms  github__get_issue',
    ]);
    expect(err).toBe('warning: c1: its record failed\n');
  });

  test('says what was learnt late, and asks nobody to look after that', async () => {
    const learnt = { ...unknownCall, status: 'ok' as const, applied: 'yes' as const, isLate: true as const };
    const { out } = await report(['7f'], { journal: fakeJournal({ batches, calls: [callOf(), learnt] }) });
    expect(out).not.toContain('effect unknown');
    expect(out).toContain('learnt late, of 1 call whose effect had been unknown:\n  c1  ok after all  applied: yes\n');
  });

  test('draws a batch whose process was killed from what is known', async () => {
    const { out } = await report(['80aa01']);
    expect(out).toContain('interrupted, since the process that ran it ended; accepted 2026-11-21 23:41:08');
    expect(out).toContain('1 call left no record: never sent, or reads that had not ended\n');
    expect(out).toMatch(/c1 +files__write_file .*█ interrupted\n/);
    expect(out).toContain('at least 950 ms, one by one 2.4 s, at most 4 at once');
    expect(out).not.toContain('at best');
  });

  test('is of the last batch unless one is named', async () => {
    expect((await report([])).out).toMatch(/^batch 80aa01:/);
  });

  test('names a few of many calls to look after, and how to see the rest', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ ...unknownCall, callId: `w${index}` }));
    const batch = { ...reported, calls: 30 };
    delete batch.report;
    const { out } = await report(['7f'], { journal: fakeJournal({ batches: [batch], calls: many }) });
    expect(out).toContain('effect unknown: 30 calls were sent');
    expect(out).toContain('\nand 10 more: mcp-marshal log --batch 7f3a91 --status unknown\n');
  });

  test('gives programs everything, with moments that need no time zone', async () => {
    const { data } = JSON.parse((await report(['7f3a91', '--json'])).out);
    expect(data).toMatchObject({
      batchId: '7f3a91',
      status: 'completed',
      acceptedAt: new Date(startMs).toISOString(),
      calls: 4,
      counts: { ok: 1, timeout: 1, tool_error: 1, invalid: 1 },
      unknown: [{ id: 'c1', tool: 'files__write_file', status: 'timeout', error: { code: 'timeout' } }],
      late: [],
      timing: { wallMs: 2_400, criticalPath: ['c1'] },
      slowest: [{ id: 'c1', runMs: 2_000 }, { id: 'c0' }, { id: 'c2' }],
    });
    expect(data.results).toHaveLength(4);
  });

  test('of a batch that is not there ends with 2 and what could be meant', async () => {
    const { code, out, err } = await report(['7f3a19']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe('there is no batch "7f3a19" in /state/journal; did you mean 7f3a91?\n');
  });

  test('without any batch says so and ends well', async () => {
    const journal = fakeJournal();
    expect(await report([], { journal })).toMatchObject({
      code: 0,
      out: '',
      err: 'no batch is recorded yet in /state/journal\n',
    });
    expect(JSON.parse((await report(['--json'], { journal })).out)).toEqual({ version: 1, data: null });
  });
});

describe('report --all', () => {
  test('counts all calls by tool, and says how many effects are unknown', async () => {
    const { code, out } = await report(['--all']);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'tool                   calls  ok  errors  unknown  p50     p95',
      'files__write_file      3      1   2       2        900 ms  2 s',
      'files__read_text_file  2      1   1       0        300 ms  400 ms',
      'github__get_issue      2      1   1       0        90 ms   312 ms',
      '7 calls of 3 tools, 2 batches since 2026-11-21 23:41:07',
      'effect unknown: 2 calls; see mcp-marshal log --status unknown',
      '',
    ]);
  });

  test.each([40, 80])('fits a screen of %d columns with numbers that are whole', async (columns) => {
    const { out } = await report(['--all'], { columns });
    expect(Math.max(...out.split('\n').map(textWidth))).toBeLessThanOrEqual(columns);
    expect(out).toMatch(/^tool +calls .*errors +unknown/);
    expect(out).toMatch(/\nfiles__write_.* 3 .* 2 +2/);
  });

  test('is what --since asks for too', async () => {
    const since = new Date(startMs + 2_000).toISOString();
    const { data } = JSON.parse((await report(['--since', since, '--json'])).out);
    expect(data).toMatchObject({ from: since, calls: 3, batches: 1 });
    expect(data.tools.map(({ tool, calls: count }: Record<string, unknown>) => [tool, count])).toEqual([
      ['read_text_file', 2],
      ['write_file', 1],
    ]);
  });

  test.each([['--all'], ['--since', '10m']])('does not go with one batch: %s', async (...option) => {
    const { code, err } = await report(['7f', ...option]);
    expect(code).toBe(2);
    expect(err).toContain(`${option[0]} is about all batches, and "7f" is one; leave out one of them\n`);
  });
});
