import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { batch, call, dayMs, ended, keyed, makeStateDir, noReport, openJournal, openReader } from './support.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const reply = { content: [] };

describe('records that are over their age', () => {
  test('go, and younger ones stay, as does what runs', async () => {
    const stateDir = makeStateDir();
    let ms = Date.now();
    const { journal } = openJournal(stateDir, { keepMs: 2 * dayMs, now: () => ms });
    const record = (batchId: string): void => {
      journal.accept(batch(batchId));
      journal.begin(call({ batchId })).settle(ended());
      journal.begin(call({ batchId, class: 'read' })).settle(ended());
      journal.end(batchId, noReport);
    };
    journal.accept(batch('running'));
    await journal.begin(call({ batchId: 'running' })).written;
    record('old');
    vi.advanceTimersByTime(1_000);
    ms += dayMs;
    record('young');
    vi.advanceTimersByTime(1_000);
    ms += dayMs + 1;
    record('new');
    vi.advanceTimersByTime(20 * 60_000);
    const reader = openReader(stateDir);
    expect(reader.batches({ limit: 9 }).map(({ batchId }) => batchId)).toEqual(['new', 'young', 'running']);
    expect(reader.calls({ limit: 9 }).map(({ batchId }) => batchId)).toEqual([
      'running',
      'young',
      'young',
      'new',
      'new',
    ]);
  });

  test('go at the next start, a second after it', async () => {
    const stateDir = makeStateDir();
    const past = Date.now() - 40 * dayMs;
    const { journal } = openJournal(stateDir, { now: () => past });
    for (const callId of ['c0', 'c1']) journal.begin(call({ callId })).settle(ended());
    await journal.close();
    openJournal(stateDir);
    const reader = openReader(stateDir);
    expect(reader.calls({ limit: 9 })).toHaveLength(2);
    vi.advanceTimersByTime(1_100);
    // The newest stays, so that numbers go on rising.
    expect(reader.calls({ limit: 9 })).toMatchObject([{ callId: 'c1', seq: 2 }]);
  });
});

describe('a file that is over its size', () => {
  const maxBytes = 2_000_000;
  const sizeOf = (stateDir: string): number => {
    const file = join(stateDir, 'journal', 'journal-1.db');
    return statSync(file).size + (existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0);
  };
  const fill = async (
    stateDir: string,
    journal: ReturnType<typeof openJournal>['journal'],
    calls: number,
  ): Promise<void> => {
    for (let index = 0; index < calls; index++) {
      journal.begin(call({ class: 'read', callId: `c${index}`, server: 's'.repeat(200) })).settle(ended());
      if (index % 256 === 255) await new Promise(setImmediate);
    }
    vi.advanceTimersByTime(1_000);
  };

  test('loses its oldest records and shrinks', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir, { maxBytes });
    await fill(stateDir, journal, 20_000);
    expect(sizeOf(stateDir)).toBeGreaterThan(4 * maxBytes);
    vi.advanceTimersByTime(20 * 60_000);
    const ids = openReader(stateDir)
      .calls({ limit: 50_000 })
      .map(({ callId }) => Number(callId.slice(1)));
    expect(ids.length).toBeGreaterThan(1_000);
    expect(ids.at(-1)).toBe(19_999);
    expect(ids[0]).toBe(20_000 - ids.length);
    await journal.close();
    expect(sizeOf(stateDir)).toBeLessThanOrEqual(maxBytes * 1.1);
  });

  test('keeps what the keys of the last day need: that they were used, and what was sent of an interrupted batch', async () => {
    const stateDir = makeStateDir();
    const { journal: first } = openJournal(stateDir, { maxBytes });
    first.claim(keyed('interrupted', { key: 'k1' }));
    await first.begin(call({ batchId: 'interrupted' })).written;
    await first.close();
    const { journal } = openJournal(stateDir, { maxBytes });
    journal.claim(keyed('done', { key: 'k2' }));
    journal.begin(call({ batchId: 'done' })).settle(ended());
    journal.end('done', { ...noReport, reply });
    journal.accept(batch('newest'));
    await fill(stateDir, journal, 20_000);
    vi.advanceTimersByTime(20 * 60_000);
    const reader = openReader(stateDir);
    expect(reader.callsOf('interrupted')).toHaveLength(1);
    expect(reader.callsOf('done')).toHaveLength(0);
    expect(journal.claim(keyed('b2', { key: 'k2' }))).toEqual({ kind: 'finished', batchId: 'done' });
    expect(journal.claim(keyed('b1', { key: 'k1' }))).toMatchObject({
      kind: 'interrupted',
      calls: new Map([['c0', { class: 'write' }]]),
    });
  });
});

test('removing many records at once is spread, so that calls come through in between', async () => {
  const stateDir = makeStateDir();
  const past = Date.now() - 40 * dayMs;
  const { journal } = openJournal(stateDir, { now: () => past });
  for (let index = 0; index < 2_000; index++) journal.begin(call({ callId: `c${index}` }));
  await journal.close();
  openJournal(stateDir);
  const reader = openReader(stateDir);
  const left: number[] = [];
  vi.advanceTimersByTime(980);
  for (let step = 0; step < 20; step++) {
    left.push(reader.calls({ limit: 9_999 }).length);
    vi.advanceTimersByTime(20);
  }
  expect(left.slice(0, 4)).toEqual([2_000, 1_700, 1_400, 1_100]);
  expect(left.at(-1)).toBe(1);
});
