import { chmodSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Journal } from '../../src/core/journal.ts';
import { createJournal } from '../../src/journal/create-journal.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { batch, call, defaults, ended, keyed, makeStateDir, noReport, openJournal, openReader } from './support.ts';

describe('a call that can change something', () => {
  test('is in the file before it may be sent, and its end after', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    const reader = openReader(stateDir);
    const entry = journal.begin(call({ batchId: 'b1', callId: 'c3' }));
    expect(reader.calls({ limit: 9 })).toEqual([]);
    expect(await entry.written).toBeUndefined();
    expect(reader.calls({ limit: 9 })).toMatchObject([
      { batchId: 'b1', callId: 'c3', server: 'files', tool: 'write_file', status: 'running', applied: 'unknown' },
    ]);
    entry.settle(ended({ attempts: 2, runMs: 1.23456 }));
    await journal.close();
    const [logged] = reader.calls({ limit: 9 });
    expect(logged).toMatchObject({ seq: 1, status: 'ok', applied: 'yes', attempts: 2, runMs: 1.235 });
    expect(logged?.endedAt).toBeGreaterThanOrEqual(logged?.startedAt ?? Infinity);
  });

  test('waits for one transaction together with all that begin in the same turn', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    const begun = Array.from({ length: 8 }, (_, index) => journal.begin(call({ callId: `c${index}` })));
    expect(new Set(begun.map(({ written }) => written)).size).toBe(1);
    await begun[0]?.written;
    expect(openReader(stateDir).calls({ limit: 9 })).toHaveLength(8);
  });

  test('that was settled as unknown says later what was learnt of it', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    const entry = journal.begin(call());
    await entry.written;
    entry.settle(ended({ status: 'timeout', applied: 'unknown' }));
    entry.settle({ ...ended(), isLate: true });
    await journal.close();
    expect(openReader(stateDir).calls({ limit: 9 })).toMatchObject([{ status: 'ok', applied: 'yes', isLate: true }]);
  });

  test('has its end in the file 20 ms after it at the latest', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    const reader = openReader(stateDir);
    const entry = journal.begin(call());
    await entry.written;
    vi.advanceTimersByTime(100);
    entry.settle(ended());
    vi.advanceTimersByTime(19);
    expect(reader.calls({ limit: 1 })).toMatchObject([{ status: 'running' }]);
    vi.advanceTimersByTime(1);
    expect(reader.calls({ limit: 1 })).toMatchObject([{ status: 'ok' }]);
    vi.useRealTimers();
  });
});

describe('a call that reads', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    return () => vi.useRealTimers();
  });

  test('waits for nothing, and is in the file a quarter of a second after its end', () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    const reader = openReader(stateDir);
    const entry = journal.begin(call({ class: 'read' }));
    expect(entry.written).toBeUndefined();
    entry.settle(ended({ applied: 'no' }));
    vi.advanceTimersByTime(249);
    expect(reader.calls({ limit: 1 })).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(reader.calls({ limit: 1 })).toMatchObject([{ class: 'read', status: 'ok', applied: 'no' }]);
  });

  test('does not wait for its time where 256 of them do', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    for (let index = 0; index < 256; index++) {
      journal.begin(call({ class: 'read', callId: `c${index}`, batchId: `b${index % 3}` })).settle(ended());
    }
    await new Promise(setImmediate);
    const calls = openReader(stateDir).calls({ limit: 300 });
    expect(calls).toHaveLength(256);
    expect(new Set(calls.map(({ seq }) => seq))).toEqual(new Set(Array.from({ length: 256 }, (_, index) => index + 1)));
    expect(new Set(calls.map(({ callId, batchId }) => `${callId} ${batchId}`)).size).toBe(256);
  });
});

describe('a batch', () => {
  test('is accepted once and ends once, with its report', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    const reader = openReader(stateDir);
    journal.accept(batch('b1', { calls: 3 }));
    await journal.begin(call({ batchId: 'b1' })).written;
    expect(reader.batch('b1')).toMatchObject({ calls: 3, tool: 'batch_call', status: 'running' });
    journal.end('b1', { ...noReport, report: { counts: { ok: 3 } } });
    journal.end('b1', { ...noReport, status: 'cancelled' });
    await journal.close();
    expect(reader.batch('b1')).toMatchObject({ status: 'completed', wallMs: 5, report: { counts: { ok: 3 } } });
    expect(reader.batch('b')).toBeUndefined();
  });

  test('is not kept with a report that is too large for anybody to read', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.accept(batch('b1'));
    journal.end('b1', { ...noReport, report: { text: 'x'.repeat(8_000_001) } });
    await journal.close();
    const logged = openReader(stateDir).batch('b1');
    expect(logged).toMatchObject({ status: 'completed', wallMs: 5 });
    expect(logged?.report).toBeUndefined();
  });
});

