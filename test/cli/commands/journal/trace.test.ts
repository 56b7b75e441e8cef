import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeJournal } from '../../journal/fake-journal.ts';
import { killed, killedCalls, reported, reportedCalls } from '../../journal/reported.ts';
import { emptyFolder, runJournal } from './run-journal.ts';

let cwd: string;
beforeAll(() => void (cwd = emptyFolder()));
afterAll(() => rmSync(cwd, { recursive: true }));

function trace(...argv: readonly string[]): ReturnType<typeof runJournal> {
  const journal = fakeJournal({ batches: [reported, killed], calls: [...reportedCalls, ...killedCalls] });
  return runJournal(['trace', ...argv], { journal, cwd });
}

function slicesOf(text: string): unknown[] {
  const events: { ph: string; name: string; dur: number }[] = JSON.parse(text).traceEvents;
  return events.filter(({ ph }) => ph === 'X').map(({ name, dur }) => [name, dur]);
}

describe('trace', () => {
  test('writes when each call of a batch ran to stdout, and nothing else', async () => {
    const { code, out, err } = await trace('7f');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(slicesOf(out)).toEqual([
      ['c0 github__get_issue', 312_000],
      ['c2 github__get_issue', 90_000],
      ['c1 files__write_file', 2_000_000],
    ]);
    expect(JSON.parse(out).otherData).toMatchObject({ batchId: '7f3a91', criticalPath: ['c1'] });
    expect((await trace('7f', '-o', '-')).out).toBe(out);
  });

  test('writes it to the file that is named, and says so', async () => {
    const { code, out, err } = await trace('7f3a91', '-o', 't.json');
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toBe('trace written to t.json; open it in Perfetto or chrome://tracing\n');
    expect(slicesOf(readFileSync(join(cwd, 't.json'), 'utf8'))).toHaveLength(3);
  });

  test('has the calls that are known of a batch whose process was killed', async () => {
    expect(slicesOf((await trace('80')).out)).toEqual([
      ['c0 files__write_file', 900_000],
      ['c1 files__write_file', 800_000],
      ['each[0] files__read_text_file', 300_000],
      ['each[1] files__read_text_file', 400_000],
    ]);
  });

  test.each([
    { argv: [], says: "missing required argument 'batch'" },
    { argv: ['ff'], says: 'there is no batch "ff" in /state/journal; the last one is 80aa01' },
    { argv: ['7f', '-o', ''], says: '--output names no file; write --output trace.json\n' },
    {
      argv: ['7f', '-o', 'none/t.json'],
      says: 'the trace cannot be written to "none/t.json": its directory does not exist',
    },
  ])('that cannot be ends with 2, and leaves no file: $argv', async ({ argv, says }) => {
    const before = readdirSync(cwd);
    const { code, out, err } = await trace(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
    expect(readdirSync(cwd)).toEqual(before);
  });
});
