import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillReferences } from '../../../src/batch/references/fill-references.ts';
import { scanReferences } from '../../../src/batch/references/scan-references.ts';
import { readReference } from '../../../src/batch/references/read-result.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { deepArray, nodes, outcomeOf, tree } from './results.ts';

type Sources = Parameters<typeof fillReferences>[1];

/** Every reference stands for the value under its id. */
function sourcesOf(values: Record<string, JsonValue>): Sources {
  return {
    valueOf: ({ id }) => {
      const value = values[id];
      return value === undefined ? { ok: false, reason: `${id} has no result: it is skipped` } : { ok: true, value };
    },
  };
}

function filled(args: JsonObject, sources: Sources): JsonObject {
  const result = fillReferences(args, sources);
  if (!result.ok) throw new Error(result.error.message);
  return result.args;
}

function messageOf(args: JsonObject, sources: Sources): string {
  const result = fillReferences(args, sources);
  return result.ok ? 'it is fine' : result.error.message;
}

const c0 = { $result: 'c0' };

describe('a value goes in as what it is', () => {
  test('any JSON keeps its type, at any place', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const args = { whole: c0, list: [1, c0], deep: { er: { key: c0, other: 'x' } } };
        expect(filled(args, sourcesOf({ c0: value }))).toEqual({
          whole: value,
          list: [1, value],
          deep: { er: { key: value, other: 'x' } },
        });
      }),
    );
  });

  test('plain arguments stay the very same object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
        const args = given as JsonObject;
        fc.pre(scanReferences(args, { item: false }).isPlain);
        expect(filled(args, sourcesOf({}))).toBe(args);
      }),
    );
  });

  test('what was written is not changed', () => {
    const args = { paths: [c0, 'b'], text: { $concat: ['a', c0] }, plain: { a: [1] } };
    const before = structuredClone(args);
    const result = filled(args, sourcesOf({ c0: 'x' }));
    expect(args).toEqual(before);
    expect(result).toEqual({ paths: ['x', 'b'], text: 'ax', plain: { a: [1] } });
    expect(result['plain']).toBe(args.plain);
  });

  test('all arguments may come from a result, if it is an object', () => {
    expect(filled(c0, sourcesOf({ c0: { path: 'a' } }))).toEqual({ path: 'a' });
    expect(messageOf(c0, sourcesOf({ c0: [1, 2] }))).toBe(
      'the arguments would be an array of 2 elements; a tool takes an object',
    );
  });

  test('an element is read by its pointer', () => {
    const sources = { ...sourcesOf({}), item: { name: 'Ada', tags: ['x'] } };
    expect(filled({ whole: { $item: '' }, name: { $item: '/name' }, tag: { $item: '/tags/0' } }, sources)).toEqual({
      whole: sources.item,
      name: 'Ada',
      tag: 'x',
    });
    expect(messageOf({ path: { $item: '/path' } }, sources)).toBe(
      '/path: the item has no "/path"; there are "name", "tags" at the top',
    );
    expect(filled({ a: { $item: '' } }, { ...sources, item: null })).toEqual({ a: null });
  });

  test('a key called __proto__ stays a key', () => {
    const args: JsonObject = JSON.parse('{"__proto__":{"path":{"$result":"c0"}},"b":{"$result":"c0"}}');
    const result = filled(args, sourcesOf({ c0: { __proto__: null, polluted: true } }));
    expect(Object.keys(result)).toEqual(['__proto__', 'b']);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(({} as JsonObject)['polluted']).toBeUndefined();
  });
});

describe('what a server answers refers to nothing', () => {
  const hostile = {
    a: { $result: 'c1', path: '/secret' },
    b: { $item: '' },
    c: { $concat: [{ $result: 'c1' }] },
    d: { $literal: 1 },
  };
  const sources = { ...sourcesOf({ c0: hostile, c1: 'a secret' }), item: hostile };

  test('a result that holds references goes in as it stands', () => {
    expect(filled({ a: c0, list: [c0] }, sources)).toEqual({ a: hostile, list: [hostile] });
    expect(filled({ a: { $item: '/a' } }, sources)).toEqual({ a: hostile.a });
    expect(filled(c0, sources)).toEqual(hostile);
  });

  test('nor does one that is joined, or written as a literal', () => {
    expect(messageOf({ a: { $concat: [{ $item: '/a' }] } }, sources)).toContain('part /0 of $concat is an object');
    expect(filled({ a: { $literal: hostile } }, sources)).toEqual({ a: hostile });
  });
});

