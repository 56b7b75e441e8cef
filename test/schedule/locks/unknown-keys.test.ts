import { describe, expect, test } from 'vitest';
import { locksForKeys, type Lock, type LockMode } from '../../../src/core/lock.ts';
import type { PlannedCall } from '../../../src/core/plan.ts';
import { createUnknownKeys, type UnknownKeys, type UnknownWrite } from '../../../src/schedule/locks/unknown-keys.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const lock = (...keys: [path: string, mode: LockMode][]): Lock[] =>
  locksForKeys(keys.map(([path, mode]) => ({ key: path.split('/'), mode })));
const unknown = (locks: Lock[], more: Partial<UnknownWrite> = {}): UnknownWrite => ({
  call: { id: 'c0', server: 'a', exposedName: 'a__write', locks },
  age: 1,
  told: {},
  why: 'silent',
  ...more,
});
const call = (locks: Lock[], toolClass: PlannedCall['class'] = 'write'): PlannedCall => ({
  index: 0,
  id: 'c1',
  server: 'a',
  tool: 'tool',
  exposedName: 'a__tool',
  arguments: {},
  class: toolClass,
  reason: 'a test says so',
  locks,
  after: [],
  needs: [],
  pathLength: 1,
});
const sender = { age: 1, acceptedMs: 0 };

test('however many writes end unknown, no more than a thousand marks are kept, the newest', () => {
  const keys = createUnknownKeys(createVirtualClock());
  for (let number = 0; number < 3_000; number++) keys.add(unknown(lock([`a/${number}`, 'X'])));
  expect(keys.size()).toBe(1_000);
  expect(keys.judge(call(lock(['a/1999', 'X'])), sender)).toBeUndefined();
  expect(keys.judge(call(lock(['a/2000', 'X'])), sender)).toMatchObject({ kind: 'skip' });
});

test('a copy whose source is uncertain writes elsewhere, so it runs with a warning', () => {
  const keys = createUnknownKeys(createVirtualClock());
  keys.add(unknown(lock(['a/source', 'X'])));
  const copy = call(lock(['a/source', 'S'], ['a/target', 'X']));
  expect(keys.judge(copy, sender)).toMatchObject({ kind: 'warn' });
  keys.settle(copy.locks);
  expect(keys.size()).toBe(1);
});

test('a copy of unknown effect leaves its target uncertain, and its source as it was', () => {
  const keys = createUnknownKeys(createVirtualClock());
  keys.add(unknown(lock(['a/source', 'S'], ['a/target', 'X'])));
  expect(keys.judge(call(lock(['a/source', 'X'])), sender)).toBeUndefined();
  expect(keys.judge(call(lock(['a/source', 'S']), 'read'), sender)).toBeUndefined();
  expect(keys.judge(call(lock(['a/target', 'X'])), sender)).toMatchObject({ kind: 'skip' });
});

