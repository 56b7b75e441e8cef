import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Tool } from '../../../src/core/tool.ts';
import { cpuMs } from '../../cpu-ms.ts';

function toolOf(inputSchema: JsonObject): Tool {
  return { name: 'probe', inputSchema };
}

function reasonsOf(inputSchema: JsonObject, args: JsonObject): readonly string[] {
  return createArgumentValidator()(toolOf(inputSchema), args).reasons;
}

const schema = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    mode: { enum: ['fast', 'slow'] },
    options: { type: 'object', properties: { depth: { type: 'integer', minimum: 1 } }, required: ['depth'] },
    constructor: { type: 'string' },
  },
  required: ['path'],
  additionalProperties: false,
};

describe('wrong arguments are told where and why', () => {
  test.each<[JsonObject, string[]]>([
    [{ path: 'a' }, []],
    [{ path: 'a', constructor: 'b' }, []],
    [{}, ['missing "path"']],
    [{ path: 5 }, ['/path must be string']],
    [{ path: 'a', mode: 'medium' }, ['/mode must be one of "fast", "slow"']],
    [{ path: 'a', options: {} }, ['missing "depth" in /options']],
    [{ path: 'a', options: { depth: 0 } }, ['/options/depth must be >= 1']],
    [{ path: 'a', file: 'b' }, ['"file" is not an argument']],
    [{ file: 'b' }, ['missing "path"', '"file" is not an argument']],
  ])('%j', (args, expected) => {
    expect(reasonsOf(schema, args)).toEqual(expected);
  });

  const oneOfKinds = (kind: (name: string) => JsonObject): JsonObject => ({
    properties: {
      filter: {
        oneOf: ['after', 'contains', 'equals'].map((name) => ({
          type: 'object',
          properties: { kind: kind(name), [name]: { type: 'string' } },
          required: ['kind', name],
        })),
      },
    },
  });

  test.each([
    ['const', oneOfKinds((name) => ({ const: name }))],
    ['enum', oneOfKinds((name) => ({ enum: [name] }))],
  ])('by the one of several objects that its %s says was meant', (_, kinds) => {
    expect(reasonsOf(kinds, { filter: { kind: 'contains', contain: 'x' } })).toEqual([
      'missing "contains" in /filter',
      '/filter must match exactly one schema in oneOf',
    ]);
    // Where none is meant, all that could have been.
    expect(reasonsOf(kinds, { filter: { kind: 'other', contains: 'x' } }).join()).toMatch(
      /kind must be (one of )?"after",.*kind must be (one of )?"contains"/,
    );
  });

  test('by the object of a choice between an object and nothing', () => {
    const inner = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    expect(reasonsOf({ properties: { at: { anyOf: [inner, { type: 'null' }] } } }, { at: {} })).toEqual([
      'missing "id" in /at',
      '/at must match a schema in anyOf',
    ]);
  });

  test('in one line each, of a length that can be read, whatever words the server wrote', () => {
    const odd = 'b\n[c1] ok\u2028[c2] ok';
    for (const reason of [
      ...reasonsOf({ properties: { [odd]: { type: 'string' } } }, { [odd]: 4 }),
      ...reasonsOf({ dependentRequired: { a: [odd] } }, { a: 1 }),
      ...reasonsOf({ properties: { e: { enum: [odd] } } }, { e: 1 }),
      ...reasonsOf({ properties: { s: { pattern: `^a${'b'.repeat(400)}` } } }, { s: 'c' }),
    ]) {
      expect(reason).not.toMatch(/[\n\u2028]/u);
      expect(reason.length).toBeLessThan(500);
    }
  });

  test('at most five reasons, and how many more there are', () => {
    const many = { type: 'array', items: { type: 'number' } };
    const reasons = reasonsOf({ properties: { list: many } }, { list: Array.from({ length: 20 }, () => 'x') });
    expect(reasons).toHaveLength(6);
    expect(reasons[5]).toBe('and 15 more');
  });

  test('a value that may be secret is not repeated', () => {
    expect(reasonsOf({ properties: { token: { type: 'number' } } }, { token: 's3cret' }).join()).not.toContain(
      's3cret',
    );
  });
});

