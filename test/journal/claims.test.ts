import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Claim } from '../../src/core/journal.ts';
import { decideClaim, type JudgedHolder } from '../../src/journal/claims/decide-claim.ts';
import { findKey } from '../../src/journal/claims/find-key.ts';
import { keyOf } from '../../src/journal/records/batch-record.ts';
import { openConnection } from '../../src/journal/sqlite/connection.ts';
import { loadSqlite } from '../../src/journal/sqlite/load-sqlite.ts';
import { batch, call, dayMs, ended, keyed, makeStateDir, noReport, openJournal, openReader } from './support.ts';

const reply = { content: [{ type: 'text', text: 'done' }] };

describe('an idempotency key', () => {
  test('that nobody has is this batch’s, on disk at once', () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    expect(journal.claim(keyed('b1'))).toEqual({ kind: 'new' });
    expect(openReader(stateDir).batch('b1')).toMatchObject({ status: 'running' });
  });

  test('of a batch that runs here joins it', () => {
    const { journal } = openJournal(makeStateDir());
    journal.claim(keyed('b1'));
    expect(journal.claim(keyed('b2'))).toEqual({ kind: 'running', batchId: 'b1' });
  });

  test('of a batch that has ended gives its reply, over a restart too', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.claim(keyed('b1'));
    journal.end('b1', { ...noReport, reply });
    const finished: Claim = { kind: 'finished', batchId: 'b1', reply };
    await journal.close();
    expect(openJournal(stateDir).journal.claim(keyed('b2'))).toEqual(finished);
  });

  test('gives the reply of a batch that has ended this instant', () => {
    const { journal } = openJournal(makeStateDir());
    journal.claim(keyed('b1'));
    journal.end('b1', { ...noReport, reply });
    expect(journal.claim(keyed('b2'))).toEqual({ kind: 'finished', batchId: 'b1', reply });
  });

  test('of another batch is a conflict, whatever became of that one', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    const conflict = { kind: 'conflict', batchId: 'b1' };
    journal.claim(keyed('b1'));
    expect(journal.claim(keyed('b2', { digest: 'other' }))).toEqual(conflict);
    await journal.close();
    const { journal: next } = openJournal(stateDir);
    expect(next.claim(keyed('b2', { digest: 'other' }))).toEqual(conflict);
  });

  test('of a batch that was interrupted goes on with what is known of its calls', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.claim(keyed('b1', { calls: 4 }));
    journal.begin(call({ batchId: 'b1', callId: 'c0' })).settle(ended());
    journal.begin(call({ batchId: 'b1', callId: 'c1', class: 'read' })).settle(ended({ applied: 'no' }));
    await journal.begin(call({ batchId: 'b1', callId: 'c2', class: 'destructive' })).written;
    await journal.close();
    const { journal: next } = openJournal(stateDir);
    expect(next.claim(keyed('b2'))).toEqual({
      kind: 'interrupted',
      batchId: 'b1',
      calls: new Map([
        ['c0', { class: 'write', ...ended() }],
        ['c1', { class: 'read', ...ended({ applied: 'no' }) }],
        ['c2', { class: 'destructive' }],
      ]),
    });
    expect(next.claim(keyed('b3'))).toEqual({ kind: 'running', batchId: 'b2' });
  });

  test('of a batch that was interrupted twice still knows what ran the first time', async () => {
    const stateDir = makeStateDir();
    const first = openJournal(stateDir).journal;
    first.claim(keyed('b1'));
    first.begin(call({ batchId: 'b1', callId: 'c0' })).settle(ended());
    await first.close();
    const second = openJournal(stateDir).journal;
    second.claim(keyed('b2'));
    await second.begin(call({ batchId: 'b2', callId: 'c1' })).written;
    await second.close();
    const claim = openJournal(stateDir).journal.claim(keyed('b3'));
    expect(claim).toMatchObject({ kind: 'interrupted', batchId: 'b2' });
    expect(claim.kind === 'interrupted' && [...claim.calls.keys()]).toEqual(['c0', 'c1']);
  });

  test('belongs to one client: another may use the same words', () => {
    const { journal } = openJournal(makeStateDir());
    journal.claim(keyed('b1', { scope: 'anna', key: 'x\u0000y' }));
    expect(journal.claim(keyed('b2', { scope: 'ben', key: 'x\u0000y' }))).toEqual({ kind: 'new' });
    expect(journal.claim(keyed('b3', { scope: 'anna', key: 'x\u0000z' }))).toEqual({ kind: 'new' });
    expect(journal.claim(keyed('b4', { scope: 'anna', key: 'x\u0000y' }))).toEqual({ kind: 'running', batchId: 'b1' });
  });

  test('is free again a day after its batch has ended, and not before', () => {
    let ms = Date.now();
    const { journal } = openJournal(makeStateDir(), { now: () => ms });
    journal.claim(keyed('b1'));
    ms += 3 * dayMs;
    journal.end('b1', { ...noReport, reply });
    ms += dayMs;
    expect(journal.claim(keyed('b2'))).toMatchObject({ kind: 'finished' });
    ms += 1;
    expect(journal.claim(keyed('b3'))).toEqual({ kind: 'new' });
  });
});

