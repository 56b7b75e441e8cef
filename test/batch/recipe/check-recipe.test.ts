import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRecipe } from '../../../src/batch/recipe/check-recipe.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { settings } from '../tiny-catalog.ts';

const parameters = { type: 'object', properties: { number: { type: 'integer' }, label: { type: 'string' } } };

// As the loader leaves parameters whose author says nothing of others.
const closed = { additionalProperties: false };

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
    [
      'with texts that only hold what looks like a template, or name no parameter',
      {
        parameters,
        calls: [
          call({
            a: 'about {{label}} and ${label}',
            b: '{{nobody}}',
            c: '$HOME',
            d: { $literal: '{{label}}' },
            e: { $perm: 5 },
            f: { $lte: '/label', $gte: 1 },
          }),
        ],
      },
    ],
    [
      'with a required name that something else than properties speaks of',
      {
        parameters: {
          type: 'object',
          required: ['a', 'b'],
          properties: { a: {} },
          patternProperties: { b: {} },
          ...closed,
        },
      },
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
      ['parameters: cannot be used as a JSON Schema: the reference "#/$defs/a" means nothing in it; correct it'],
    ],
    [
      'a default that does not fit',
      { parameters: { type: 'object', properties: { a: { type: 'string', default: 5 } }, required: ['b'], ...closed } },
      [
        'parameters.required.0: "b" is none of the properties; did you mean "a"?',
        'parameters.properties.a.default: does not fit its own parameter: /a must be string; correct it',
      ],
    ],
    [
      'defaults that do not fit inside, each at its place',
      {
        parameters: {
          type: 'object',
          properties: {
            list: { type: 'array', items: { type: 'string' }, default: ['x', 5] },
            'a/b': { enum: ['x'], default: 'y' },
          },
        },
      },
      [
        'parameters.properties.list.default: does not fit its own parameter: /list/1 must be string; correct it',
        'parameters.properties.a/b.default: does not fit its own parameter: /a~1b must be one of "x"; correct it',
      ],
    ],
    [
      'a name in required that is none of the properties, beside all else',
      {
        parameters: {
          type: 'object',
          properties: { label: { type: 'txt' } },
          required: ['label', 'lable', 'zzz'],
          ...closed,
        },
      },
      [
        'parameters.properties.label.type: is no JSON Schema: it must be one of array, boolean, integer, null, number, object, string',
        'parameters.required.1: "lable" is none of the properties; did you mean "label"?',
        'parameters.required.2: "zzz" is none of the properties; list it in properties, or take it out',
      ],
    ],
    ...[
      ['{{label}}', '/label'],
      ['{{ label }}', '/label'],
      ['${label}', '/label'],
      ['$param.label', '/label'],
      ['{{param.label}}', '/label'],
      ['{{ parameters.label.name | upper }}', '/label/name'],
      ['$label', '/label'],
    ].map(([text, pointer]): [string, JsonObject, string[]] => [
      `${text} where a parameter was meant`,
      one({ deep: [{ a: text! }] }),
      [
        `calls.0.arguments: /deep/0/a: "${text}" is no parameter and would be sent as it stands; write { $param: ${pointer} }, or { $literal: … } around it if that is meant`,
      ],
    ]),
    [
      'a parameter under a key that is a letter away',
      one({ a: { $parm: '/label' }, b: { $params: '/label', default: 1 } }),
      [
        'calls.0.arguments: /a: "$parm" is no parameter and would be sent as it stands; did you mean $param?',
        'calls.0.arguments: /b: "$params" is no parameter and would be sent as it stands; did you mean $param?',
      ],
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
