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
    expect(validate(tool, { a: 'a'.repeat(60), ['a'.repeat(60)]: 1 })).toEqual({ reasons: [] });
    expect(performance.now() - startedMs).toBeLessThan(500);
    expect(first.warning).toMatch(
      /^the input schema of probe cannot be used \(.+\); its arguments go to the server unchecked$/s,
    );
    expect(validate(tool, { a: 5 })).toEqual({ reasons: [] });
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