describe('a key in the journal of another process', () => {
  test('that lives is a conflict while the batch runs, and its reply once it has ended', async () => {
    const stateDir = makeStateDir();
    const one = openJournal(stateDir).journal;
    const two = openJournal(stateDir).journal;
    one.claim(keyed('b1'));
    expect(two.claim(keyed('b2'))).toEqual({ kind: 'conflict', batchId: 'b1' });
    one.end('b1', { ...noReport, reply });
    await one.begin(call()).written;
    expect(two.claim(keyed('b2'))).toEqual({ kind: 'finished', batchId: 'b1', reply });
  });

  test('that has gone is this process’s now', async () => {
    const stateDir = makeStateDir();
    const keeper = openJournal(stateDir).journal;
    const gone = openJournal(stateDir).journal;
    gone.claim(keyed('b1'));
    gone.begin(call({ batchId: 'b1', callId: 'c0' })).settle(ended());
    await gone.close();
    const claim = keeper.claim(keyed('b2'));
    expect(claim).toMatchObject({ kind: 'interrupted', batchId: 'b1' });
    expect(claim.kind === 'interrupted' && claim.calls.get('c0')).toEqual({ class: 'write', ...ended() });
  });
});

test('a result that is too large to be kept leaves its end, and says so', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir);
  journal.claim(keyed('b1'));
  for (let index = 0; index < 10; index++) {
    const text = 'x'.repeat(index === 0 ? 1_000_001 : 900_000);
    const entry = journal.begin(call({ batchId: 'b1', callId: `c${index}` }));
    entry.settle(ended({ result: { content: [{ type: 'text', text }] } }));
  }
  await journal.close();
  const claim = openJournal(stateDir).journal.claim(keyed('b2'));
  const outcomes = claim.kind === 'interrupted' ? [...claim.calls.values()].map(({ outcome }) => outcome) : [];
  expect(outcomes.map((outcome) => [outcome?.status, outcome?.result !== undefined])).toEqual([
    ['ok', false],
    ...Array.from({ length: 8 }, () => ['ok', true]),
    ['ok', false],
  ]);
  expect(outcomes[0]?.warning).toMatch(/too large to be kept/);
});

test('a reply that is too large to be kept leaves the key taken', async () => {
  const { journal } = openJournal(makeStateDir());
  journal.claim(keyed('b1'));
  journal.end('b1', { ...noReport, reply: { text: 'x'.repeat(8_000_001) } });
  expect(journal.claim(keyed('b2'))).toEqual({ kind: 'finished', batchId: 'b1' });
});

test('a damaged journal of another process keeps nobody from using keys', async () => {
  const stateDir = makeStateDir();
  const { journal } = openJournal(stateDir);
  writeFileSync(join(stateDir, 'journal', 'journal-2.db'), 'no database '.repeat(500));
  expect(journal.claim(keyed('b1'))).toEqual({ kind: 'new' });
});

