import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { LateEnd, Outcome } from '../../../src/core/outcome.ts';
import { createAudience } from '../../../src/serve/batch/book/audience.ts';
import { createBatchBook, type ClientBatches } from '../../../src/serve/batch/book/batch-book.ts';
import { createOpenBatch, type OpenBatch } from '../../../src/serve/batch/book/open-batch.ts';
import { createVirtualClock, type VirtualClock } from '../../schedule/virtual-clock.ts';
import { fakeHandle, pending, type FakeHandle } from './fake-handle.ts';

const minuteMs = 60_000;

interface Stage {
  clock: VirtualClock;
  batches: ClientBatches;
  /** Enters a batch of one call that has ended. */
  keep(principal: string, batchId: string, end: number | Outcome, args?: JsonObject): OpenBatch;
  /** Enters a batch of one call that runs. */
  run(
    principal: string | undefined,
    batchId: string,
    options?: { batches?: ClientBatches; keyDigest?: string },
  ): { batch: OpenBatch; handle: FakeHandle };
  join(isShared?: boolean): ClientBatches;
}

function stage(): Stage {
  const clock = createVirtualClock();
  const book = createBatchBook(clock);
  const join = (isShared = false): ClientBatches => book.join({ isShared });
  const all = join();
  const open = (
    handle: FakeHandle,
    batchId: string,
    { args = { path: '/a' }, keyDigest }: { args?: JsonObject; keyDigest?: string } = {},
  ): OpenBatch => {
    const call = {
      index: 0,
      id: 'c0',
      server: 'files',
      tool: 'read',
      exposedName: 'files__read',
      arguments: args,
      class: 'read',
      reason: 'a rule',
      locks: [],
      after: [],
      needs: [],
      pathLength: 1,
    } as const;
    const asked = { parallel: 'prefer', mode: 'run', maxParallel: 8, onError: 'continue', deadlineMs: 1_000 } as const;
    const request = { ...asked, maxElements: 100, format: 'text', calls: [], warnings: [] } as const;
    const plan = { ...asked, batchId, entries: [{ kind: 'run', call }], warnings: [] } as const;
    const caps = { maxParallel: 1, servers: new Map() };
    const audience = createAudience(() => {});
    return createOpenBatch({
      handle,
      plan,
      request,
      acceptedMs: 0,
      caps,
      clock,
      audience,
      keyDigest,
      secure() {},
      allowedBy: () => undefined,
      notes: () => [],
    });
  };
  return {
    clock,
    batches: all,
    join,
    keep(principal, batchId, end, args) {
      const batch = open(
        fakeHandle([typeof end === 'number' ? ok(text('x'.repeat(end))) : end]),
        batchId,
        args && { args },
      );
      all.add(batch, principal);
      all.find(principal, batchId);
      return batch;
    },
    run(principal, batchId, { batches = all, keyDigest } = {}) {
      const handle = fakeHandle([pending]);
      const batch = open(handle, batchId, keyDigest === undefined ? {} : { keyDigest });
      batches.add(batch, principal);
      return { batch, handle };
    },
  };
}

function ok(result: JsonObject): Outcome {
  return { status: 'ok', applied: 'no', result, attempts: 1, queuedMs: 0, runMs: 1, startedMs: 0 };
}

function text(words: string): JsonObject {
  return { content: [{ type: 'text', text: words }] };
}

const late: LateEnd = { id: 'c0', status: 'ok', applied: 'yes' };

