import { describe, expect, test } from 'vitest';
import type { RecoveredCall } from '../../../../src/core/journal.ts';
import type { Outcome } from '../../../../src/core/outcome.ts';
import type { Plan, Prepared } from '../../../../src/core/plan.ts';
import { recoverPlan, recoverPrepare } from '../../../../src/batch/plan/recovery/recover-plan.ts';
import { ok, planOf, text } from '../../tiny-catalog.ts';

const read = { tool: 'files__read_text_file', arguments: { path: '/a' } };
const write = { tool: 'files__write_file', arguments: { path: '/a', content: 'x' } };
const written: Outcome = { ...ok(text('written')), applied: 'yes' };
const timeout: Outcome = {
  ...written,
  status: 'timeout',
  applied: 'unknown',
  error: { code: 'timeout', message: 'no answer', retryable: false },
};

/** What becomes of each call: how it ended, or that it runs. */
function fatesOf(calls: readonly object[], known: Record<string, RecoveredCall>, changes: object = {}): string[] {
  const plan = recoverPlan(planOf({ calls, ...changes }), new Map(Object.entries(known)));
  return plan.entries.map(describeEntry);
}

function describeEntry(entry: Plan['entries'][number]): string {
  if (entry.kind === 'run') return 'runs';
  const { status, applied, error } = entry.outcome;
  return [status, applied, ...(error === undefined ? [] : [error.code])].join(' ');
}

describe('a call of an interrupted batch', () => {
  test('that needs approval is asked about again, whatever was said before', () => {
    const calls = [{ tool: 'files__delete_file', arguments: { path: '/a' } }];
    const { entries } = recoverPlan(planOf(calls), new Map());
    expect(entries).toMatchObject([{ kind: 'run', call: { approval: { reason: expect.any(String) } } }]);
  });

  test.each<[string, object, RecoveredCall | undefined, string]>([
    ['that was never sent runs', write, undefined, 'runs'],
    ['that had ended keeps its end', write, { class: 'write', outcome: written }, 'ok yes'],
    [
      'that had failed keeps its end',
      read,
      { class: 'read', outcome: { ...timeout, applied: 'no' } },
      'timeout no timeout',
    ],
    ['of unknown effect keeps that', write, { class: 'write', outcome: timeout }, 'timeout unknown timeout'],
    ['that writes and was sent is not sent again', write, { class: 'write' }, 'failed unknown connection_lost'],
    ['that reads and was sent is sent again', read, { class: 'read' }, 'runs'],
    [
      'that was no read when it was sent is not sent again as one',
      read,
      { class: 'write' },
      'failed unknown connection_lost',
    ],
    ['that is no read any more is not sent again as one', write, { class: 'read' }, 'failed unknown connection_lost'],
    [
      'that was cancelled before it was sent runs',
      write,
      { class: 'write', outcome: { ...written, status: 'cancelled', applied: 'no' } },
      'runs',
    ],
    [
      'that was cancelled while it ran is not sent again',
      write,
      { class: 'write', outcome: { ...timeout, status: 'cancelled' } },
      'cancelled unknown timeout',
    ],
    [
      'that read what was too large to be kept reads it again',
      read,
      { class: 'read', outcome: withoutResult(ok({})) },
      'runs',
    ],
    [
      'that wrote and whose answer was too large to be kept is not sent again',
      write,
      { class: 'write', outcome: withoutResult(written) },
      'ok yes',
    ],
  ])('%s', (_, call, known, expected) => {
    expect(fatesOf([call], known === undefined ? {} : { c0: known })).toEqual([expected]);
  });

  test('that policy denies now keeps the end that it had', () => {
    const denied = { tool: 'files__format_disk' };
    expect(fatesOf([denied], { c0: { class: 'write', outcome: written } })).toEqual(['ok yes']);
    expect(fatesOf([denied], {})).toEqual(['denied no denied_by_policy']);
  });

  test('of unknown effect leaves its keys uncertain, for the scheduler to keep later writes from them', () => {
    const plan = recoverPlan(planOf({ calls: [write] }), new Map([['c0', { class: 'write' }]]));
    expect(plan.entries[0]).toMatchObject({
      kind: 'settled',
      id: 'c0',
      tool: 'files__write_file',
      server: 'files',
      class: 'write',
      locks: expect.arrayContaining([{ node: 'files/a', mode: 'X' }]),
    });
  });

  test('under onError: stop does not start where one had failed then', () => {
    const known: Record<string, RecoveredCall> = { c0: { class: 'write', outcome: timeout } };
    const calls = [write, { ...write, arguments: { path: '/b', content: 'x' } }];
    expect(fatesOf(calls, known, { onError: 'stop' })).toEqual([
      'timeout unknown timeout',
      'skipped no stopped_after_error',
    ]);
    expect(fatesOf(calls, known)).toEqual(['timeout unknown timeout', 'runs']);
    expect(fatesOf(calls, { c0: { class: 'write', outcome: written } }, { onError: 'stop' })).toEqual([
      'ok yes',
      'runs',
    ]);
  });
});

describe('the elements of a call of an interrupted batch', () => {
  const list = { id: 'list', tool: 'github__list_issues' };
  const item = { $item: '' };
  const each = {
    ...write,
    id: 'each',
    forEach: { $result: 'list' },
    arguments: { path: item, content: 'x' },
  };
  const listed: RecoveredCall = { class: 'read', outcome: ok(text('[1,2]')) };

  test('keep their ends, or are not sent again, each by itself', () => {
    const plan = planOf({ calls: [list, each] });
    const open = plan.entries[1];
    if (open?.kind !== 'run') throw new Error('it does not run');
    const element = (index: number): Plan['entries'][number] => ({
      kind: 'run',
      call: { ...open.call, index, id: `each[${index}]`, needs: [] },
    });
    const prepared: Prepared = { kind: 'each', entries: [element(0), element(1), element(2)] };
    const calls = new Map<string, RecoveredCall>([
      ['each[0]', { class: 'write', outcome: written }],
      ['each[1]', { class: 'write' }],
    ]);
    const again = recoverPrepare(() => prepared, { calls, onError: 'continue' })(open.call, []);
    expect(again.kind === 'each' ? again.entries.map(describeEntry) : again).toEqual([
      'ok yes',
      'failed unknown connection_lost',
      'runs',
    ]);
  });

  test('are found anew where the list is still known', () => {
    expect(fatesOf([list, each], { list: listed, 'each[0]': { class: 'write', outcome: written } })).toEqual([
      'ok no',
      'runs',
    ]);
  });

  test('are not sent again where the list would have to be read again, and may be another now', () => {
    const known: Record<string, RecoveredCall> = { 'each[0]': { class: 'write', outcome: written } };
    expect(fatesOf([list, each], known)).toEqual(['runs', 'failed unknown connection_lost']);
    expect(fatesOf([list, each], { list: { class: 'read' }, ...known })).toEqual([
      'runs',
      'failed unknown connection_lost',
    ]);
    expect(fatesOf([list, each], {})).toEqual(['runs', 'runs']);
    expect(fatesOf([list, { ...each, ...read, arguments: { path: item } }], { 'each[0]': { class: 'read' } })).toEqual([
      'runs',
      'runs',
    ]);
  });
});

function withoutResult(outcome: Outcome): Outcome {
  const { result: _, ...rest } = outcome;
  return rest;
}