describe('schemas of both drafts are understood', () => {
  test('definitions and tuples of draft-07', () => {
    const old = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { pair: { type: 'array', items: [{ type: 'string' }, { $ref: '#/definitions/n' }] } },
      definitions: { n: { type: 'number' } },
    };
    expect(reasonsOf(old, { pair: ['a', 1] })).toEqual([]);
    expect(reasonsOf(old, { pair: ['a', 'b'] })).toEqual(['/pair/1 must be number']);
  });

  test('$defs and prefixItems of 2020-12', () => {
    const modern = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      properties: { pair: { prefixItems: [{ type: 'string' }, { $ref: '#/$defs/n' }] } },
      $defs: { n: { type: 'number' } },
    };
    expect(reasonsOf(modern, { pair: ['a', 'b'] })).toEqual(['/pair/1 must be number']);
  });

  test('two tools whose schemas have one $id are two tools', () => {
    const validate = createArgumentValidator();
    const [a, b] = ['string', 'number'].map((type) => toolOf({ $id: 'same', properties: { x: { type } } }));
    expect(validate(a!, { x: 1 }).reasons).toHaveLength(1);
    expect(validate(b!, { x: 1 }).reasons).toHaveLength(0);
  });
});

const patternOf = (pattern: string): JsonObject => ({ properties: { a: { type: 'string', pattern } } });

describe('what of a schema cannot be used goes unchecked, with a warning that says why, and the rest is checked', () => {
  test.each<[string, JsonObject, string]>([
    ['a type that is none', { properties: { a: { type: 'strin' } } }, '"strin" is not a type'],
    [
      'a reference to the network',
      { properties: { a: { $ref: 'https://example.com/a.json' } } },
      'the reference "https://example.com/a.json" is another document, and none is fetched',
    ],
    ['a reference to nothing', { properties: { a: { $ref: '#/$defs/b' } } }, '"#/$defs/b" means nothing in it'],
    [
      'a document inside it',
      { properties: { a: { $id: 'b.json', $ref: '#/c' } } },
      'it holds another document, "b.json"',
    ],
    ['a broken pattern', patternOf('('), 'the pattern "(" is not tried: it is broken'],
    [
      'a pattern that looks ahead',
      patternOf('^(?=b)'),
      'the pattern "^(?=b)" is not tried: it is broken, or of a kind',
    ],
    ['a pattern that refers back', patternOf('^(a+)\\1$'), 'or of a kind that can run for ever'],
    ['a pattern of 2,000 characters', patternOf('b'.repeat(2_000)), 'it is longer than 1000 characters'],
    ['references that go round', { properties: { a: { $ref: '#/properties/a' } } }, 'takes too long'],
    ['a schema that is none', { properties: { a: 5 } }, 'neither an object nor true or false'],
  ])('%s', (_, inputSchema, why) => {
    const validate = createArgumentValidator();
    const tool = toolOf({ ...inputSchema, required: ['b'] });
    const { warning, ...first } = validate(tool, { a: 'aaa' });
    expect(warning).toMatch(
      /^the arguments of probe go to the server without having been checked in full against its input schema: ./,
    );
    expect(warning).toContain(why);
    expect(first.unchecked).toContain(why);
    expect(first.reasons).toEqual(why === 'takes too long' ? [] : ['missing "b"']);
    // Once per tool.
    expect(validate(tool, { a: 'aaa' })).toEqual(first);
    expect(validate(toolOf(schema), {}).reasons).toEqual(['missing "path"']);
  });

  test.each<[string, JsonObject]>([
    ['not', { not: { type: 'string', pattern: '(?=x)' } }],
    ['oneOf', { oneOf: [{ pattern: '(?=x)' }, { type: 'string' }] }],
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword
    ['if', { if: { type: 'string', pattern: '(?=x)' }, then: false }],
    ['maxContains', { contains: { type: 'string', pattern: '(?=x)' }, maxContains: 0 }],
    ['additionalProperties', { patternProperties: { '(?=x)': {} }, additionalProperties: false }],
    ['unevaluatedProperties', { allOf: [{ $ref: 'far.json' }], unevaluatedProperties: false }],
  ])('what %s makes of it is not held against the call', (_, inputSchema) => {
    const validate = createArgumentValidator();
    for (const a of ['b', { c: 1 }, ['d']]) {
      expect(validate(toolOf({ properties: { a: inputSchema } }), { a }).reasons).toEqual([]);
    }
  });

  test('a tool whose schema takes too long has less time from call to call', () => {
    const validate = createArgumentValidator();
    const tool = toolOf(explosive(40));
    const before = process.cpuUsage();
    for (let n = 0; n < 1_000; n++) expect(validate(tool, { a: 'x' }).unchecked).toContain('takes too long');
    // All the steps for each would take half a minute.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(4_000);
  });
});