test('closing marks what is open as interrupted: a write with an unknown effect, a read with none', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir);
  journal.accept(batch('b1'));
  const write = journal.begin(call({ callId: 'c0', batchId: 'b1' }));
  await write.written;
  journal.begin(call({ callId: 'c1', batchId: 'b1', class: 'read' }));
  await journal.close();
  write.settle(ended());
  const reader = openReader(stateDir);
  expect(reader.batch('b1')).toMatchObject({ status: 'interrupted' });
  expect(reader.callsOf('b1')).toMatchObject([
    { callId: 'c0', status: 'interrupted', applied: 'unknown', endedAt: expect.any(Number) },
    { callId: 'c1', status: 'interrupted', applied: 'no', endedAt: expect.any(Number) },
  ]);
  expect(journal.problem()).toMatch(/closed/);
  expect(await journal.begin(call()).written).toMatch(/closed/);
  expect(journal.claim({ ...batch('b2'), key: 'k', scope: 's', digest: 'd' })).toMatchObject({ kind: 'unrecorded' });
});

test('arguments stand in the file as a digest that does not depend on the order of their keys', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir);
  await Promise.all([
    journal.begin(call({ arguments: { token: 'hunter2', a: 1 } })).written,
    journal.begin(call({ arguments: { a: 1, token: 'hunter2' } })).written,
  ]);
  const digest = createHash('sha256').update('{"a":1,"token":"hunter2"}').digest('hex');
  expect(openReader(stateDir).calls({ limit: 9 })).toMatchObject([
    { argumentsDigest: digest },
    { argumentsDigest: digest },
  ]);
  await journal.close();
  for (const name of readdirSync(join(stateDir, 'journal'))) {
    expect(readFileSync(join(stateDir, 'journal', name)).includes('hunter2')).toBe(false);
  }
});

test('arguments are kept whole where the configuration says so', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir, { arguments: 'full' });
  journal.begin(call({ arguments: { path: 'a\ud800b\u0000' } })).settle(ended());
  journal.begin(call({ class: 'read', arguments: { path: 'c' } })).settle(ended());
  journal.begin(call({ arguments: { path: 'x'.repeat(1_000_001) } })).settle(ended());
  await journal.close();
  const kept = openReader(stateDir).calls({ limit: 9 });
  expect(kept.map((one) => one.arguments)).toEqual(
    expect.arrayContaining([{ path: 'a\ud800b\u0000' }, { path: 'c' }, undefined]),
  );
});

test('results are in the file for no call whose batch has no key', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir);
  journal.accept(batch('b1'));
  journal.begin(call({ batchId: 'b1' })).settle(ended({ result: { content: [{ type: 'text', text: 'hunter2' }] } }));
  await journal.close();
  for (const name of readdirSync(join(stateDir, 'journal'))) {
    expect(readFileSync(join(stateDir, 'journal', name)).includes('hunter2')).toBe(false);
  }
});

test('nobody but its user may read it, whatever the umask', async () => {
  const umask = process.umask(0);
  try {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    await journal.begin(call()).written;
    const folder = join(stateDir, 'journal');
    const names = readdirSync(folder);
    expect(names.sort()).toEqual(['', '-shm', '-wal', '.lock', '.pid'].map((suffix) => `journal-1.db${suffix}`));
    for (const name of names) expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
  } finally {
    process.umask(umask);
  }
});

test('a journal that others could read is closed to them', async () => {
  const stateDir = makeStateDir();
  await openJournal(stateDir).journal.close();
  const file = join(stateDir, 'journal', 'journal-1.db');
  chmodSync(file, 0o644);
  chmodSync(join(stateDir, 'journal'), 0o755);
  openJournal(stateDir);
  for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(stateDir, 'journal')).mode & 0o777).toBe(0o700);
});

test('a journal that is switched off records nothing, touches nothing and promises nothing of keys', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir, { enabled: false });
  expect(journal.problem()).toBeUndefined();
  journal.accept(batch('b1'));
  const entry = journal.begin(call());
  expect(entry.written).toBeUndefined();
  entry.settle(ended());
  expect(journal.claim({ ...batch('b2'), key: 'k', scope: 's', digest: 'd' })).toMatchObject({
    kind: 'unrecorded',
    reason: expect.stringContaining('journal.enabled'),
  });
  await journal.close();
  expect(openReader(stateDir).isThere).toBe(false);
});

describe('a journal of a process that sends nothing', () => {
  const open = (stateDir: string): Journal => {
    const logger = createLogger({ level: 'silent', format: 'json' });
    const journal = createJournal({ config: defaults, stateDir, now: Date.now, logger });
    onTestFinished(() => journal.close());
    return journal;
  };

  test('is no file, until something is to be recorded', async () => {
    const stateDir = makeStateDir();
    await open(stateDir).close();
    const journal = open(stateDir);
    expect(journal.problem()).toBeUndefined();
    expect(existsSync(stateDir)).toBe(false);
    expect(await journal.begin(call()).written).toBeUndefined();
    expect(openReader(stateDir).calls({ limit: 9 })).toHaveLength(1);
  });

  test.each<[string, (journal: Journal) => unknown]>([
    ['a batch', (journal) => journal.accept(batch('b1'))],
    ['a batch with a key', (journal) => journal.claim(keyed('b1'))],
    ['a read', (journal) => journal.begin(call({ class: 'read' })).settle(ended())],
    ['the start of a server', (journal) => journal.start()],
  ])('is one from %s on', (_, act) => {
    const stateDir = makeStateDir();
    act(open(stateDir));
    expect(openReader(stateDir).isThere).toBe(true);
  });
});
