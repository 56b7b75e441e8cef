import { expect, test } from 'vitest';
import { settleUnsent } from '../../../src/core/outcome.ts';
import { findHeldBack } from '../../../src/schedule/batch/approval/find-held-back.ts';
import { linkEntries, type BatchEntry } from '../../../src/schedule/batch/batch-entry.ts';
import { createStage, type Sketch } from '../stage.ts';

const stage = createStage();
const write: Sketch = { key: 'a/1', class: 'write' };
const declined = settleUnsent({ code: 'approval_declined', message: 'no', retryable: false });

const entriesOf = (sketches: readonly Sketch[], parent?: BatchEntry): BatchEntry[] =>
  linkEntries(stage.plan('batch', sketches).entries, parent);
const asked = (entry: BatchEntry | undefined): void => void (entry!.approval = { state: 'asked', rounds: 1 });
const held = (entries: readonly BatchEntry[]): string[] => [...findHeldBack(entries)].map(({ id }) => id).sort();
/** Has it elements, as when its call was prepared. */
const expand = (parent: BatchEntry, sketches: readonly Sketch[]): BatchEntry[] => {
  const elements = entriesOf(sketches, parent).map((element, number) =>
    Object.assign(element, { id: `${parent.id}[${number}]` }),
  );
  return (parent.elements = elements) && elements;
};

test('a call that is asked about holds back itself, what needs it, what comes after it, and what needs that', () => {
  const entries = entriesOf([
    { key: 'b/1' },
    write,
    { key: 'b/2', needs: [{ back: 1, when: 'settled' }] },
    { key: 'a/1' },
    { key: 'b/3', needs: [{ back: 1, when: 'error' }] },
    { key: 'b/4', needs: [{ back: 5, when: 'ok' }] },
  ]);
  asked(entries[1]);
  expect(held(entries)).toEqual(['c1', 'c2', 'c3', 'c4']);
  entries[1]!.approval!.state = 'given';
  expect(held(entries)).toEqual([]);
});

test('of identical reads the others wait with the one that is asked about', () => {
  const same: Sketch = { key: 'a/1', merges: true };
  const entries = entriesOf([same, same, { key: 'b', needs: [{ back: 1, when: 'ok' }] }]);
  asked(entries[0]);
  expect(held(entries)).toEqual(['c0', 'c1', 'c2']);
});

test('a call that has ended unsent hands on that its predecessor is in the way, and keeps nobody from its own end', () => {
  const entries = entriesOf([write, write, write, { key: 'b', needs: [{ back: 2, when: 'settled' }] }]);
  asked(entries[0]);
  asked(entries[1]);
  entries[1]!.outcome = declined;
  expect(held(entries)).toEqual(['c0', 'c2']);
});

test('a call that was declined behind one that runs holds nobody back', () => {
  const entries = entriesOf([write, write, write]);
  asked(entries[1]);
  entries[1]!.outcome = declined;
  expect(held(entries)).toEqual([]);
});

test('an element holds back its call and what comes after that, by its end and by its locks', () => {
  const entries = entriesOf([
    { ...write, turnsOut: [] },
    { key: 'b/1', needs: [{ back: 1, when: 'settled' }] },
    { key: 'a/1' },
  ]);
  const elements = expand(entries[0]!, [write, write]);
  asked(elements[0]);
  expect(held([...entries, ...elements])).toEqual(['c0', 'c0[0]', 'c0[1]', 'c1', 'c2']);
});
