import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import type { ArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import { createPrepare } from '../../../src/batch/plan/create-prepare.ts';
import { planBatch } from '../../../src/batch/plan/plan-batch.ts';
import type { BatchConfig } from '../../../src/config/config.ts';
import type { JsonValue } from '../../../src/core/json.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { PlanEntry, PlannedCall, Prepared } from '../../../src/core/plan.ts';
import { callAt, catalog, ok, requestOf, servers, text } from '../tiny-catalog.ts';

interface Choices {
  settings?: Partial<BatchConfig>;
  servers?: typeof servers;
  readOnly?: boolean;
  /** Whether it was planned as a batch of reads, where that differs. */
  plannedAs?: boolean;
  validate?: ArgumentValidator;
}

/** Plans a batch, ends the calls whose outcomes are given, and prepares the others that are open, in their order. */
function prepareAll(input: unknown, outcomes: readonly Outcome[], choices: Choices = {}): Prepared[] {
  const bag = {
    request: requestOf(input, choices.settings),
    catalog,
    servers: choices.servers ?? servers,
    validate: choices.validate ?? createArgumentValidator(),
  };
  const planned = planBatch({ ...bag, readOnly: choices.plannedAs ?? choices.readOnly ?? false, batchId: 'b' });
  if (!planned.ok) throw new Error(planned.error.message);
  const { entries } = planned.plan;
  const prepare = createPrepare({ ...bag, entries, readOnly: choices.readOnly ?? false });
  return entries
    .map((_, index) => index)
    .slice(outcomes.length)
    .map((index) => prepare(callAt(planned.plan, index), outcomes));
}

const prepareOne = (input: unknown, outcomes: readonly Outcome[], choices: Choices = {}): Prepared =>
  prepareAll(input, outcomes, choices)[0]!;

function runs(prepared: Prepared): PlannedCall {
  if (prepared.kind !== 'run') throw new Error(`does not run: ${JSON.stringify(prepared)}`);
  return prepared.call;
}

function errorOf(prepared: Prepared): string {
  if (prepared.kind !== 'settled') throw new Error('it runs');
  const { error } = prepared.outcome;
  return `${error?.code}: ${error?.message}`;
}

function elements(prepared: Prepared): readonly PlanEntry[] {
  if (prepared.kind !== 'each') throw new Error(`has no elements: ${JSON.stringify(prepared)}`);
  return prepared.entries;
}

const says = (value: JsonValue): Outcome => ok(text(JSON.stringify(value)));
const list = { tool: 'github__list_issues' };
const read = (path: unknown, more = {}) => ({ tool: 'files__read_text_file', arguments: { path }, ...more });
const write = (path: unknown, more = {}) => ({ tool: 'files__write_file', arguments: { path, content: 'x' }, ...more });
const label = (method: unknown, more = {}) => ({ tool: 'github__label_write', arguments: { method }, ...more });
const from = (path: string, more = {}) => ({ $result: 'c0', path, ...more });

describe('a call whose values are there', () => {
  test('has its real arguments and locks, at its place in the batch', () => {
    const call = runs(prepareOne([list, write(from('/file'), { timeoutMs: 700 })], [says({ file: 'a.md' })]));
    expect(call).toMatchObject({
      index: 1,
      id: 'c1',
      tool: 'write_file',
      arguments: { path: 'a.md', content: 'x' },
      class: 'write',
      after: [],
      needs: [{ index: 0, when: 'ok' }],
      timeoutMs: 700,
    });
    expect(call.locks.at(-1)).toEqual({ node: 'files/srv/a.md', mode: 'X' });
    expect(call).not.toHaveProperty('isOpen');
  });

  test('keeps the calls that it waits for', () => {
    expect(runs(prepareAll([list, write('b'), write(from('/f'))], [says({ f: 'b' }), says('')])[0]!).after).toEqual([
      1,
    ]);
  });

  test('is classed by what it now says: allowed, or asked about', () => {
    expect(runs(prepareOne([list, label(from('/m'))], [says({ m: 'create' })])).class).toBe('write');
    const asked = runs(prepareOne([list, label(from('/m'))], [says({ m: 'delete' })]));
    expect(asked).toMatchObject({
      index: 1,
      class: 'destructive',
      arguments: { method: 'delete' },
      approval: { reason: 'it is destructive: rule tools.label_write (github.yaml:9)' },
    });
    expect(asked).not.toHaveProperty('mayAsk');
  });

  test('is told what is wrong with them, with the signature', () => {
    expect(errorOf(prepareOne([list, read(from('/n'))], [says({ n: 7 })]))).toBe(
      'invalid_arguments: /path must be string (filled from c0 "/n": a number; { "$concat": [ … ] } makes text of it)\narguments: (path: string, head?: number, tail?: number)',
    );
  });

  test.each<[string, object, JsonValue, string]>([
    [
      'an object where a text is wanted',
      read(from('/a')),
      { a: { name: 'x', n: 1 } },
      '/path must be string (filled from c0 "/a": an object with "name", "n"; write "view": "text" for the text of the whole result, or a path to a text in it)',
    ],
    [
      'an array where a text is wanted',
      read(from('')),
      ['x', 'y', 'z'],
      '/path must be string (filled from c0: an array of 3 elements; { "$concat": [ … ] } around it joins them)',
    ],
    [
      'an array of objects where a text is wanted',
      read(from('')),
      [{ a: 1 }],
      '/path must be string (filled from c0: an array of 1 element; write "view": "text" for the text of the whole result, or a path to a text in it)',
    ],
    [
      'the lines of a text where a text is wanted',
      read({ $result: 'c0', view: 'lines' }),
      'two\nlines',
      '/path must be string (filled from c0: an array of 1 element; write "view": "text" for the text of the whole result, or a path to a text in it)',
    ],
    [
      'a text where a number is wanted',
      { tool: 'github__get_issue', arguments: { number: from('/n') } },
      { n: '7' },
      '/number must be integer (filled from c0 "/n": a text)',
    ],
    [
      'a value that is none of the list',
      label(from('/m')),
      { m: 'secret' },
      '/method must be one of "create", "delete" (filled from c0 "/m": a text)',
    ],
    [
      'a joined text that is none of the list',
      label({ $concat: ['x', from('/m')] }),
      { m: 'secret' },
      '/method must be one of "create", "delete" (filled from $concat: a text)',
    ],
    ['null', read(from('/n')), { n: null }, '/path must be string (filled from c0 "/n": null)'],
  ])('is told where %s came from, and never what it is', (_, call, value, expected) => {
    const error = errorOf(prepareOne([list, call], [says(value)]));
    expect(error).toContain(`invalid_arguments: ${expected}\narguments: `);
    expect(error).not.toContain('secret');
  });

  test('is told nothing of references where these are not to blame', () => {
    const strict = { tool: 'files__read_text_file', arguments: { path: from('/p'), head: from('/h') } };
    const error = errorOf(prepareOne([list, strict], [says({ p: 'a', h: true })]));
    expect(error).toMatch(/^invalid_arguments: \/head must be number \(filled from c0 "\/h": a boolean\)\n/);
  });

  test('has no lines where its answer means nothing', () => {
    const found = { tool: 'files__search' };
    const lines = { $result: 'c0', view: 'lines' };
    const calls = [found, read({ $item: '' }, { forEach: lines })];
    const nothing = ok(text('No matches found'));
    expect(elements(prepareOne(calls, [nothing]))).toEqual([]);
    expect(elements(prepareOne(calls, [ok(text('No matches found\nb'))]))).toHaveLength(2);
    // The same words of a tool that does not mean nothing by them.
    expect(elements(prepareOne([list, calls[1]], [nothing]))).toHaveLength(1);
  });

  test('does not run without a value, and is told what there was', () => {
    const prepared = prepareOne([list, read(from('/file'))], [says({ title: 1, body: 2 })]);
    expect(errorOf(prepared)).toMatch(/^invalid_reference: \/path: c0 has no "\/file"; there are "title", "body"/);
    expect(prepared).toMatchObject({ tool: 'files__read_text_file', server: 'files', class: 'read' });
  });

  test('takes the default where there is none, or where the other call failed and it runs all the same', () => {
    const withDefault = read(from('/file', { default: 'z.md' }), { dependsOn: [{ id: 'c0', when: 'settled' }] });
    const failed: Outcome = { ...ok({}), status: 'timeout' };
    expect(runs(prepareOne([list, withDefault], [says({})])).arguments).toEqual({ path: 'z.md' });
    expect(runs(prepareOne([list, withDefault], [failed])).arguments).toEqual({ path: 'z.md' });
  });

  test('takes what a server says for a value, never for a reference', () => {
    const sly = { $result: 'c0', path: '/secret' };
    const call = prepareOne(
      [list, { tool: 'github__list_issues', arguments: from('') }],
      [says({ perPage: sly, secret: 1 })],
    );
    expect(errorOf(call)).toContain('/perPage must be integer');
  });

  test('is refused where they grow beyond all bounds', () => {
    const long = 'x'.repeat(600_000);
    expect(errorOf(prepareOne([list, read({ $concat: [from(''), from('')] })], [ok(text(long))]))).toMatch(
      /^limit_exceeded/,
    );
    let deep: JsonValue = 'x';
    for (let level = 0; level < 200; level += 1) deep = [deep];
    expect(errorOf(prepareOne([list, read(from(''))], [says(deep)]))).toMatch(/^limit_exceeded: .*64 levels/);
  });

  test('is not run under batch_read if it has become more than a read', () => {
    const batch = [list, label(from('/m'))];
    const prepared = prepareOne(batch, [says({ m: 'create' })], { readOnly: true, plannedAs: false });
    expect(errorOf(prepared)).toMatch(
      /^denied_by_policy: batch_read runs reads only, and with these arguments it is write/,
    );
  });

  test('may hold constants beside its references', () => {
    const write = { tool: 'files__write_file', arguments: { path: from('/f'), content: { $literal: 'as it is' } } };
    expect(runs(prepareOne([list, write], [says({ f: 'a' })])).arguments).toEqual({ path: 'a', content: 'as it is' });
  });
});

describe('a call for each element', () => {
  const each = (path: string, call: object) => [list, { ...call, forEach: from(path), id: 'each' }];

  test('is one call per element, in order, each with its own arguments and locks', () => {
    const entries = elements(
      prepareOne(each('/files', read({ $item: '/name' })), [says({ files: [{ name: 'a' }, { name: 'b' }] })]),
    );
    expect(entries).toMatchObject([
      { call: { index: 0, id: 'each[0]', arguments: { path: 'a' }, after: [], needs: [], timeoutMs: 120_000 } },
      { call: { index: 1, id: 'each[1]', arguments: { path: 'b' }, after: [], needs: [], timeoutMs: 120_000 } },
    ]);
    expect(entries.map((entry) => entry.kind === 'run' && entry.call.locks.at(-1)?.node)).toEqual([
      'files/srv/a',
      'files/srv/b',
    ]);
  });

  test('is none where there is nothing', () => {
    expect(elements(prepareOne(each('', read({ $item: '' })), [says([])]))).toEqual([]);
  });

  test('keeps the order of elements that touch the same thing, and counts who waits behind', () => {
    const batch = [...each('', write({ $item: '' })), write('z')];
    const entries = elements(prepareAll(batch, [says(['a', 'b', 'a', 'a'])])[0]!);
    expect(entries.map((entry) => entry.kind === 'run' && entry.call.after)).toEqual([[], [], [0], [2]]);
    expect(entries.map((entry) => entry.kind === 'run' && entry.call.pathLength)).toEqual([4, 2, 3, 2]);
  });

  test('runs one after another where batch or server want that', () => {
    const batch = each('', { tool: 'github__get_issue', arguments: { number: { $item: '' } } });
    const afterOf = (prepared: Prepared) => elements(prepared).map((entry) => entry.kind === 'run' && entry.call.after);
    const outcomes = [says([1, 2, 3])];
    expect(afterOf(prepareOne(batch, outcomes))).toEqual([[], [], []]);
    expect(afterOf(prepareOne(batch, outcomes, { settings: { parallel: 'avoid' } }))).toEqual([[], [0], [1]]);
    const cautious = new Map([...servers, ['github', { parallel: 'avoid' as const }]]);
    expect(afterOf(prepareOne(batch, outcomes, { servers: cautious }))).toEqual([[], [0], [1]]);
  });

  test('sends identical reads once', () => {
    const entries = elements(prepareOne(each('', read({ $item: '' })), [says(['a', 'b', 'a'])]));
    expect(entries.map((entry) => entry.kind === 'run' && entry.call.sameAs)).toEqual([undefined, undefined, 0]);
  });

  test('is told which value of the element it was', () => {
    const [entry] = elements(prepareOne(each('', read({ $item: '/a' })), [says([{ a: 7 }])]));
    expect(errorOf(entry!)).toContain(
      '(filled from the element "/a": a number; { "$concat": [ … ] } makes text of it)',
    );
    const [whole] = elements(prepareOne(each('', read({ $item: '' })), [says([{ a: 7 }])]));
    expect(errorOf(whole!)).toContain(
      '(filled from the element: an object with "a"; write a pointer to a text in it, as { "$item": "/name" })',
    );
  });

  test('judges each by itself: one that cannot run leaves its neighbours', () => {
    const entries = elements(prepareOne(each('', label({ $item: '' })), [says(['create', 'delete', 7, 'create'])]));
    expect(entries).toMatchObject([
      { kind: 'run', call: { class: 'write' } },
      { kind: 'run', call: { index: 1, id: 'each[1]', approval: { reason: expect.any(String) } } },
      { kind: 'settled', outcome: { error: { code: 'invalid_arguments' } } },
      { kind: 'run', call: { index: 3, id: 'each[3]', after: [1] } },
    ]);
  });

  test('under onError stop runs what stands before one that cannot, and nothing after it', () => {
    const calls = [list, read({ $item: '/path' }, { forEach: { $result: 'c0' } })];
    const ended = [says([{ path: '/a' }, {}, { path: '/b' }])];
    const prepared = elements(prepareOne({ calls, onError: 'stop' }, ended));
    expect(prepared.map((entry) => (entry.kind === 'run' ? 'runs' : entry.outcome.error?.code))).toEqual([
      'runs',
      'invalid_reference',
      'stopped_after_error',
    ]);
  });

  test('mixes elements and values of other calls', () => {
    const call = {
      tool: 'files__write_file',
      arguments: { path: { $item: '' }, content: { $concat: ['# ', from('/title')] } },
    };
    const entries = elements(prepareOne(each('/files', call), [says({ title: 'T', files: ['a'] })]));
    expect(entries).toMatchObject([{ call: { arguments: { path: 'a', content: '# T' } } }]);
  });

  test('a constant in it stays one', () => {
    const args = { path: { $item: '' }, head: { $literal: { $item: '' } } };
    const call = { tool: 'files__read_text_file', arguments: args };
    const unchecked = elements(prepareOne(each('', call), [says(['a'])], { validate: () => ({ reasons: [] }) }));
    expect(unchecked).toMatchObject([{ call: { arguments: { path: 'a', head: { $item: '' } } } }]);
  });

  test('is refused where there is no list', () => {
    expect(errorOf(prepareOne(each('', read({ $item: '' })), [says({ items: ['a'] })]))).toMatch(
      /^invalid_reference: forEach: c0 is no list: it is an object; did you mean path "\/items"\?/,
    );
  });

  test('counts the elements of the whole batch', () => {
    const second = { ...read({ $item: '' }), forEach: from('') };
    const [first, over, fits] = prepareAll(
      [...each('', read({ $item: '' })), second, { ...second, forEach: from('/0', { default: [] }) }],
      [says([['a', 'b'], 'b', 'c'])],
      { settings: { maxCalls: 5 } },
    );
    expect(elements(first!)).toHaveLength(3);
    expect(errorOf(over!)).toBe(
      'limit_exceeded: forEach: 3 elements, and the calls of one batch take at most 5 together, 3 of them taken by other calls; narrow the list, or run over parts of it in several batches',
    );
    expect(elements(fits!)).toHaveLength(2);
  });
});
