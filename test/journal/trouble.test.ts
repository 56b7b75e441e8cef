import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type Libsql from 'libsql';
import { readJournals } from '../../src/journal/read-journals.ts';
import { batch, call, ended, keyed, makeStateDir, noReport, openJournal, openReader } from './support.ts';

const sqlite: typeof Libsql = createRequire(import.meta.url)('libsql');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const firstFile = (stateDir: string): string => join(stateDir, 'journal', 'journal-1.db');

/** Writes a file of SQLite as another program would. */
function writeDatabase(file: string, sql: string): string {
  mkdirSync(dirname(file), { recursive: true });
  const database = new sqlite(file);
  database.exec(sql);
  database.close();
  return hashOf(file);
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

describe('a damaged file', () => {
  test('is set aside whole, never deleted, and a new one is begun', async () => {
    const stateDir = makeStateDir();
    const file = firstFile(stateDir);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'no database '.repeat(500));
    writeFileSync(`${file}-wal`, 'nor this');
    const before = hashOf(file);
    const { journal, lines } = openJournal(stateDir);
    expect(journal.problem()).toBeUndefined();
    expect(await journal.begin(call()).written).toBeUndefined();
    const aside = readdirSync(dirname(file)).filter((name) => name.includes('.corrupt-'));
    expect(aside.map((name) => name.replace(/-\d{4}-.*Z/, ''))).toEqual([
      'journal-1.db.corrupt',
      'journal-1.db.corrupt-wal',
    ]);
    expect(hashOf(join(dirname(file), aside[0] ?? ''))).toBe(before);
    expect(lines.filter((line) => line.includes(aside[0] ?? '?'))).toHaveLength(1);
    expect(openReader(stateDir).calls({ limit: 9 })).toHaveLength(1);
  });

  test('that shows its damage while it is used takes nothing along that still runs', async () => {
    const stateDir = makeStateDir();
    const file = firstFile(stateDir);
    const { journal } = openJournal(stateDir);
    journal.accept(batch('b1'));
    const running = journal.begin(call({ batchId: 'b1', callId: 'c0' }));
    await running.written;
    damage(stateDir);
    const next = journal.begin(call({ batchId: 'b1', callId: 'c1' }));
    expect(await next.written).toBeUndefined();
    expect(journal.problem()).toBeUndefined();
    expect(readdirSync(dirname(file)).some((name) => name.startsWith('journal-1.db.corrupt-'))).toBe(true);
    const reader = openReader(stateDir);
    expect(reader.callsOf('b1')).toMatchObject([
      { callId: 'c0', status: 'running' },
      { callId: 'c1', status: 'running' },
    ]);
    expect(reader.batch('b1')).toMatchObject({ status: 'running' });
    running.settle(ended());
    journal.end('b1', noReport);
    await journal.close();
    expect(reader.callsOf('b1')).toMatchObject([{ status: 'ok' }, { status: 'interrupted' }]);
    expect(reader.batch('b1')).toMatchObject({ status: 'completed' });
  });
});

