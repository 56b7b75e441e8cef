import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRecipe } from '../../../src/batch/recipe/check-recipe.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { settings } from '../tiny-catalog.ts';

const parameters = { type: 'object', properties: { number: { type: 'integer' }, label: { type: 'string' } } };

function check(recipe: JsonObject): string[] {
  return checkRecipe(recipe, settings).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
const call = (args: JsonObject, more: JsonObject = {}): JsonObject => ({ tool: 'a__b', arguments: args, ...more });

describe('a recipe with nothing wrong', () => {
  test.each([
    ['without parameters', { calls: [{ tool: 'a__b' }] }],
    [
      'with parameters in arguments, texts and defaults',
      {
        parameters,
        calls: [
          call({ n: { $param: '/number' } }, { id: 'one' }),
          call({ t: { $concat: ['#', { $param: '/number' }] }, l: { $param: '/label', default: 'bug' } }),
          call({ x: { $result: 'one', path: '/x', default: { $param: '/label' } } }, { dependsOn: ['c1'] }),
          call({ x: { $item: '/id' } }, { forEach: { $result: 'one', path: '/items' } }),
          call({ x: { $literal: { $param: '/nowhere' } } }),
        ],
      },
    ],
    [
      'with a schema of draft-07',
      { parameters: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' } },
    ],
  ])('%s is passed', (_, recipe: JsonObject) => {
    expect(check(recipe)).toEqual([]);
  });
});

describe('what is wrong is said at its place, with the mend', () => {
  const one = (args: JsonObject, more?: JsonObject): JsonObject => ({ parameters, calls: [call(args, more)] });
  test.each([
    [
      'a parameter that is not there',
      one({ a: [{ $param: '/lable' }] }),
      ['calls.0.arguments: $param "/lable" names no parameter; did you mean "/label"?'],
    ],
    [
      'one in the default of a reference',
      { parameters, calls: [{ tool: 'a__b' }, call({ a: { $result: 'c0', default: [{ $param: '/x' }] } })] },
      ['calls.1.arguments: $param "/x" names no parameter; there are "/number", "/label"'],
    ],
    [
      'all arguments at once',
      one({ a: { $param: '' } }),
      ['calls.0.arguments: $param "" names no parameter; there are "/number", "/label"'],
    ],
    [
      'a parameter of a recipe that has none',
      { calls: [call({ a: { $param: '/x' } })] },
      ['calls.0.arguments: $param "/x" names no parameter; list it below parameters, in properties'],
    ],
    [
      'no pointer',
      one({ a: { $param: 'label' } }),
      ['calls.0: $param at /a: "label" must begin with "/"; write "/label"'],
    ],
    [
      'a call that stands later',
      { calls: [call({ a: { $result: 'c1' } }), { tool: 'a__b' }] },
      ['calls.0: $result at /a: "c1" stands later in the batch; put it before this call'],
    ],
    [
      'a batch or a recipe inside',
      { calls: [{ tool: 'batch_call' }, { tool: 'mcp__marshal__recipe__x' }] },
      [
        'calls.0: a batch cannot hold a batch; put the calls of "batch_call" beside this one',
        'calls.1: a batch cannot hold a batch; put the calls of "mcp__marshal__recipe__x" beside this one',
      ],
    ],
    [
      'an id that is taken, and what else is wrong',
      { calls: [{ tool: 'a__b', id: 'x' }, { tool: 'a__b', id: 'x' }, call({ a: { $result: 'y' } })] },
      [
        'calls.1.id: "x" is the id of calls[0] already; give each call its own, or none',
        'calls.2: $result at /a: there is no call "y"; did you mean x, c1?',
      ],
    ],
    [
      'more calls than a batch has',
      { calls: Array.from({ length: 101 }, () => ({ tool: 'a__b' })) },
      ['calls: 101 calls, and one batch takes at most 100; send them in 2 batches'],
    ],
    [
      'parameters of another type',
      { parameters: { type: 'array' } },
      [
        'parameters.type: "array" is not the type of arguments; write type: object, and the parameters below properties',
      ],
    ],
    [
      'a type that JSON Schema does not have',
      { parameters: { type: 'object', properties: { a: { type: 'int' } } } },
      [
        'parameters.properties.a.type: is no JSON Schema: it must be one of array, boolean, integer, null, number, object, string',
      ],
    ],
    [
      'a schema that refers to nothing',
      { parameters: { type: 'object', properties: { a: { $ref: '#/$defs/a' } } } },
      ["parameters: cannot be used as a JSON Schema: can't resolve reference #/$defs/a from id #; correct it"],
    ],
    [
      'a default that does not fit',
      { parameters: { type: 'object', properties: { a: { type: 'string', default: 5 } }, required: ['b'] } },
      ['parameters.properties: a default does not fit its own parameter: /a must be string; correct it'],
    ],
  ])('%s', (_, recipe: JsonObject, expected) => {
    expect(check(recipe)).toEqual(expected);
  });

  test('a parameter does not stand in the place of forEach', () => {
    const recipe = { parameters, calls: [call({}, { forEach: { $param: '/label' } })] };
    expect(check(recipe)).toEqual([expect.stringMatching(/^calls\.0: forEach: /)]);
  });
});

test('whatever stands in the file, checking never throws, and each path begins at the recipe', () => {
  const key = fc.constantFrom(
    'type',
    'properties',
    'tool',
    'id',
    'arguments',
    'forEach',
    'a',
    '$param',
    '$concat',
    '$ref',
  );
  const value = fc.jsonValue({ maxDepth: 3 });
  const object = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value)));
  fc.assert(
    fc.property(fc.oneof(value, object), fc.oneof(value, fc.array(object)), (schema, calls) => {
      const recipe: JsonObject = JSON.parse(JSON.stringify({ parameters: schema, calls }));
      for (const { path, message } of checkRecipe(recipe, settings)) {
        expect(['parameters', 'calls']).toContain(path[0]);
        expect(message).not.toBe('');
      }
    }),
  );
});