/** 2^levels ways through it, each of which fails. */
function explosive(levels: number): JsonObject {
  const next = (level: number): JsonObject => ({ $ref: `#/$defs/d${level + 1}` });
  const $defs: JsonObject = { [`d${levels}`]: { type: 'number' } };
  for (let level = 0; level < levels; level++) $defs[`d${level}`] = { anyOf: [next(level), next(level)] };
  return { properties: { a: { $ref: '#/$defs/d0' } }, $defs };
}

describe('whatever a schema says, a check of it stalls nobody', () => {
  const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
  const nested = (levels: number): JsonObject => {
    let inner: JsonObject = { type: 'string' };
    for (let level = 0; level < levels; level++)
      inner = { anyOf: [{ properties: { a: inner } }, { maxProperties: 0 }] };
    return inner;
  };
  const tree: JsonObject = {
    anyOf: [{ properties: { a: { $ref: '#' } } }, { properties: { a: { $ref: '#' } } }],
    required: ['z'],
  };
  const deepArgs = (levels: number): JsonObject => (levels === 0 ? {} : { a: deepArgs(levels - 1) });
  const listOf = (schema: JsonObject): JsonObject => ({ properties: { a: { items: schema } } });

  test.each<[string, JsonObject, JsonObject]>([
    ['2^40 ways through it', explosive(40), { a: 'x' }],
    ['two references to itself, and 60 levels', tree, deepArgs(60)],
    ['a dynamic reference to itself', { $dynamicAnchor: 'n', properties: { a: { $dynamicRef: '#n' } } }, deepArgs(60)],
    ['10,000 branches', { properties: { a: { anyOf: many(10_000, (n) => ({ const: n })) } } }, { a: 'x' }],
    [
      '10,000 branches for each of 10,000 elements',
      listOf({ oneOf: many(10_000, (n) => ({ required: [`f${n}`] })) }),
      { a: many(10_000, () => ({})) },
    ],
    [
      '10,000 properties',
      { properties: Object.fromEntries(many(10_000, (n) => [`p${n}`, { type: 'string' }])) },
      { p1: 1 },
    ],
    ['10,000 names that must be there', { required: many(10_000, (n) => `p${n}`) }, {}],
    ['200,000 values to choose from', { properties: { a: { enum: many(200_000, (n) => `v${n}`) } } }, { a: 'x' }],
    [
      'the same for each of 20,000 elements',
      listOf({ enum: many(200_000, (n) => `v${n}`) }),
      { a: many(20_000, () => 'x') },
    ],
    [
      '20,000 objects to choose from',
      listOf({ enum: many(20_000, (n) => ({ n })) }),
      { a: many(100, () => ({ n: -1 })) },
    ],
    ['490 levels', nested(245), deepArgs(60)],
    [
      'elements unlike each other, 20,000 of them',
      { properties: { a: { uniqueItems: true } } },
      { a: many(20_000, (n) => ({ n })) },
    ],
    ['200,000 wrong elements', listOf({ type: 'string' }), { a: many(200_000, () => 1) }],
    [
      '1,000 patterns of names',
      { patternProperties: Object.fromEntries(many(1_000, (n) => [`^(a|b)*x${n}$`, {}])) },
      { aaaa: 1 },
    ],
    [
      '1,000 patterns for each of 1,000 names',
      { patternProperties: Object.fromEntries(many(1_000, (n) => [`(a|b)*${n}`, false])) },
      Object.fromEntries(many(1_000, (n) => [`${'ab'.repeat(20)}${n}`, 1])),
    ],
    ...[
      '^(a+)+$',
      '^(a|aa)+$',
      '^a*a*a*a*b$',
      `^${'(a|a)'.repeat(26)}b$`,
      '^(a|a){26}b$',
      `^${'a?'.repeat(26)}${'a'.repeat(26)}$`,
    ].map((pattern): [string, JsonObject, JsonObject] => [
      `the pattern ${pattern}`,
      patternOf(pattern),
      { a: `${'a'.repeat(500)}!` },
    ]),
    ['a pattern with many repeats', patternOf('([a-z]{1,30}){1,30}!'), { a: 'a'.repeat(900_000) }],
    ['a pattern that goes back far', patternOf('(.{0,200}a){1,4}$'), { a: 'ab ,x1'.repeat(100_000) }],
    ['a pattern of many letters', patternOf('(\\p{L}|\\p{N}|\\p{S}){1,300}z'), { a: 'a'.repeat(1_000) }],
  ])('%s', (_, inputSchema, args) => {
    createArgumentValidator()(toolOf(patternOf('warm')), { a: 'x' });
    // The promise is 50 ms, on a machine that has nothing else to do: what others take of it does not count here.
    const stalledMs = [1, 2, 3].map(() => {
      const validate = createArgumentValidator();
      const before = process.cpuUsage();
      validate(toolOf(inputSchema), args);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    });
    expect(Math.min(...stalledMs)).toBeLessThan(100);
  });

  test('patterns that could run for ever elsewhere are checked', () => {
    expect(reasonsOf(patternOf('^(a+)+$'), { a: `${'a'.repeat(5_000)}!` })).toHaveLength(1);
    expect(reasonsOf(patternOf('^(a+)+$'), { a: 'a'.repeat(5_000) })).toEqual([]);
  });
});