describe('a file that is deleted while it is used', () => {
  test('is begun anew, with what runs in the order of its begin, and the log says so', async () => {
    const stateDir = makeStateDir();
    const { journal, lines } = openJournal(stateDir, { now: () => 1_000 });
    journal.accept(batch('b1'));
    await journal.begin(call({ batchId: 'b1', callId: 'c0' })).written;
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${firstFile(stateDir)}${suffix}`, { force: true });
    expect(await journal.begin(call({ batchId: 'b1', callId: 'c1' })).written).toBeUndefined();
    expect(openReader(stateDir).callsOf('b1')).toMatchObject([{ callId: 'c0' }, { callId: 'c1' }]);
    expect(openReader(stateDir).batch('b1')).toMatchObject({ status: 'running' });
    expect(lines.filter((line) => line.includes('was deleted or replaced while it was in use'))).toHaveLength(1);
  });
});

describe('a lock that is deleted while it is used', () => {
  const names = (stateDir: string): string[] =>
    readdirSync(join(stateDir, 'journal'))
      .filter((name) => /\.db(?:\.corrupt-[^w]*)?$/.test(name))
      .sort();

  test('with its whole folder leaves the file to the process that has begun it anew, and neither loses a record', async () => {
    const stateDir = makeStateDir();
    const one = openJournal(stateDir);
    one.journal.accept(batch('b1'));
    await one.journal.begin(call({ batchId: 'b1', callId: 'c0' })).written;
    rmSync(join(stateDir, 'journal'), { recursive: true });
    const two = openJournal(stateDir);
    expect(await two.journal.begin(call({ callId: 'theirs' })).written).toBeUndefined();
    expect(await one.journal.begin(call({ batchId: 'b1', callId: 'c1' })).written).toBeUndefined();
    expect(await two.journal.begin(call({ callId: 'theirs too' })).written).toBeUndefined();
    expect(names(stateDir)).toEqual(['journal-1.db', 'journal-2.db']);
    const calls = openReader(stateDir).calls({ limit: 9 });
    expect(calls.map(({ callId, status }) => `${callId} ${status}`).sort()).toEqual([
      'c0 running',
      'c1 running',
      'theirs running',
      'theirs too running',
    ]);
    expect(openReader(stateDir).batch('b1')).toMatchObject({ status: 'running' });
    expect(one.lines.filter((line) => line.includes('was deleted while it was in use'))).toHaveLength(1);
  });

  test('is taken again with the next record, so that the next process finds it', async () => {
    const stateDir = makeStateDir();
    const { journal, lines } = openJournal(stateDir);
    await journal.begin(call({ callId: 'c0' })).written;
    rmSync(`${firstFile(stateDir)}.lock`);
    expect(await journal.begin(call({ callId: 'c1' })).written).toBeUndefined();
    openJournal(stateDir);
    expect(names(stateDir)).toEqual(['journal-1.db', 'journal-2.db']);
    const calls = openReader(stateDir).calls({ limit: 9 });
    expect(calls).toMatchObject([
      { callId: 'c0', status: 'running' },
      { callId: 'c1', status: 'running' },
    ]);
    expect(lines).toEqual([]);
  });

  test('is not held by two: no record of another that has taken the file since is written over', async () => {
    const stateDir = makeStateDir();
    const one = openJournal(stateDir);
    await one.journal.begin(call({ callId: 'ours' })).written;
    rmSync(`${firstFile(stateDir)}.lock`);
    const two = openJournal(stateDir);
    expect(await two.journal.begin(call({ callId: 'theirs' })).written).toBeUndefined();
    expect(await one.journal.begin(call({ callId: 'ours too' })).written).toBeUndefined();
    const ids = openReader(stateDir)
      .calls({ limit: 9 })
      .map(({ callId }) => callId);
    expect(new Set(ids)).toEqual(new Set(['ours', 'theirs', 'ours too']));
    rmSync(join(stateDir, 'journal', 'journal-2.db.lock'));
    const three = openJournal(stateDir);
    await three.journal.begin(call({ callId: 'third' })).written;
    await three.journal.close();
    expect(await one.journal.begin(call({ callId: 'ours at last' })).written).toBeUndefined();
    const all = openReader(stateDir)
      .calls({ limit: 19 })
      .map(({ callId }) => callId);
    expect(new Set(all)).toEqual(new Set([...ids, 'third', 'ours at last']));
  });

  describe('while a batch with a key runs, and another process has come and gone since,', () => {
    const reply = { content: [{ type: 'text', text: 'done' }] };
    const visited = async () => {
      const stateDir = makeStateDir();
      const { journal } = openJournal(stateDir);
      journal.claim(keyed('b1', { calls: 2 }));
      const first = journal.begin(call({ batchId: 'b1', callId: 'c0' }));
      await first.written;
      rmSync(`${firstFile(stateDir)}.lock`);
      await openJournal(stateDir).journal.close();
      return { stateDir, journal, first };
    };

    test('lets nobody run it a second time', async () => {
      const { stateDir, journal } = await visited();
      expect(journal.claim(keyed('b2'))).toEqual({ kind: 'running', batchId: 'b1' });
      expect(openReader(stateDir).batch('b1')).toMatchObject({ status: 'running' });
    });

    test('records its end, which whoever sends it again gets, over a restart too', async () => {
      const { stateDir, journal, first } = await visited();
      first.settle(ended());
      expect(journal.end('b1', { ...noReport, reply })).toBeUndefined();
      expect(openReader(stateDir).batch('b1')).toMatchObject({ status: 'completed' });
      await journal.close();
      expect(openJournal(stateDir).journal.claim(keyed('b2'))).toEqual({ kind: 'finished', batchId: 'b1', reply });
    });
  });

  test('to a process that stays leaves a batch the end that it had, whatever that process took it for', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.accept(batch('b1'));
    const begun = journal.begin(call({ batchId: 'b1' }));
    await begun.written;
    rmSync(`${firstFile(stateDir)}.lock`);
    openJournal(stateDir);
    begun.settle(ended());
    journal.end('b1', noReport);
    await journal.close();
    const reader = openReader(stateDir);
    expect(reader.batch('b1')).toMatchObject({ status: 'completed' });
    expect(reader.batches({ limit: 9 })).toHaveLength(1);
    expect(reader.callsOf('b1')).toMatchObject([{ callId: 'c0', status: 'ok' }]);
  });
});

test('a clock that is set back keeps no damaged file from being replaced, nor the log from telling of trouble', async () => {
  const stateDir = makeStateDir();
  let nowMs = Date.now();
  const { journal, lines } = openJournal(stateDir, { now: () => nowMs });
  const loss = async (): Promise<string | undefined> => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${firstFile(stateDir)}${suffix}`, { force: true });
    return journal.begin(call()).written;
  };
  expect(await loss()).toBeUndefined();
  nowMs -= 86_400_000;
  expect(await loss()).toMatch(/was deleted or replaced/);
  vi.advanceTimersByTime(63_000);
  expect(journal.problem()).toBeUndefined();
  expect(await loss()).toMatch(/was deleted or replaced/);
  const said = (): number => lines.filter((line) => line.includes('nothing can be recorded')).length;
  expect(said()).toBe(1);
  vi.advanceTimersByTime(600_000);
  expect(await loss()).toBeUndefined();
  expect(await loss()).toMatch(/was deleted or replaced/);
  expect(said()).toBe(2);
});

