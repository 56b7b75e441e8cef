import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePointer, readPointer, renderPointer } from '../../../src/batch/references/json-pointer.ts';
import type { JsonValue } from '../../../src/core/json.ts';

function pointerOf(text: string): readonly string[] {
  const parsed = parsePointer(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.pointer;
}

function reasonOf(text: unknown): string {
  const parsed = parsePointer(text);
  return parsed.ok ? 'it is fine' : parsed.reason;
}

function read(value: JsonValue, text: string): unknown {
  const found = readPointer(value, pointerOf(text));
  return found.found ? found.value : found.reason;
}

// The document and the answers of RFC 6901, section 5.
const rfc = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

describe('a pointer means what RFC 6901 says', () => {
  test.each<[string, unknown]>([
    ['', rfc],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('%j', (text, expected) => {
    expect(read(rfc, text)).toEqual(expected);
  });

  test('~01 is the key "~1", not "/"', () => {
    expect(pointerOf('/~01')).toEqual(['~1']);
  });

  test('what is written is what was read', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 32 }), (tokens) => {
        fc.pre(renderPointer(tokens).length <= 1_000);
        expect(pointerOf(renderPointer(tokens))).toEqual(tokens);
      }),
    );
  });

  test('every place of a value is found by its pointer', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        for (const { pointer, at } of placesOf(value)) {
          expect(readPointer(value, pointer)).toEqual({ found: true, value: at });
        }
      }),
    );
  });
});

/** Every value inside a value, with its pointer. */
function placesOf(value: JsonValue, pointer: readonly string[] = []): { pointer: readonly string[]; at: JsonValue }[] {
  const children = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [
    { pointer, at: value },
    ...children.flatMap(([key, child]) => (child === undefined ? [] : placesOf(child, [...pointer, key]))),
  ];
}

describe('a pointer that is none says what to write', () => {
  test.each<[unknown, string]>([
    ['path', '"path" must begin with "/"; write "/path"'],
    ['items/0', '"items/0" must begin with "/"; write "/items/0"'],
    ['$.items[0].name', '"$.items[0].name" must begin with "/"; write "/items/0/name"'],
    ['items[*].name', '"items[*].name" must begin with "/"; write "/items/*/name"'],
    ["$['a']", `"$['a']" must begin with "/"; write "/a"`],
    ['#/items/0', '"#/items/0" must begin with "/"; write "/items/0"'],
    ['items.0', '"items.0" must begin with "/"; write "/items/0"'],
    ['items.*.name', '"items.*.name" must begin with "/"; write "/items/*/name"'],
    ['notes.md', '"notes.md" must begin with "/"; write "/notes.md"'],
    ['$', '"$" must begin with "/"; write ""'],
    ['/a~b', '"/a~b" has a "~" that escapes nothing; write ~0 for "~", and ~1 for "/"'],
    [0, 'found 0; write a JSON Pointer, a string such as "/items/0/name"'],
    [null, 'found null; write a JSON Pointer, a string such as "/items/0/name"'],
    [
      '/a'.repeat(33),
      '"/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a…" goes 33 levels down; the most is 32',
    ],
    [`/${'a'.repeat(1_000)}`, 'a pointer of 1,001 characters; the most is 1,000'],
  ])('%j', (text, expected) => {
    expect(reasonOf(text)).toBe(expected);
  });

  test('32 levels and 1,000 characters are still a pointer', () => {
    expect(pointerOf('/a'.repeat(32))).toHaveLength(32);
    expect(pointerOf(`/${'a'.repeat(999)}`)).toHaveLength(1);
  });
});