test.each<[string, string, string]>([
  ['^[a-z]+-\\d+$', 'x-1', 'x'],
  ['^\\S+\\s\\S+$', 'a\u00a0b', 'ab'],
  ['^[\\s\\w]+$', 'a\u00a0\u2003b', 'a-b'],
  ['^\\u0041\\x42$', 'AB', 'AC'],
  ['^\\u{1F600}$', '\u{1F600}', ':'],
  ['^\\ud83d\\ude00.$', '\u{1F600}\u{1F600}', ':'],
  ['^[\\w.+\\-]+@[\\w\\-]+\\.[\\w.\\-]+$', 'a.b+c@d-e.f', 'a@b'],
  ['^\\/[^/]+\\/?$', '/a/', 'a'],
  ['^(?<year>\\d{4})-\\d\\d$', '2026-11', '26-11'],
  ['^\\p{Lu}', 'Ä', 'ä'],
])('the pattern %s means what it does in JavaScript', (pattern, right, wrong) => {
  const validate = createArgumentValidator();
  const tool = toolOf(patternOf(pattern));
  expect(new RegExp(pattern, 'u').test(right)).toBe(true);
  expect(validate(tool, { a: right })).toEqual({ reasons: [] });
  expect(validate(tool, { a: wrong }).reasons).toHaveLength(1);
});

