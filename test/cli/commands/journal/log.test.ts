import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textWidth } from '../../../../src/cli/terminal/text-width.ts';
import { batchOf, callOf, fakeJournal, startMs, unknownCall } from '../../journal/fake-journal.ts';
import type { FakeJournal } from '../../journal/fake-journal.ts';
import { emptyFolder, ioIn, runJournal } from './run-journal.ts';

const direct = callOf({ atMs: -500, callId: 'github__search_code', tool: 'search_code', runMs: 1_234 });
delete direct.batchId;
const failed = callOf({
  atMs: 800,
  callId: 'c2',
  status: 'failed',
  code: 'connection_lost',
  message: 'the server\u001b[2J exited\nand more',
  attempts: 3,
});
const running = callOf({
  atMs: 900,
  batchId: '80aa01',
  tool: 'add',
  class: 'write',
  status: 'running',
  applied: 'unknown',
});
const killed = callOf({ atMs: 950, batchId: '80aa01', callId: 'c1', status: 'interrupted' });
const calls = [direct, callOf(), unknownCall, failed, running, killed];
const batches = [batchOf(), batchOf({ batchId: '80aa01', atMs: 850 }), batchOf({ batchId: '80ff02', atMs: 860 })];

let cwd: string;
beforeAll(() => void (cwd = emptyFolder()));
afterAll(() => rmSync(cwd, { recursive: true }));

function log(
  argv: readonly string[],
  { journal = fakeJournal({ calls, batches }), columns }: { journal?: FakeJournal; columns?: number } = {},
): ReturnType<typeof runJournal> {
  return runJournal(['log', ...argv], { journal, cwd, ...(columns !== undefined && { columns }) });
}

/** The ids of the calls shown, in their order. */
async function shown(argv: readonly string[]): Promise<unknown[]> {
  const { code, out } = await log([...argv, '--json']);
  expect(code).toBe(0);
  return JSON.parse(out).data.map(({ batchId = '-', callId }: Record<string, string>) => `${batchId} ${callId}`);
}