describe('a file of a newer version', () => {
  const newer = 'CREATE TABLE t (a); PRAGMA application_id = 0x6d63706a; PRAGMA user_version = 99';

  test('is left as it is, and the next one is used', () => {
    const stateDir = makeStateDir();
    const before = writeDatabase(firstFile(stateDir), newer);
    const { journal, lines } = openJournal(stateDir);
    expect(journal.problem()).toBeUndefined();
    expect(lines.join('')).toMatch(/journal-2\.db.*newer mcp-marshal/);
    expect(hashOf(firstFile(stateDir))).toBe(before);
  });

  test('is refused where it is the configured one', () => {
    const stateDir = makeStateDir();
    const file = join(stateDir, 'own.db');
    const before = writeDatabase(file, newer);
    const { journal } = openJournal(stateDir, { file });
    expect(journal.problem()).toMatch(/own\.db was written by a newer mcp-marshal/);
    expect(hashOf(file)).toBe(before);
  });
});

test('a database of another program is never written', () => {
  const stateDir = makeStateDir();
  const file = join(stateDir, 'bookmarks.db');
  const before = writeDatabase(file, 'CREATE TABLE bookmarks (url)');
  chmodSync(file, 0o640);
  const { journal } = openJournal(stateDir, { file });
  expect(journal.problem()).toMatch(/bookmarks\.db is a database of another program/);
  expect(hashOf(file)).toBe(before);
  expect(statSync(file).mode & 0o777).toBe(0o640);
});

// Windows has no pipes among its files.
test.skipIf(process.platform === 'win32')('a journal that is a pipe is told of, and not waited for', () => {
  const stateDir = makeStateDir();
  const file = join(stateDir, 'own.db');
  mkdirSync(stateDir);
  execFileSync('mkfifo', [file]);
  const { journal } = openJournal(stateDir, { file });
  expect(journal.problem()).toBe(`${file} cannot be written: it is not a regular file`);
  const reader = readJournals({ stateDir, file });
  expect(reader.batches({ limit: 1 })).toEqual([]);
  expect(reader.problems()).toEqual([`${file} cannot be read: it is not a regular file`]);
});

describe('a folder that cannot be written', () => {
  test('is a problem that says what and where; what was recorded is written once that is mended', async () => {
    const stateDir = makeStateDir();
    mkdirSync(stateDir);
    // A file where the folder should be, since root may write everywhere.
    writeFileSync(join(stateDir, 'journal'), '');
    const { journal, lines } = openJournal(stateDir);
    expect(journal.problem()).toMatch(/journal-1\.db cannot be written: .*(ENOTDIR|not a directory)/);
    const reason = await journal.begin(call()).written;
    expect(reason).toBe(journal.problem());
    expect(journal.claim({ ...batch('b2'), key: 'k', scope: 's', digest: 'd' })).toEqual({
      kind: 'unrecorded',
      reason,
    });
    journal.begin(call({ class: 'read' })).settle(ended());
    vi.advanceTimersByTime(9_000);
    expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1);
    rmSync(join(stateDir, 'journal'));
    vi.advanceTimersByTime(3_000);
    expect(journal.problem()).toBeUndefined();
    expect(openReader(stateDir).calls({ limit: 9 })).toHaveLength(2);
    expect(lines.at(-1)).toMatch(/written again; nothing was lost/);
  });

  test('costs the oldest records beyond ten thousand, and the log says how many', async () => {
    const stateDir = makeStateDir();
    mkdirSync(stateDir);
    writeFileSync(join(stateDir, 'journal'), '');
    const { journal, lines } = openJournal(stateDir);
    for (let index = 0; index < 10_250; index++) {
      journal.begin(call({ class: 'read', callId: `c${index}` })).settle(ended());
    }
    rmSync(join(stateDir, 'journal'));
    vi.advanceTimersByTime(3_000);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(journal.problem()).toBeUndefined();
    expect(lines.at(-1)).toMatch(/250 records were lost/);
    const calls = openReader(stateDir).calls({ limit: 20_000 });
    expect(calls).toHaveLength(10_000);
    expect(calls[0]?.callId).toBe('c250');
  });
});

