import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FinishedBatch } from '../../src/batch/reply/reply-row.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { createRecentResults } from '../../src/serve/recent-results.ts';
import { createVirtualClock } from '../schedule/virtual-clock.ts';

const minuteMs = 60_000;

/** A finished batch of one call that brought so much text. */
function batchOf(batchId: string, chars = 10): FinishedBatch {
  return finished(batchId, ok(text('x'.repeat(chars))));
}

function finished(batchId: string, outcome: Outcome, args: JsonObject = { path: '/a' }): FinishedBatch {
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
  const timing: FinishedBatch['timing'] = {
    serialMs: 0,
    lowerBoundMs: 0,
    criticalPath: [],
    peakParallel: 1,
    bound: 'batch',
  };
  return { plan, outcomes: [outcome], request, wallMs: 0, timing };
}

function ok(result: JsonObject): Outcome {
  return { status: 'ok', applied: 'no', result, attempts: 1, queuedMs: 0, runMs: 1, startedMs: 0 };
}

function text(words: string): JsonObject {
  return { content: [{ type: 'text', text: words }] };
}

function stage() {
  const clock = createVirtualClock();
  return { clock, results: createRecentResults(clock) };
}

describe('the results of a finished batch', () => {
  test('can be read again by the client that ran it, and are unknown to every other', () => {
    const { results } = stage();
    const batch = batchOf('abc123');
    results.keep('stdio-1', batch);
    expect(results.find('stdio-1', 'abc123')).toBe(batch);
    expect(results.find('stdio-2', 'abc123')).toBeUndefined();
    expect(results.find('stdio-1', 'abc124')).toBeUndefined();
  });

  test('of two clients do not get into each other’s way under one id', () => {
    const { results } = stage();
    const [mine, yours] = [batchOf('abc123'), batchOf('abc123')];
    results.keep('me', mine);
    results.keep('you', yours);
    expect(results.find('me', 'abc123')).toBe(mine);
    expect(results.find('you', 'abc123')).toBe(yours);
  });

  test('are gone after 30 minutes', async () => {
    const { clock, results } = stage();
    results.keep('me', batchOf('abc123'));
    await clock.pass(30 * minuteMs);
    expect(results.find('me', 'abc123')).toBeDefined();
    await clock.pass(1);
    expect(results.find('me', 'abc123')).toBeUndefined();
    // No timer waits for that.
    expect(clock.timers()).toBe(0);
  });

  test('are pushed out by the hundredth batch after them, the oldest first', () => {
    const { results } = stage();
    for (let number = 0; number <= 100; number++) results.keep(`client ${number % 3}`, batchOf(`b${number}`));
    expect(results.find('client 0', 'b0')).toBeUndefined();
    expect(results.find('client 1', 'b1')).toBeDefined();
    expect(results.find('client 1', 'b100')).toBeDefined();
  });

  test('are pushed out where there is no room for all of them, the oldest first', () => {
    const { results } = stage();
    for (const id of ['b0', 'b1', 'b2']) results.keep('me', batchOf(id, 12_000_000));
    expect(['b0', 'b1', 'b2'].map((id) => results.find('me', id) !== undefined)).toEqual([false, true, true]);
  });

  test('that are larger than all the room there is push nothing out', () => {
    const { results } = stage();
    results.keep('me', batchOf('small'));
    results.keep('me', batchOf('huge', 32_000_000));
    expect(results.find('me', 'small')).toBeDefined();
    expect(results.find('me', 'huge')).toBeUndefined();
  });

  test('take the room that they take in memory, whatever form they have', () => {
    const long = 'x'.repeat(11_000_000);
    const calls: Outcome[] = [
      ok({ content: [{ type: 'image', data: long, mimeType: 'image/png' }] }),
      ok({ content: [], structuredContent: { deep: [{ [long]: 1 }] } }),
      { ...ok(text('')), items: [ok(text(long))] },
    ];
    for (const outcome of calls) {
      const { results } = stage();
      for (const id of ['b0', 'b1', 'b2']) results.keep('me', finished(id, outcome));
      expect(['b0', 'b1', 'b2'].map((id) => results.find('me', id) !== undefined)).toEqual([false, true, true]);
    }
    const { results } = stage();
    const args = (): JsonObject => ({ path: Array.from({ length: 10 }, () => 'x'.repeat(90_000)).join('') });
    for (let number = 0; number < 40; number++) results.keep('me', finished(`b${number}`, ok(text('')), args()));
    expect(results.find('me', 'b0')).toBeUndefined();
    expect(results.find('me', 'b39')).toBeDefined();
  });

  test('are kept where nothing but errors came of it, since a long message is cut as well', () => {
    const { results } = stage();
    const error = { code: 'denied_by_policy', message: 'no', retryable: false } as const;
    const { result: _, ...denied } = ok({});
    const batch = finished('denied', { ...denied, status: 'denied', error });
    expect(results.keep('me', batch)).toBe(true);
    expect(results.find('me', 'denied')).toBe(batch);
  });

  test('say whether they are kept', () => {
    const { results } = stage();
    expect(results.keep('me', batchOf('small'))).toBe(true);
    expect(results.keep('me', batchOf('huge', 32_000_000))).toBe(false);
  });

  test('never take more than their bounds, and are always the latest', () => {
    const sizes = fc.array(fc.oneof(fc.nat(1_000), fc.nat(20_000_000)), { minLength: 1, maxLength: 150 });
    fc.assert(
      fc.property(sizes, (chars) => {
        const { results } = stage();
        chars.forEach((size, number) => results.keep('me', batchOf(`b${number}`, size)));
        const isKept = chars.map((_, number) => results.find('me', `b${number}`) !== undefined);
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
});