describe('what is not known yet is not held against a call', () => {
  const hole = { $result: 'c0' };
  const reasonsWith = (inputSchema: JsonObject, args: JsonObject, ...holes: string[]): readonly string[] =>
    createArgumentValidator()(toolOf(inputSchema), args, { holes }).reasons;

  test.each<[string, JsonObject, string[], string[]]>([
    ['a value of another type', { path: hole }, ['/path'], []],
    ['a value that is none of the list', { path: 'a', mode: hole }, ['/mode'], []],
    ['fields inside of it', { path: 'a', options: hole }, ['/options'], []],
    ['all arguments', hole, [''], []],
    ['a missing name beside it', { mode: hole }, ['/mode'], ['missing "path"']],
    ['a name too many beside it', { path: hole, file: 'b' }, ['/path'], ['"file" is not an argument']],
    ['a name too many that it is the value of', { path: 'a', file: hole }, ['/file'], ['"file" is not an argument']],
    [
      'a value beside it that is none of the list',
      { path: hole, mode: 'x' },
      ['/path'],
      ['/mode must be one of "fast", "slow"'],
    ],
    ['an object around it where there is to be a text', { path: { a: hole } }, ['/path/a'], ['/path must be string']],
    ['a wrong value beside it', { path: hole, options: { depth: 0 } }, ['/path'], ['/options/depth must be >= 1']],
    [
      'a missing name in an object around it',
      { path: 'a', options: { x: hole } },
      ['/options/x'],
      ['missing "depth" in /options'],
    ],
  ])('%s', (_, args, holes, expected) => {
    expect(reasonsWith(schema, args, ...holes)).toEqual(expected);
  });

  const kinds = ['anyOf', 'oneOf'].map((keyword) => ({
    type: 'object',
    [keyword]: [
      { properties: { kind: { const: 'number' }, value: { type: 'number' } }, required: ['kind', 'value'] },
      { properties: { kind: { const: 'text' }, value: { type: 'string' }, words: {} }, required: ['kind', 'words'] },
    ],
  }));

  test.each(kinds)('which of several forms is meant, under %j', (inputSchema) => {
    expect(reasonsWith(inputSchema, { kind: hole, value: 'x' }, '/kind')).toEqual([]);
    expect(reasonsWith(inputSchema, { kind: 'number', value: 'x' }).length).toBeGreaterThan(0);
    // Where the choice is made without the hole, it counts.
    const inside = { properties: { what: inputSchema, other: {} }, required: ['id'] };
    expect(reasonsWith(inside, { what: { kind: 'number' }, other: hole }, '/other').length).toBeGreaterThan(2);
    expect(reasonsWith(inside, { what: { kind: hole }, other: 1 }, '/what/kind')).toEqual(['missing "id"']);
  });

  test('what a condition on it asks for', () => {
    const inputSchema = {
      if: { properties: { mode: { const: 'all' } } },
      else: { required: ['names'], properties: { count: { type: 'string' } } },
    };
    expect(reasonsWith(inputSchema, { mode: hole, count: 1 }, '/mode')).toEqual([]);
    expect(reasonsWith(inputSchema, { mode: 'some', count: 1 }).length).toBeGreaterThan(1);
  });

  test('an element of a list, and how many are alike', () => {
    const inputSchema = {
      properties: { list: { items: { type: 'string' }, uniqueItems: true, contains: { const: 'a' } } },
    };
    expect(reasonsWith(inputSchema, { list: [hole, hole] }, '/list/0', '/list/1')).toEqual([]);
    expect(
      reasonsWith({ properties: { list: { items: { type: 'string' } } } }, { list: [hole, 5] }, '/list/0'),
    ).toEqual(['/list/1 must be string']);
  });

  test('however many there are, without a noticeable wait', () => {
    const inputSchema = { properties: { list: { items: { type: 'string' } } } };
    const list = Array.from({ length: 20_000 }, () => hole);
    const holes = list.map((_, index) => `/list/${index}`);
    const startedMs = cpuMs();
    expect(reasonsWith(inputSchema, { list: [...list, 5] }, ...holes)).toEqual(['/list/20000 must be string']);
    expect(cpuMs() - startedMs).toBeLessThan(2_000);
  });

  test('names with signs of pointers in them', () => {
    const inputSchema = { properties: { 'a/b': { type: 'string' }, a: { type: 'string' } } };
    expect(reasonsWith(inputSchema, { 'a/b': hole, a: 'x' }, '/a~1b')).toEqual([]);
    expect(reasonsWith(inputSchema, { 'a/b': 5, a: hole }, '/a')).toEqual(['/a~1b must be string']);
  });
});