describe('log', () => {
  test('shows each call on a line of its own, the newest last, whole for who reads a pipe', async () => {
    const { code, out, err } = await log([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'time                     status       applied  took    tool                 call       note',
      '2026-11-21 23:41:06.623  ok           -        1.2 s   github__search_code  -',
      '2026-11-21 23:41:07.123  ok           -        312 ms  github__get_issue    7f3a91 c0',
      '2026-11-21 23:41:07.523  timeout      unknown  2 s     files__write_file    7f3a91 c1  timeout: no answer within 2 s; it may still take effect',
      '2026-11-21 23:41:07.923  failed       -        312 ms  github__get_issue    7f3a91 c2  connection_lost, 3 attempts: the server exited',
      '2026-11-21 23:41:08.023  running      -        -       github__add          80aa01 c0',
      '2026-11-21 23:41:08.073  interrupted  -        -       github__get_issue    80aa01 c1',
      '',
    ]);
  });

  test('names the day once where a person reads it, and again where it changes', async () => {
    const earlier = callOf({ atMs: -24 * 3_600_000 });
    const { out } = await log([], { journal: fakeJournal({ calls: [earlier, ...calls] }), columns: 120 });
    const lines = out.split('\n');
    expect(lines.flatMap((line, index) => (line.startsWith('2026-') ? [[index, line]] : []))).toEqual([
      [1, '2026-11-20'],
      [3, '2026-11-21'],
    ]);
    expect(lines[2]).toMatch(/^23:41:07\.123 {2}ok /);
  });

  test.each([40, 60, 80, 120])(
    'fits every line on a screen of %d columns, and always says what may have been done',
    async (columns) => {
      const { out } = await log([], { columns });
      const lines = out.trimEnd().split('\n');
      expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(columns);
      expect(lines).toHaveLength(8);
      expect(lines[4]).toMatch(/^23:41:07.* timeout {6}unknown .*files__/);
    },
  );

  test.each([
    { argv: ['-n', '2'], ids: ['80aa01 c0', '80aa01 c1'] },
    { argv: ['--lines', '0'], ids: [] },
    { argv: ['--server', 'files'], ids: ['7f3a91 c1'] },
    { argv: ['--tool', 'get_*'], ids: ['7f3a91 c0', '7f3a91 c2', '80aa01 c1'] },
    { argv: ['--tool', 'files__write_file'], ids: ['7f3a91 c1'] },
    { argv: ['--status', 'failed,timeout'], ids: ['7f3a91 c1', '7f3a91 c2'] },
    { argv: ['--status', 'running'], ids: ['80aa01 c0'] },
    { argv: ['--status', 'interrupted'], ids: ['80aa01 c1'] },
    { argv: ['--status', 'unknown'], ids: ['7f3a91 c1'] },
    { argv: ['--batch', '7f3a91', '--status', 'ok'], ids: ['7f3a91 c0'] },
    { argv: ['--batch', '7'], ids: ['7f3a91 c0', '7f3a91 c1', '7f3a91 c2'] },
    { argv: ['--since', new Date(startMs + 801).toISOString()], ids: ['80aa01 c0', '80aa01 c1'] },
  ])('shows only what is asked for: $argv', async ({ argv, ids }) => {
    expect(await shown(argv)).toEqual(ids);
  });

  test('gives programs one object, with moments that need no time zone', async () => {
    const { out } = await log(['--json', '--status', 'timeout']);
    const { seq: _seq, ...rest } = unknownCall;
    const { startedAt, endedAt } = { startedAt: startMs + 400, endedAt: startMs + 2_400 };
    const iso = { startedAt: new Date(startedAt).toISOString(), endedAt: new Date(endedAt).toISOString() };
    expect(JSON.parse(out)).toEqual({ version: 1, data: [{ ...rest, ...iso }] });
  });

  test.each([
    {
      argv: ['--status', 'timout'],
      says: '"timout" is no status; did you mean timeout? There are ok, tool_error, failed',
    },
    { argv: ['--status', 'ok,'], says: '"" is no status; There are ok' },
    { argv: ['-n', '-1'], says: 'Write a number from 0 to 100000' },
    { argv: ['-n', '100001'], says: 'Write a number from 0 to 100000' },
    { argv: ['--since', 'yesterday'], says: 'Write 10m, 2h or 3d, or a time such as 2026-11-21T14:30' },
    { argv: ['--since', '2999-01-01'], says: 'That is in the future' },
    { argv: ['--server', 'gihub'], says: 'there is no server "gihub"; did you mean github? there are files, github\n' },
    { argv: ['--batch', '7f3a19'], says: 'there is no batch "7f3a19" in /state/journal; did you mean 7f3a91?\n' },
    { argv: ['--batch', 'zzzzzzzzzz'], says: 'the last one is 80ff02 (2026-11-21 23:41:07, 2 calls)\n' },
    { argv: ['--batch', '80'], says: 'several batches begin with "80": 80ff02 (' },
    { argv: ['--batch', '%'], says: 'there is no batch "%"' },
  ])('refuses what cannot be with 2, and says what can: $argv', async ({ argv, says }) => {
    const { code, out, err } = await log(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
  });

  test('takes a server that the configuration has, though it was never called', async () => {
    writeFileSync(join(cwd, 'two.yaml'), 'version: 1\nservers: { quiet: { command: "${UNSET_VARIABLE}" } }\n');
    const { code, out, err } = await log(['--server', 'quiet', '--config', 'two.yaml']);
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: 'no call is recorded that passes\n' });
  });

  test('helps who has mistyped a tool, and ends well', async () => {
    const { code, out, err } = await log(['--tool', 'writ_file']);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toBe('no call is recorded that passes; did you mean write_file?\n');
  });

  test('says kindly that there is no journal yet, where it looked, and who keeps one', async () => {
    const journal = { ...fakeJournal(), isThere: false };
    const { code, out, err } = await log([], { journal });
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain(
      'there is no journal yet: looked in /state/journal; mcp-marshal serve, call and batch keep one',
    );
    expect(JSON.parse((await log(['--json'], { journal })).out)).toEqual({ version: 1, data: [] });
  });

  test('says of each file that cannot be read why, once, and shows the others', async () => {
    const problems = ['journal-2.db is damaged', 'journal-3.db was written\u001b[2J by a newer mcp-marshal'];
    const { code, out, err } = await log([], { journal: fakeJournal({ calls, problems }) });
    expect(code).toBe(0);
    expect(out).toContain('github__search_code');
    expect(err).toBe('warning: journal-2.db is damaged\nwarning: journal-3.db was written by a newer mcp-marshal\n');
  });

  test('lets go of the journal, whatever happens', async () => {
    const journal = fakeJournal();
    await log(['--batch', 'none'], { journal });
    await log([], { journal });
    expect(journal.closed).toBe(2);
  });
});

