import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Tool } from '../../../src/core/tool.ts';

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

describe('a schema that cannot be used harms only itself', () => {
  test.each<[string, JsonObject]>([
    ['a type that is none', { properties: { a: { type: 'strin' } } }],
    ['a reference to the network', { properties: { a: { $ref: 'https://example.com/a.json' } } }],
    ['a broken pattern', { properties: { a: { type: 'string', pattern: '(' } } }],
    ['a pattern that can run for ever', { properties: { a: { type: 'string', pattern: '^(a+)+$' } } }],
    ['a pattern with an alternative that repeats', { properties: { a: { type: 'string', pattern: '^(a|aa)+$' } } }],
    ['a pattern with too many repeats', { properties: { a: { type: 'string', pattern: '^a*a*a*a*b$' } } }],
    ['26 alternatives', { properties: { a: { type: 'string', pattern: `^${'(a|a)'.repeat(26)}b$` } } }],
    ['26 alternatives that repeat', { properties: { a: { type: 'string', pattern: '^(a|a){26}b$' } } }],
    ['26 optional parts', { properties: { a: { type: 'string', pattern: `^${'[a-z]?'.repeat(26)}1$` } } }],
    ['a few of all that', { properties: { a: { type: 'string', pattern: `^${'a?'.repeat(8)}a*a*b$` } } }],
    ['26 alternatives in a name', { patternProperties: { [`^${'(a|a)'.repeat(26)}b$`]: {} } }],
  ])('%s', (_, inputSchema) => {
    const validate = createArgumentValidator();
    const tool = toolOf(inputSchema);
    const first = validate(tool, { a: 5 });
    expect(first.reasons).toEqual([]);
    // What it could not be checked on in hours takes no time.
    const startedMs = performance.now();
    expect(validate(tool, { a: 'a'.repeat(60), ['a'.repeat(60)]: 1 })).toEqual({ reasons: [], isUnchecked: true });
    expect(performance.now() - startedMs).toBeLessThan(500);
    expect(first.warning).toMatch(
      /^the input schema of probe cannot be used \(.+\); its arguments go to the server unchecked$/s,
    );
    expect(validate(tool, { a: 5 })).toEqual({ reasons: [], isUnchecked: true });
    expect(validate(toolOf(schema), {}).reasons).toEqual(['missing "path"']);
  });

  test('an ordinary pattern is checked, on strings that it can be checked on', () => {
    const inputSchema = { properties: { a: { type: 'string', pattern: '^[a-z]+-\\d+$' } } };
    expect(reasonsOf(inputSchema, { a: 'x-1' })).toEqual([]);
    expect(reasonsOf(inputSchema, { a: 'x' })).toHaveLength(1);
    expect(reasonsOf(inputSchema, { a: 'x'.repeat(10_000) })).toEqual([]);
  });

  test.each(['^[a-z]*[a-z]*-$', '(x|x)(x|x)(x|x)(x|x)(x|x)x*-', `^${'x?'.repeat(8)}x*-$`])(
    'the pattern %s takes no noticeable time, on one long string, on many or on a long name',
    (pattern) => {
      const inputSchema = { properties: { a: { items: { type: 'string', pattern } } } };
      const longest = 'x'.repeat(1_990);
      const startedMs = performance.now();
      expect(reasonsOf(inputSchema, { a: [longest] })).toHaveLength(1);
      const many = Array.from({ length: 500 }, () => longest);
      expect(reasonsOf(inputSchema, { a: many })).toEqual([]);
      expect(reasonsOf({ patternProperties: { [pattern]: {} } }, { ['x'.repeat(20_000)]: 1 })).toEqual([]);
      expect(performance.now() - startedMs).toBeLessThan(1_000);
    },
  );
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
    const list = Array.from({ length: 50_000 }, () => hole);
    const holes = list.map((_, index) => `/list/${index}`);
    const startedMs = performance.now();
    expect(reasonsWith(inputSchema, { list: [...list, 5] }, ...holes)).toEqual(['/list/50000 must be string']);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  test('names with signs of pointers in them', () => {
    const inputSchema = { properties: { 'a/b': { type: 'string' }, a: { type: 'string' } } };
    expect(reasonsWith(inputSchema, { 'a/b': hole, a: 'x' }, '/a~1b')).toEqual([]);
    expect(reasonsWith(inputSchema, { 'a/b': 5, a: hole }, '/a')).toEqual(['/a~1b must be string']);
  });
});