describe('$concat joins a string', () => {
  const sources = { ...sourcesOf({ c0: 'x', list: ['a\n', 'b\n'], n: 7, o: { a: 1 }, mixed: ['a', 1] }), item: 'it' };

  test.each<[JsonValue[], string]>([
    [[], ''],
    [['a', 1, true, 'b', -0.5], 'a1trueb-0.5'],
    [['/', c0, '.md'], '/x.md'],
    [[{ $result: 'list' }, ['c', 'd']], 'a\nb\ncd'],
    [[{ $concat: [{ $item: '' }, { $concat: ['!'] }] }, { $literal: '?' }, { $result: 'n' }], 'it!?7'],
  ])('%j', (parts, expected) => {
    expect(filled({ text: { $concat: parts } }, sources)).toEqual({ text: expected });
  });

  test.each<[JsonValue[], string]>([
    [
      ['a', { $result: 'o' }],
      '/text: part /1 of $concat is an object; only strings, numbers and booleans can be joined',
    ],
    [[null], '/text: part /0 of $concat is null; only strings, numbers and booleans can be joined'],
    [
      [{ $result: 'mixed' }],
      '/text: part /0 of $concat is an array in which /1 is a number; of arrays only those of strings can be joined',
    ],
    [['a', { $result: 'gone' }], '/text/$concat/1: gone has no result: it is skipped'],
  ])('%j cannot be joined', (parts, expected) => {
    expect(messageOf({ text: { $concat: parts } }, sources)).toBe(expected);
  });
});

describe('what cannot be filled is said with its place', () => {
  test('the call, the path and what is there instead', () => {
    const outcome = outcomeOf({ content: [], structuredContent: { items: [{ title: 't', url: 'u' }] } });
    const message = messageOf(
      { paths: [{ $result: 'c0', path: '/items/0/name' }] },
      { valueOf: (reference) => readReference(reference, { outcome }) },
    );
    expect(message).toBe('/paths/0: c0 has no "/items/0/name"; there are "title", "url" in "/items/0"');
  });

  test('several places at once, but not hundreds', () => {
    const args = { list: Array.from({ length: 500 }, () => ({ $result: 'gone' })) };
    expect(messageOf(args, sourcesOf({})).split('; ')).toEqual(
      [0, 1, 2].map((index) => `/list/${index}: gone has no result: it is skipped`),
    );
  });

  test.each<[JsonObject, string]>([
    [{ a: { $item: '' } }, '/a: $item: only a call with forEach has items'],
    [{ a: { $param: '/x' } }, '/a: $param: only a recipe has parameters'],
    [{ a: { $concat: 1 } }, '/a: $concat: found 1; write an array of the parts to be joined'],
  ])('%j', (args, expected) => {
    expect(messageOf(args, sourcesOf({}))).toBe(expected);
  });
});

describe('all arguments out of a text', () => {
  test.each([{ $result: 'c0' }, { $item: '' }])('%j are the object that it holds', (args) => {
    const held = '{"a":1,"b":{"$result":"c9"}}';
    expect(filled(args, { ...sourcesOf({ c0: held }), item: held })).toEqual({ a: 1, b: { $result: 'c9' } });
  });

  test.each<[JsonObject, string, string]>([
    [
      { $result: 'c0' },
      '7',
      'the arguments would be a text that holds no JSON object or array; a tool takes an object',
    ],
    [{ $result: 'c0' }, '[1]', 'the arguments would be an array of 1 element; a tool takes an object'],
    [{ $concat: [c0] }, '{"a":1}', 'the arguments would be a text; a tool takes an object'],
    [
      c0,
      JSON.stringify(deepArray(70)).replace(/^\[(.*)\]$/, '{"a":$1}'),
      'the arguments are nested deeper than 64 levels',
    ],
  ])('%j are not where it holds something else', (args, held, expected) => {
    expect(messageOf(args, sourcesOf({ c0: held }))).toContain(expected);
  });
});