describe('log --follow', () => {
  test('shows the last calls, then each as it is recorded and as it ends, until Ctrl-C: 130', async () => {
    const journal = fakeJournal({ calls });
    const fake = ioIn(cwd);
    const ended = runJournal(['log', '-f', '-n', '1'], { journal, cwd, fake });
    await expect.poll(() => fake.out()).toContain('80aa01 c1');
    const fresh = callOf({ atMs: 5_000, callId: 'c9', class: 'write', status: 'running', applied: 'unknown' });
    journal.record(fresh);
    journal.record({ ...fresh, status: 'ok', applied: 'yes', runMs: 40 });
    fake.signal('SIGINT');
    const { code, out } = await ended;
    expect(code).toBe(130);
    const rows = out.trimEnd().split('\n').slice(1);
    expect(rows.map((row) => row.split(/ {2,}/).slice(1, 3))).toEqual([
      ['interrupted', '-'],
      ['running', '-'],
      ['ok', 'yes'],
    ]);
  });

  test('shows what is recorded while the past is read exactly once', async () => {
    const journal = fakeJournal({ calls });
    const meanwhile = callOf({ atMs: 5_000, callId: 'meanwhile' });
    const read = journal.calls;
    journal.calls = (filter) => {
      journal.record(meanwhile);
      return read(filter);
    };
    const fake = ioIn(cwd);
    const ended = runJournal(['log', '-f'], { journal, cwd, fake });
    await expect.poll(() => fake.out()).toContain('meanwhile');
    journal.record(callOf({ atMs: 6_000, callId: 'after' }));
    fake.signal('SIGTERM');
    const { out } = await ended;
    expect(out.match(/meanwhile/g)).toHaveLength(1);
    expect(out).toContain('after');
  });

  test('gives programs an object a line, and new calls only with -n 0', async () => {
    const journal = fakeJournal({ calls });
    const fake = ioIn(cwd);
    const ended = runJournal(['log', '-f', '-n', '0', '--json', '--server', 'files'], { journal, cwd, fake });
    await expect.poll(() => journal.followers()).toBe(1);
    journal.record(failed, unknownCall);
    fake.signal('SIGINT');
    const lines = (await ended).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { version: 1, data: { callId: 'c1', server: 'files' } },
    ]);
  });

  test('ends quietly with 0 when nobody reads it any more', async () => {
    const fake = ioIn(cwd);
    const ended = runJournal(['log', '-f'], { journal: fakeJournal({ calls }), cwd, fake });
    await expect.poll(() => fake.out()).toContain('80aa01 c1');
    fake.io.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    const { code, err } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(fake.io.stdout.listenerCount('close')).toBe(0);
  });

  test('keeps the columns where they are as usual calls come', async () => {
    const journal = fakeJournal();
    const fake = ioIn(cwd);
    const ended = runJournal(['log', '-f'], { journal, cwd, fake });
    await expect.poll(() => journal.followers()).toBe(1);
    journal.record(running);
    journal.record(unknownCall);
    journal.record(failed);
    fake.signal('SIGINT');
    const lines = (await ended).out.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(new Set(lines.map((line) => line.search(/tool|github__|files__/)))).toEqual(new Set([54]));
  });

  test('waits for a journal that is not there yet', async () => {
    const journal = { ...fakeJournal(), isThere: false };
    const fake = ioIn(cwd);
    const ended = runJournal(['log', '-f'], { journal, cwd, fake });
    await expect.poll(() => fake.err()).toContain('there is no journal yet');
    journal.record(callOf());
    fake.signal('SIGINT');
    expect((await ended).out).toContain('github__get_issue');
  });
});

describe('where the journal is looked for', () => {
  test('is the state folder of the user without a configuration', async () => {
    const { asked } = await log([]);
    expect(asked).toEqual([{ stateDir: join(cwd, '.local/state/mcp-marshal') }]);
  });

  test('is where the configuration says, though nothing else in it can be loaded', async () => {
    writeFileSync(join(cwd, 'broken.yaml'), 'version: 1\nsevrers: {}\nstateDir: state\njournal: { file: j/one.db }\n');
    const { code, asked, err } = await log(['--config', 'broken.yaml']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(asked).toEqual([{ stateDir: join(cwd, 'state'), file: join(cwd, 'j/one.db') }]);
  });

  test('is where --state-dir says, before all', async () => {
    const { asked } = await log(['--config', 'none.yaml', '--state-dir', 'other']);
    expect(asked).toEqual([{ stateDir: join(cwd, 'other') }]);
  });

  test('is the folder of the user where the configuration is no YAML, and that is said', async () => {
    writeFileSync(join(cwd, 'torn.yaml'), 'version: 1\nservers: {');
    const { code, asked, err } = await log(['--config', 'torn.yaml']);
    expect({ code, asked }).toEqual({ code: 0, asked: [{ stateDir: join(cwd, '.local/state/mcp-marshal') }] });
    expect(err).toContain('warning: the configuration torn.yaml cannot be read, see mcp-marshal check; reading from');
  });

  test('is nowhere where a configuration is named that is not there: 2', async () => {
    const { code, out, err } = await log(['--config', 'none.yaml']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('the configuration none.yaml does not exist');
  });

  test('is said to be switched off where it is', async () => {
    writeFileSync(join(cwd, 'off.yaml'), 'version: 1\nservers: {}\njournal: { enabled: false }\n');
    const { code, err } = await log(['--config', 'off.yaml']);
    expect(code).toBe(0);
    expect(err).toBe(
      'warning: off.yaml switches the journal off (journal.enabled: false), so nothing is recorded now\n',
    );
  });
});
