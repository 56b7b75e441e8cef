import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathLengths } from '../../../../src/batch/plan/order/path-lengths.ts';
import { predecessors } from '../../../../src/batch/plan/order/predecessors.ts';
import { modesConflict } from '../../../../src/core/lock.ts';
import type { Lock, LockMode } from '../../../../src/core/lock.ts';

type Locks = readonly (readonly Lock[] | undefined)[];

const on = (mode: LockMode, node = 'files/a'): Lock[] => [{ node, mode }];

function writeIn(domain: string, name: string): Lock[] {
  return [
    { node: domain, mode: 'IX' },
    { node: `${domain}/${name}`, mode: 'X' },
  ];
}

function thousand(of: (index: number) => Lock[]): Locks {
  return Array.from({ length: 1_000 }, (_, index) => of(index));
}

/** The definition: every earlier call with a conflicting lock on the same node. */
function allPairs(locks: Locks): number[][] {
  return locks.map((own, index) =>
    locks.flatMap((other, earlier) =>
      earlier < index && own?.some((a) => other?.some((b) => a.node === b.node && modesConflict(a.mode, b.mode)))
        ? [earlier]
        : [],
    ),
  );
}

/** Everyone who must have finished before, directly or not. */
function closure(after: readonly (readonly number[])[]): number[][] {
  const all: Set<number>[] = [];
  for (const direct of after) {
    const before = new Set(direct);
    for (const earlier of direct) for (const one of all[earlier] ?? []) before.add(one);
    all.push(before);
  }
  return all.map((set) => [...set].sort((a, b) => a - b));
}

describe('who comes after whom', () => {
  test('reads of one thing run together, a write between them keeps its place', () => {
    const after = predecessors([on('S'), on('S'), on('X'), on('S'), on('S'), on('X')]);
    expect(after).toEqual([[], [], [0, 1], [2], [2], [3, 4]]);
  });

  test('a write waits for the write before it though reads stand between', () => {
    expect(closure(predecessors([on('X'), on('S'), on('X'), on('S')]))).toEqual([[], [0], [0, 1], [0, 1, 2]]);
  });

  test('writes to different files run together, a read of the whole waits for both, a write after it for the read', () => {
    expect(
      predecessors([
        writeIn('files', 'a'),
        writeIn('files', 'b'),
        on('S', 'files'),
        writeIn('files', 'c'),
        writeIn('files', 'd'),
      ]),
    ).toEqual([[], [], [0, 1], [2], [2]]);
  });

  test("a call that does not run is nobody's predecessor", () => {
    expect(predecessors([on('X'), undefined, on('X')])).toEqual([[], [], [0]]);
  });

  test('calls without locks wait for nobody', () => {
    expect(predecessors([[], on('X'), []])).toEqual([[], [], []]);
  });

  test('it orders exactly the pairs that conflict, and what follows from them', () => {
    const mode = fc.constantFrom<LockMode>('IS', 'IX', 'S', 'X');
    const lock = fc.record({ node: fc.constantFrom('', 'a', 'b', 'a/x'), mode });
    const locksOfCall = fc.uniqueArray(lock, { selector: ({ node }) => node, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.option(locksOfCall, { nil: undefined, freq: 8 }), { maxLength: 40 }), (locks) => {
        const after = predecessors(locks);
        expect(closure(after)).toEqual(closure(allPairs(locks)));
        const pairs = allPairs(locks);
        after.forEach((own, index) => own.forEach((earlier) => expect(pairs[index]).toContain(earlier)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a thousand calls cost no more than a thousand calls', () => {
  test.each([
    ['reads of one key', (): Lock[] => on('S'), 0],
    ['writes of one key', (): Lock[] => on('X'), 999],
    ['alternating writes and reads', (index: number): Lock[] => on(index % 2 === 0 ? 'X' : 'S'), 999],
    [
      'alternating reads of the whole and writes inside',
      (index: number): Lock[] => on(index % 2 === 0 ? 'S' : 'IX'),
      999,
    ],
  ])('%s', (_, of, expected) => {
    expect(predecessors(thousand(of)).flat().length).toBe(expected);
  });
});

describe('how long the chain behind a call is', () => {
  test('the longest way counts, the call itself included', () => {
    expect(pathLengths([[], [0], [0], [1, 2], [], [2]])).toEqual([3, 2, 2, 1, 1, 1]);
    expect(pathLengths([])).toEqual([]);
  });
});