describe('* maps over an array', () => {
  const value = { rows: [{ cells: [{ v: 1 }, { v: 2 }] }, { cells: [] }, { cells: [{ v: 3 }] }], '*': 'a star' };

  test.each<[string, unknown]>([
    ['/rows/*/cells', [[{ v: 1 }, { v: 2 }], [], [{ v: 3 }]]],
    ['/rows/*/cells/*', [{ v: 1 }, { v: 2 }, { v: 3 }]],
    ['/rows/*/cells/*/v', [1, 2, 3]],
    ['/rows/1/cells/*/v', []],
    ['/*', 'a star'],
  ])('%s: further ones flatten', (text, expected) => {
    expect(read(value, text)).toEqual(expected);
  });

  test('an element in which the rest is not there is named, rather than left out', () => {
    expect(read([{ v: 1 }, { w: 2 }], '/*/v')).toBe('no "/1/v"; there is "w" in "/1"');
  });

  test('an object is not mapped over', () => {
    expect(read({ a: 1, b: 2 }, '/*')).toBe(
      'no "/*"; * is for arrays, and the value is an object; there are "a", "b" at the top',
    );
  });
});

describe('JSON in a string counts as what it holds', () => {
  test.each<[JsonValue, string, unknown]>([
    [{ text: '{"a":[1,2]}' }, '/text/a/1', 2],
    ['[{"n":1},{"n":2}]', '/*/n', [1, 2]],
    [['{"n":1}', ' {"n":2}'], '/*/n', [1, 2]],
    [{ text: '{"a":1}' }, '/text', '{"a":1}'],
    [{ text: '"a"' }, '/text/0', 'no "/text/0"; "/text" is a text that holds no JSON object or array'],
    [{ text: '{"a":' }, '/text/a', 'no "/text/a"; "/text" is a text that holds no JSON object or array'],
  ])('%j at %s', (value, text, expected) => {
    expect(read(value, text)).toEqual(expected);
  });

  test('JSON too deep to be written again is a text', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(read({ deep }, '/deep/0')).toBe('no "/deep/0"; "/deep" is a text that holds no JSON object or array');
  });
});

describe('what is not there is said with what is', () => {
  test.each<[JsonValue, string, string]>([
    [
      { items: [{ title: 't', url: 'u' }] },
      '/items/0/name',
      'no "/items/0/name"; there are "title", "url" in "/items/0"',
    ],
    [{ items: [{ title: 't' }] }, '/item/0', 'no "/item"; there is "items" at the top'],
    [{ items: [1, 2, 3] }, '/items/3', 'no "/items/3"; there are 3 elements in "/items"'],
    [[1], '/1', 'no "/1"; there is 1 element at the top'],
    [[1, 2], '/01', 'no "/01"; there are 2 elements at the top'],
    [[1], '/length', 'no "/length"; the value is an array of 1 element; write an index or * there'],
    [[1], '/-', 'no "/-"; the value is an array of 1 element; write an index or * there'],
    [{ a: {} }, '/a/b', 'no "/a/b"; "/a" is an object without keys'],
    [{ a: null }, '/a/b', 'no "/a/b"; "/a" is null'],
    [{ a: 42 }, '/a/b', 'no "/a/b"; "/a" is a number'],
    ['secret', '/b', 'no "/b"; the value is a text that holds no JSON object or array'],
  ])('%j at %s', (value, text, expected) => {
    expect(read(value, text)).toBe(expected);
  });

  test('at most 10 keys are named, each cut at 40 characters, and no value', () => {
    const value = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`${n}${'k'.repeat(60)}`, 'secret']));
    const reason = String(read({ 'a/b': value }, '/a~1b/x'));
    expect(reason).toContain(`"0${'k'.repeat(39)}…", "1`);
    expect(reason).toMatch(/…" and 2 more in "\/a~1b"$/);
    expect(reason).not.toContain('secret');
  });
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__/polluted'])(
  'what every object inherits is not there: /%s',
  (name) => {
    expect(read({ a: 1 }, `/${name}`)).toMatch(/^no /);
    expect(read([1], `/${name}`)).toMatch(/^no /);
    expect(read('text', `/${name}`)).toMatch(/^no /);
  },
);

test('a key that a server did call __proto__ is there', () => {
  const value: JsonValue = JSON.parse('{"__proto__":{"a":1}}');
  expect(read(value, '/__proto__/a')).toBe(1);
});

test('no value and no pointer make it throw', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.array(fc.oneof(fc.string(), fc.constantFrom('*', '0', '1', '__proto__', 'constructor', 'length'))),
      (value, pointer) => {
        const found = readPointer(value, pointer);
        expect(found.found ? found.value : found.reason).toBeDefined();
      },
    ),
  );
});