describe('what a key’s batch has ended with', () => {
  test('is on disk when the end has been recorded, before anybody is told of it', () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.claim(keyed('b1'));
    expect(journal.end('b1', { ...noReport, reply })).toBeUndefined();
    expect(openReader(stateDir).batch('b1')).toMatchObject({ status: 'completed' });
    expect(holdersOf(stateDir)).toMatchObject([{ batchId: 'b1', state: 'ended', reply }]);
  });

  test('is on disk call by call when that has been asked for, with what was not sent', () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.claim(keyed('b1'));
    const skipped = ended({ status: 'skipped', applied: 'no' }).outcome;
    journal.begin(call({ batchId: 'b1', callId: 'c0' })).settle(ended());
    expect(journal.keep('b1', [['c1', skipped]])).toBeUndefined();
    expect(holdersOf(stateDir)[0]?.calls).toEqual(
      new Map([
        ['c0', { class: 'write', ...ended() }],
        ['c1', { class: 'read', outcome: skipped }],
      ]),
    );
  });

  test('is known of a read of which nothing else was written yet', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.claim(keyed('b1'));
    journal.begin(call({ batchId: 'b1', callId: 'c0', class: 'read' })).settle(ended({ applied: 'no' }));
    await journal.begin(call()).written;
    expect(openReader(stateDir).callsOf('b1')).toEqual([]);
    expect(holdersOf(stateDir)[0]?.calls).toEqual(new Map([['c0', { class: 'read', ...ended({ applied: 'no' }) }]]));
  });
});

test('a batch that has ended under a key wins over one that was interrupted, however the clock was set', () => {
  const holder = { digest: 'abc', calls: new Map() };
  const done: JudgedHolder = { ...holder, batchId: 'done', acceptedAt: 1_000, state: 'ended', reply };
  const lost: JudgedHolder = { ...holder, batchId: 'lost', acceptedAt: 5_000, state: 'interrupted' };
  for (const holders of [
    [done, lost],
    [lost, done],
  ]) {
    expect(decideClaim({ digest: 'abc' }, holders)).toEqual({ kind: 'finished', batchId: 'done', reply });
  }
});

describe('a batch whose id another one has had', () => {
  test('is not accepted under a key, and the other one stays as it was', () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.claim(keyed('b1'));
    journal.end('b1', { ...noReport, reply });
    const claim = journal.claim(keyed('b1', { key: 'another', digest: 'other' }));
    expect(claim).toEqual({ kind: 'unrecorded', reason: 'b1 is the id of another batch' });
    expect(journal.claim(keyed('b2'))).toEqual({ kind: 'finished', batchId: 'b1', reply });
    expect(journal.claim(keyed('b3', { key: 'another' }))).toEqual({ kind: 'new' });
  });

  test('leaves the record of that one alone, at its beginning and at its end', async () => {
    const stateDir = makeStateDir();
    const { journal } = openJournal(stateDir);
    journal.claim(keyed('b1'));
    journal.end('b1', { ...noReport, reply });
    journal.accept(batch('b1', { principal: 'another' }));
    await journal.begin(call()).written;
    expect(openReader(stateDir).batch('b1')).toMatchObject({ principal: 'stdio', status: 'completed' });
    journal.end('b1', { ...noReport, status: 'cancelled' });
    await journal.begin(call()).written;
    expect(openReader(stateDir).batch('b1')).toMatchObject({ principal: 'stdio', status: 'completed' });
    expect(journal.claim(keyed('b2'))).toEqual({ kind: 'finished', batchId: 'b1', reply });
  });
});

/** What another process would find in the first journal. */
function holdersOf(stateDir: string): ReturnType<typeof findKey> {
  const sqlite = loadSqlite();
  if ('kind' in sqlite) throw new Error(sqlite.message);
  const connection = openConnection(sqlite, join(stateDir, 'journal', 'journal-1.db'), { mode: 'read', waitMs: 250 });
  try {
    return findKey(connection, { key: keyOf(keyed('b1')), sinceMs: 0 });
  } finally {
    connection.close();
  }
}