describe('the results of a batch that has ended', () => {
  test('can be read again by the client that ran it, and are unknown to every other', () => {
    const { batches, keep } = stage();
    const batch = keep('stdio-1', 'abc123', 10);
    expect(batches.find('stdio-1', 'abc123')).toBe(batch);
    expect(batches.find('stdio-2', 'abc123')).toBeUndefined();
    expect(batches.find('stdio-1', 'abc124')).toBeUndefined();
  });

  test('are gone after 30 minutes', async () => {
    const { clock, batches, keep } = stage();
    keep('me', 'abc123', 10);
    await clock.pass(30 * minuteMs);
    expect(batches.find('me', 'abc123')).toBeDefined();
    await clock.pass(1);
    expect(batches.find('me', 'abc123')).toBeUndefined();
    // No timer waits for that.
    expect(clock.timers()).toBe(0);
  });

  test('are pushed out by the hundredth batch after them, the oldest first', () => {
    const { batches, keep } = stage();
    for (let number = 0; number <= 100; number++) keep(`client ${number % 3}`, `b${number}`, 10);
    expect(batches.find('client 0', 'b0')).toBeUndefined();
    expect(batches.find('client 1', 'b1')).toBeDefined();
    expect(batches.find('client 1', 'b100')).toBeDefined();
  });

  test('are pushed out where there is no room for all of them, the oldest first', () => {
    const { batches, keep } = stage();
    for (const id of ['b0', 'b1', 'b2']) keep('me', id, 12_000_000);
    expect(['b0', 'b1', 'b2'].map((id) => batches.find('me', id) !== undefined)).toEqual([false, true, true]);
  });

  test('that are larger than all the room there is push nothing out', () => {
    const { batches, keep } = stage();
    keep('me', 'small', 10);
    keep('me', 'huge', 32_000_000);
    expect(batches.find('me', 'small')).toBeDefined();
    expect(batches.find('me', 'huge')).toBeUndefined();
  });

  test('take the room that they take in memory, whatever form they have', () => {
    const long = 'x'.repeat(11_000_000);
    const calls: Outcome[] = [
      ok({ content: [{ type: 'image', data: long, mimeType: 'image/png' }] }),
      ok({ content: [], structuredContent: { deep: [{ [long]: 1 }] } }),
      { ...ok(text('')), items: [ok(text(long))] },
    ];
    for (const outcome of calls) {
      const { batches, keep } = stage();
      for (const id of ['b0', 'b1', 'b2']) keep('me', id, outcome);
      expect(['b0', 'b1', 'b2'].map((id) => batches.find('me', id) !== undefined)).toEqual([false, true, true]);
    }
    const { batches, keep } = stage();
    const args = (): JsonObject => ({ path: Array.from({ length: 10 }, () => 'x'.repeat(90_000)).join('') });
    for (let number = 0; number < 40; number++) keep('me', `b${number}`, ok(text('')), args());
    expect(batches.find('me', 'b0')).toBeUndefined();
    expect(batches.find('me', 'b39')).toBeDefined();
  });

  test('are kept where nothing but errors came of it, since a long message is cut as well', () => {
    const { batches, keep } = stage();
    const error = { code: 'denied_by_policy', message: 'no', retryable: false } as const;
    const { result: _, ...denied } = ok({});
    const batch = keep('me', 'denied', { ...denied, status: 'denied', error });
    expect(batches.find('me', 'denied')).toBe(batch);
  });

  test('never take more than their bounds, and are always the latest', () => {
    const sizes = fc.array(fc.oneof(fc.nat(1_000), fc.nat(20_000_000)), { minLength: 1, maxLength: 150 });
    fc.assert(
      fc.property(sizes, (chars) => {
        const { batches, keep } = stage();
        chars.forEach((size, number) => keep('me', `b${number}`, size));
        const isKept = chars.map((_, number) => batches.find('me', `b${number}`) !== undefined);
        const first = isKept.indexOf(true);
        // None of these is too large by itself, so the last is there.
        expect(isKept.at(-1)).toBe(true);
        expect(isKept.slice(first)).not.toContain(false);
        const total = chars.slice(first).reduce((sum, size) => sum + size, 0);
        expect(total).toBeLessThanOrEqual(32_000_000);
        expect(chars.length - first).toBeLessThanOrEqual(100);
        // Nothing goes without need: with the next older one it would be too much.
        const overhead = 2_000 * (chars.length - first + 1);
        const isFull = chars.length - first === 100 || total + (chars[first - 1] ?? Infinity) + overhead > 32_000_000;
        expect(isFull).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('count what came late, too', () => {
    const { batches, run, keep } = stage();
    const { handle } = run('me', 'b0');
    handle.settle(0, ok(text('')));
    expect(batches.find('me', 'b0')).toBeDefined();
    keep('me', 'b1', 12_000_000);
    keep('me', 'b2', 12_000_000);
    handle.learn({ ...late, result: text('x'.repeat(12_000_000)) });
    expect(['b0', 'b1', 'b2'].map((id) => batches.find('me', id) !== undefined)).toEqual([false, true, true]);
  });
});

describe('a batch that runs', () => {
  test('is found by its client, and stays however many end meanwhile and however long it takes', async () => {
    const { clock, batches, run, keep } = stage();
    const { batch } = run('me', 'slow');
    for (let number = 0; number <= 100; number++) keep('me', `b${number}`, 400_000);
    await clock.pass(40 * minuteMs);
    expect(batches.find('me', 'slow')).toBe(batch);
    expect(batches.find('you', 'slow')).toBeUndefined();
  });

  test('is kept for 30 minutes from its end on', async () => {
    const { clock, batches, run } = stage();
    const { handle, batch } = run('me', 'slow');
    await clock.pass(40 * minuteMs);
    handle.settle(0, ok(text('')));
    await clock.pass(30 * minuteMs);
    expect(batches.find('me', 'slow')).toBe(batch);
    await clock.pass(1);
    expect(batches.find('me', 'slow')).toBeUndefined();
  });

  test('of nobody who could come back to it is not found, and nothing of it stays', async () => {
    const { clock, batches, run } = stage();
    const { handle } = run(undefined, 'b0');
    handle.settle(0, ok(text('')));
    await clock.pass(1);
    expect(batches.find(undefined, 'b0')).toBeUndefined();
    expect(batches.share('me', { batchId: 'b0', keyDigest: 'k' })).toBeUndefined();
    expect(handle.told()).toBe(1);
  });

  test('is cancelled when the client leaves over whose connection it came, and no other is', () => {
    const { join, run } = stage();
    const [mine, yours] = [join(), join()];
    const one = run('me', 'b0', { batches: mine });
    const other = run('you', 'b1', { batches: yours });
    expect(mine.isBusy()).toBe(true);
    mine.close();
    expect([one.handle.cancelled, other.handle.cancelled]).toEqual([[undefined], []]);
    expect([mine.hasLeft(), yours.hasLeft()]).toEqual([true, false]);
  });

  test('goes on for those who joined it when the client leaves that began it, and ends when all have left', () => {
    const { join, run } = stage();
    const [first, second, stranger] = [join(), join(), join()];
    const keyed = { batchId: 'b0', keyDigest: 'k' };
    const { batch, handle } = run('me', 'b0', { batches: first, keyDigest: 'k' });
    expect(second.share('you', keyed)).toBe(batch);
    expect(stranger.share('they', { ...keyed, keyDigest: 'another' })).toBeUndefined();
    expect(stranger.find('they', 'b0')).toBeUndefined();
    first.close();
    expect(handle.cancelled).toEqual([]);
    expect(second.isBusy()).toBe(true);
    stranger.close();
    expect(handle.cancelled).toEqual([]);
    second.close();
    expect(handle.cancelled).toEqual([undefined]);
  });

  test('without a key is shared with nobody', () => {
    const { batches, run } = stage();
    run('me', 'b0');
    expect(batches.share('you', { batchId: 'b0', keyDigest: 'k' })).toBeUndefined();
    expect(batches.find('you', 'b0')).toBeUndefined();
  });

  test('keeps the calls of no other client waiting for its own to be told, once that has left', async () => {
    const { clock, join, run } = stage();
    const mine = join();
    const { handle } = run('me', 'b0', { batches: mine });
    mine.close();
    const before = handle.told();
    handle.settle(0, ok(text('')));
    await clock.pass(0);
    expect(handle.told()).toBeGreaterThan(before);
    expect(mine.isBusy()).toBe(false);
  });
});

describe('what is learnt late', () => {
  test('is told with the next reply of any batch of the same client, once', () => {
    const { batches, run, keep } = stage();
    const { handle } = run('me', 'slow');
    const other = keep('me', 'b1', 1);
    expect(batches.learn('me', other)).toEqual([]);
    handle.settle(0, { ...ok({}), status: 'timeout', applied: 'unknown' });
    handle.learn(late);
    expect(batches.learn('you', keep('you', 'b2', 1))).toEqual([]);
    expect(batches.learn('me', other)).toEqual([{ batchId: 'slow', ...late }]);
    expect(batches.learn('me', other)).toEqual([]);
  });

  test('is told with every reply about the batch itself', () => {
    const { batches, run, keep } = stage();
    const { batch, handle } = run('me', 'slow');
    handle.learn(late);
    expect(batches.learn('me', batch)).toEqual([{ batchId: 'slow', ...late }]);
    expect(batches.learn('me', batch)).toEqual([{ batchId: 'slow', ...late }]);
    expect(batches.learn('me', keep('me', 'b1', 1))).toEqual([]);
  });

  test('is told to nobody else where clients cannot be told apart', () => {
    const { join, run } = stage();
    const shared = join(true);
    const { handle } = run('http', 'slow', { batches: shared });
    handle.learn(late);
    expect(shared.learn('http', run('http', 'b1', { batches: shared }).batch)).toEqual([]);
  });

  test('goes out a hundred at a time', () => {
    const { batches, run, keep } = stage();
    const { handle } = run('me', 'slow');
    for (let number = 0; number < 250; number++) handle.learn({ ...late, id: `c${number}` });
    const other = keep('me', 'b1', 1);
    expect([1, 2, 3, 4].map(() => batches.learn('me', other).length)).toEqual([100, 100, 50, 0]);
  });
});

describe('the background', () => {
  test('has 16 places for each client and 64 for all, and says so where there is none', () => {
    const { batches } = stage();
    const take = (who: string) => batches.takePlace(who);
    const own = Array.from({ length: 16 }, () => take('me'));
    expect(own.every(({ ok: has }) => has)).toBe(true);
    expect(take('me')).toEqual({ ok: false, reason: expect.stringContaining('16 batches of this client go on') });
    for (let number = 0; number < 48; number++) expect(take(`you${number % 4}`).ok).toBe(true);
    expect(take('another')).toEqual({ ok: false, reason: expect.stringContaining('64 batches') });
    const [first] = own;
    if (first?.ok === true) first.giveBack();
    expect(take('another').ok).toBe(true);
  });

  test('holds nobody to 16 where clients cannot be told apart', () => {
    const shared = stage().join(true);
    const places = Array.from({ length: 65 }, () => shared.takePlace('http').ok);
    expect(places.indexOf(false)).toBe(64);
  });
});

test('ids are short for models, and secrets where clients cannot be told apart', () => {
  const { join } = stage();
  expect(join().newId()).toMatch(/^[0-9a-f]{12}$/);
  expect(join(true).newId()).toMatch(/^[0-9a-f]{24}$/);
});