test('reports that wait for a full disk are held up to a bound', async () => {
  const stateDir = makeStateDir();
  mkdirSync(stateDir);
  writeFileSync(join(stateDir, 'journal'), '');
  const { journal, lines } = openJournal(stateDir);
  for (let index = 0; index < 10; index++) {
    journal.accept(batch(`b${index}`));
    journal.end(`b${index}`, { ...noReport, report: { text: 'x'.repeat(5_000_000) } });
  }
  rmSync(join(stateDir, 'journal'));
  vi.advanceTimersByTime(3_000);
  expect(journal.problem()).toBeUndefined();
  expect(lines.at(-1)).toMatch(/4 records were lost/);
  expect(openReader(stateDir).batches({ limit: 99 })).toHaveLength(6);
});

describe('a file that somebody holds', () => {
  test('is refused with the process, and taken when that has gone', async () => {
    const stateDir = makeStateDir();
    const file = join(stateDir, 'own.db');
    const one = openJournal(stateDir, { file });
    const two = openJournal(stateDir, { file });
    expect(one.journal.problem()).toBeUndefined();
    expect(two.journal.problem()).toBe(`${file} is held by process ${process.pid}`);
    await one.journal.close();
    vi.advanceTimersByTime(3_000);
    expect(two.journal.problem()).toBeUndefined();
    expect(await two.journal.begin(call()).written).toBeUndefined();
  });

  test('makes the next one take the next, up to sixteen', () => {
    const stateDir = makeStateDir();
    const held = Array.from({ length: 16 }, () => openJournal(stateDir));
    expect(held.map(({ journal }) => journal.problem())).toEqual(held.map(() => undefined));
    expect(held[0]?.lines).toEqual([]);
    expect(held[1]?.lines.join('')).toMatch(/journal-2\.db: .*journal-1\.db is held by process \d+/);
    const { journal } = openJournal(stateDir);
    expect(journal.problem()).toMatch(
      new RegExp(`no journal file is free: .*journal-16\\.db is held by process ${process.pid}`),
    );
  });
});

test('where SQLite cannot be loaded there is a problem, and nothing else', async () => {
  vi.resetModules();
  vi.doMock('node:module', () => ({
    createRequire: () => () => {
      throw new Error("Cannot find module '@libsql/freebsd-x64'\nRequire stack:\n- /somewhere");
    },
  }));
  const { createJournal } = await import('../../src/journal/create-journal.ts');
  vi.doUnmock('node:module');
  const { defaults } = await import('./support.ts');
  const { createLogger } = await import('../../src/lib/logger.ts');
  const logger = createLogger({ level: 'silent', format: 'json' });
  const journal = createJournal({ config: defaults, stateDir: makeStateDir(), now: Date.now, logger });
  journal.start();
  expect(journal.problem()).toMatch(/SQLite cannot be loaded on \w+-\w+: Cannot find module '@libsql\/freebsd-x64'$/);
  expect(await journal.begin(call()).written).toBe(journal.problem());
  journal.accept(batch('b1'));
  expect(journal.claim({ ...batch('b2'), key: 'k', scope: 's', digest: 'd' })).toMatchObject({ kind: 'unrecorded' });
  journal.end('b1', noReport);
  await journal.close();
});

/** Overwrites a file in use, so that the next statement finds it damaged. */
function damage(stateDir: string): void {
  const file = firstFile(stateDir);
  const database = new sqlite(file);
  // Another's change makes everybody read the file again, and it must not come from the log.
  database.exec('UPDATE batches SET tool = tool; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  writeFileSync(file, 'no database '.repeat(5_000), { flag: 'r+' });
}