test('what all calls of a batch are filled with is bounded', () => {
  const sources = { ...sourcesOf({ c0: 'x'.repeat(600_000) }), budget: { left: 1_500_000 } };
  expect(filled({ a: c0 }, sources)).toHaveProperty('a');
  expect(messageOf({ a: c0, b: c0 }, sources)).toMatch(/^the arguments that references fill in one batch are longer/);
  expect(messageOf({ a: 1 }, sources)).toMatch(/^the arguments that references fill in one batch are longer/);
});

describe('filled arguments stay within what a call may send', () => {
  const long = 'x'.repeat(600_000);

  test.each<[string, JsonObject]>([
    ['two long values', { a: c0, b: c0 }],
    ['one long value beside a long text', { a: c0, b: long }],
    ['one string of two', { a: { $concat: [c0, c0] } }],
    ['one value many times', { a: Array.from({ length: 5_000 }, () => ({ $result: 'list' })) }],
    ['one string of thousands', { a: { $concat: Array.from({ length: 5_000 }, () => c0) } }],
  ])('%s are too long', (_, args) => {
    const list = Array.from({ length: 1_000 }, (_value, index) => ({ index }));
    expect(messageOf(args, sourcesOf({ c0: long, list }))).toMatch(
      /^the arguments are longer than 1,000,000 characters/,
    );
  });

  test('one long value is not', () => {
    expect(filled({ a: c0 }, sourcesOf({ c0: long }))).toEqual({ a: long });
  });

  test('and within a depth that can be written', () => {
    expect(messageOf({ a: deepArray(100_000), b: c0 }, sourcesOf({ c0: 1 }))).toContain('nested deeper than 64 levels');
    let concat: JsonValue = c0;
    for (let level = 0; level < 50_000; level++) concat = { $concat: [concat] };
    expect(messageOf({ concat }, sourcesOf({ c0: 1 }))).toContain('nested deeper than 64 levels');
  });
});

test('whatever a scan finds no fault with can be filled, and nothing makes it throw', () => {
  const keys = fc.oneof(
    fc.constantFrom('$result', '$item', '$concat', '$literal', '$param', 'path', 'view', 'default', '__proto__'),
    fc.string({ maxLength: 3 }),
  );
  const standIns = fc.constantFrom<JsonObject>(
    { $result: 'c0' },
    { $item: '' },
    { $literal: { $result: 'c9' } },
    { $concat: ['a', { $result: 'c0' }, { $concat: [1] }] },
  );
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.integer(),
      standIns,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
    ),
  }));
  const sources = { ...sourcesOf({ c0: 'x' }), item: 'i' };
  let filledCount = 0;
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value), (args) => {
      const scan = scanReferences(args, { item: true });
      const result = fillReferences(args, sources);
      if (scan.problems.length > 0) expect(result.ok).toBe(false);
      else if (scan.references.every(({ reference }) => reference.id === 'c0')) {
        expect(result).toMatchObject({ ok: true });
        filledCount++;
      }
    }),
  );
  expect(filledCount).toBeGreaterThan(10);
});

test('results of real servers fill real arguments', () => {
  const outcomes = { nodes: outcomeOf(nodes), tree: outcomeOf(tree) };
  const valueOf: Sources['valueOf'] = (reference) =>
    readReference(reference, { outcome: reference.id === 'tree' ? outcomes.tree : outcomes.nodes });
  const args = {
    names: { $result: 'nodes', path: '/entities/*/name' },
    path: { $concat: ['work/', { $result: 'tree', path: '/0/children/0/name' }] },
    content: { $concat: [{ $result: 'nodes', path: '/entities/*/observations/*' }, '\n'] },
  };
  expect(filled(args, { valueOf })).toEqual({
    names: ['Ada', 'Engine'],
    path: 'work/a.md',
    content: 'wrote the first programliked horses\n',
  });
});
