import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { LoggedCall } from '../../src/core/journal.ts';
import { batch, call, ended, makeStateDir, noReport, openJournal, openReader } from './support.ts';

describe('the calls of several journals', () => {
  test('come in the order in which they started, the latest of them', async () => {
    const stateDir = makeStateDir();
    let ms = 1_700_000_000_000;
    const now = (): number => ms++;
    const journals = [openJournal(stateDir, { now }), openJournal(stateDir, { now })];
    for (let index = 0; index < 10; index++) {
      journals[index % 2]?.journal
        .begin(call({ callId: `c${index}`, class: index % 3 === 0 ? 'read' : 'write' }))
        .settle(ended());
    }
    for (const { journal } of journals) await journal.close();
    const reader = openReader(stateDir);
    const ids = (limit: number): string[] => reader.calls({ limit }).map(({ callId }) => callId);
    expect(ids(20)).toEqual(Array.from({ length: 10 }, (_, index) => `c${index}`));
    expect(ids(3)).toEqual(['c7', 'c8', 'c9']);
    expect(ids(0)).toEqual([]);
  });

  test('are found by batch, server, tool, status, time, and whatever else is asked', async () => {
    const stateDir = makeStateDir();
    let ms = 1_000;
    const { journal } = openJournal(stateDir, { now: () => ms });
    const put = (callId: string, given: Parameters<typeof call>[0], status: 'ok' | 'failed' = 'ok'): void =>
      journal.begin(call({ callId, ...given })).settle(ended({ status }));
    put('c0', { server: 'git "hub"', tool: 'get', class: 'read' });
    put('c1', { server: 'git "hub"', tool: 'set', batchId: 'b1' }, 'failed');
    ms = 2_000;
    put('c2', { server: 'files', tool: 'get', class: 'read' });
    // Looks as if another server's name stood in its row.
    put('c3', { server: 'files', tool: '"server":"other"', batchId: 'b1' });
    await journal.close();
    const reader = openReader(stateDir);
    const find = (filter: Omit<Parameters<typeof reader.calls>[0], 'limit'>): string[] =>
      reader
        .calls({ ...filter, limit: 9 })
        .map(({ callId }) => callId)
        .sort();
    expect(find({ server: 'git "hub"' })).toEqual(['c0', 'c1']);
    expect(find({ server: 'other' })).toEqual([]);
    expect(find({ tool: 'get' })).toEqual(['c0', 'c2']);
    expect(find({ batchId: 'b1' })).toEqual(['c1', 'c3']);
    expect(find({ status: 'failed' })).toEqual(['c1']);
    expect(find({ since: 2_000 })).toEqual(['c2', 'c3']);
    expect(find({ where: ({ tool }) => tool === 'set' })).toEqual(['c1']);
    expect(find({ server: 'files', tool: 'get', status: 'failed' })).toEqual([]);
  });

  test('stop at nothing that cannot be read, and say what that was', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    await journal.begin(call()).written;
    writeFileSync(join(stateDir, 'journal', 'journal-3.db'), 'no database '.repeat(500));
    const reader = openReader(stateDir);
    expect(reader.calls({ limit: 9 })).toHaveLength(1);
    expect(reader.problems()).toEqual([`${join(stateDir, 'journal', 'journal-3.db')} is damaged`]);
  });
});

test('batches come newest first, and are found by how their ids begin', async () => {
  const stateDir = makeStateDir();
  let ms = 0;
  const now = (): number => ms;
  const journals = [openJournal(stateDir, { now }), openJournal(stateDir, { now })];
  for (const [index, id] of ['a1', 'b1', 'a2', 'a%'].entries()) {
    ms++;
    journals[index % 2]?.journal.accept(batch(id));
  }
  journals[0]?.journal.end('a1', noReport);
  for (const { journal } of journals) await journal.close();
  const reader = openReader(stateDir);
  const ids = (given: { idPrefix?: string; since?: number; limit: number }): string[] =>
    reader.batches(given).map(({ batchId }) => batchId);
  expect(ids({ limit: 9 })).toEqual(['a%', 'a2', 'b1', 'a1']);
  expect(ids({ limit: 1 })).toEqual(['a%']);
  expect(ids({ idPrefix: 'a', limit: 9 })).toEqual(['a%', 'a2', 'a1']);
  expect(ids({ idPrefix: 'a%', limit: 9 })).toEqual(['a%']);
  expect(ids({ since: 3, limit: 9 })).toEqual(['a%', 'a2']);
  expect(reader.batch('a1')).toMatchObject({ status: 'completed' });
});

test('where there is no journal there is nothing to read, and none is made', () => {
  const stateDir = makeStateDir();
  const reader = openReader(stateDir);
  expect(reader.isThere).toBe(false);
  expect(reader.place).toBe(join(stateDir, 'journal'));
  expect(reader.calls({ limit: 9 })).toEqual([]);
  expect(reader.batch('b1')).toBeUndefined();
  expect(reader.isThere).toBe(false);
  expect(openReader(stateDir, join(stateDir, 'own.db')).calls({ limit: 9 })).toEqual([]);
  expect(reader.problems()).toEqual([]);
});

describe('following', () => {
  test('tells of calls that begin, end and are learnt of late, also in files that are new, and of none from before', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.begin(call({ callId: 'before' })).settle(ended());
    const running = journal.begin(call({ callId: 'running' }));
    await running.written;
    const seen: string[] = [];
    const stop = new AbortController();
    const tell = ({ callId, status, isLate }: LoggedCall): string =>
      `${callId} ${status}${isLate === true ? ' late' : ''}`;
    const following = openReader(stateDir).follow(
      { server: 'files' },
      (calls) => seen.push(...calls.map(tell)),
      stop.signal,
    );
    const saw = async (...expected: string[]): Promise<void> => {
      await vi.waitFor(() => expect(seen.toSorted()).toEqual(expected.toSorted()), { timeout: 3_000 });
      seen.length = 0;
    };

    running.settle(ended({ status: 'timeout', applied: 'unknown' }));
    await saw('running timeout');
    running.settle({ ...ended(), isLate: true });
    const next = journal.begin(call({ callId: 'next' }));
    await next.written;
    journal.begin(call({ callId: 'other', server: 'other' })).settle(ended());
    await saw('running ok late', 'next running');
    const second = openJournal(stateDir);
    second.journal.begin(call({ callId: 'elsewhere', class: 'read' })).settle(ended());
    await second.journal.close();
    await saw('elsewhere ok');
    await journal.close();
    await saw('next interrupted');
    stop.abort();
    await following;
    expect(seen).toEqual([]);
  });

  test('ends with its reader', async () => {
    const reader = openReader(makeStateDir());
    const following = reader.follow({}, () => {}, new AbortController().signal);
    reader.close();
    await expect(following).resolves.toBeUndefined();
  });
});