describe('a write of unknown effect with several keys', () => {
  /** Which of these a write would be kept out of. */
  const uncertain = (keys: UnknownKeys, paths: readonly string[]): string[] =>
    paths.filter((path) => keys.judge(call(lock([path, 'X'])), sender) !== undefined);

  test('is settled key by key: what was written since is certain, the rest is not', () => {
    const keys = createUnknownKeys(createVirtualClock());
    const paths = ['a/from', 'a/x/1', 'a/x/2', 'b/to'];
    keys.add(unknown(lock(...paths.map((path): [string, LockMode] => [path, 'X']))));
    const steps = ['b/to', 'b/to', 'a/x/1', 'a/else', 'a/from', 'a/x'].map((path) => {
      keys.settle(lock([path, 'X']));
      return [path, ...uncertain(keys, paths)];
    });
    expect(steps).toEqual([
      ['b/to', 'a/from', 'a/x/1', 'a/x/2'],
      ['b/to', 'a/from', 'a/x/1', 'a/x/2'],
      ['a/x/1', 'a/from', 'a/x/2'],
      ['a/else', 'a/from', 'a/x/2'],
      ['a/from', 'a/x/2'],
      ['a/x'],
    ]);
    expect(keys.size()).toBe(0);
  });

  test('leaves nothing uncertain above the keys that were written since', () => {
    const keys = createUnknownKeys(createVirtualClock());
    keys.add(unknown(lock(['a/x/1', 'X'], ['b/y', 'X'])));
    expect(uncertain(keys, ['a', 'a/x', 'b'])).toEqual(['a', 'a/x', 'b']);
    keys.settle(lock(['a/x/1', 'X']));
    expect(uncertain(keys, ['a', 'a/x', 'b'])).toEqual(['b']);
    expect(keys.judge(call(lock(['a', 'S']), 'read'), sender)).toBeUndefined();
  });

  test('stays uncertain where a part of one of them was written only, be that one of its keys, too', () => {
    const keys = createUnknownKeys(createVirtualClock());
    keys.add(unknown(lock(['a/x', 'X'], ['a/x/1', 'X'])));
    keys.settle(lock(['a/x/1', 'X']));
    expect(uncertain(keys, ['a/x', 'a/x/2'])).toEqual(['a/x', 'a/x/2']);
    keys.settle(lock(['a/x', 'X']));
    expect(keys.size()).toBe(0);
  });

  test('is still one mark, which goes as a whole when its connection has ended', () => {
    const keys = createUnknownKeys(createVirtualClock());
    keys.add(unknown(lock(['a/x', 'X'], ['a/y', 'X'], ['a/z', 'X'])));
    keys.settle(lock(['a/y', 'X']));
    expect(keys.size()).toBe(1);
    keys.connectionEnded('a');
    expect(keys.size()).toBe(0);
    expect(uncertain(keys, ['a', 'a/x', 'a/y', 'a/z'])).toEqual([]);
  });
});

test.each([
  ['everything below', lock(['a', 'X'])],
  ['everything', [{ node: '', mode: 'X' as const }]],
])('a write of %s settles what lies there', (_, locks) => {
  const keys = createUnknownKeys(createVirtualClock());
  keys.add(unknown(lock(['a/x/1', 'X'])));
  keys.settle(locks);
  expect(keys.size()).toBe(0);
});

test('calls that the locks do not order are not held against each other', () => {
  const keys = createUnknownKeys(createVirtualClock());
  keys.add(unknown(lock(['a', 'IX'])));
  expect(keys.judge(call(lock(['a', 'IX'])), sender)).toBeUndefined();
  expect(keys.judge(call(lock(['a/f', 'X'])), sender)).toBeUndefined();
  expect(keys.judge(call(lock(['a', 'X'])), sender)).toMatchObject({ kind: 'skip' });
});

test('30 s after its client was told, only who came before that is still warned of what a connection has lost', async () => {
  const clock = createVirtualClock();
  const keys = createUnknownKeys(clock);
  keys.add(unknown(lock(['a/f', 'X']), { why: 'lost', told: { at: { ms: 0, order: 7 } } }));
  await clock.pass(30_001);
  const judge = (age: number): string | undefined =>
    keys.judge(call(lock(['a/f', 'S']), 'read'), { age, acceptedMs: 0 })?.kind;
  expect([judge(6), judge(8)]).toEqual(['warn', undefined]);
});

test('what locks nothing leaves nothing uncertain', () => {
  const keys = createUnknownKeys(createVirtualClock());
  keys.add(unknown([]));
  expect(keys.size()).toBe(0);
});

test('a call that arrived in the moment of the report knows of it if it came after', async () => {
  const clock = createVirtualClock();
  await clock.pass(100);
  const keys = createUnknownKeys(clock);
  keys.add(unknown(lock(['a/f', 'X']), { told: { at: { ms: 100, order: 7 } } }));
  const judge = (age: number, acceptedMs: number): string | undefined =>
    keys.judge(call(lock(['a/f', 'X'])), { age, acceptedMs })?.kind;
  expect([judge(6, 100), judge(8, 99), judge(8, 100)]).toEqual(['skip', 'skip', 'warn']);
});
