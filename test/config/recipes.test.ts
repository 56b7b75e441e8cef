import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/app.ts';
import { checkRecipe } from '../../src/batch/recipe/check-recipe.ts';
import { inFolder, load, problemsOf } from './load-from.ts';

const head = 'version: 1\nservers: { a: { command: x } }\n';
const triage = `${head}recipes:
  triage:
    description: What it does
    parameters: { type: object, properties: { n: { type: integer } } }
    calls:
      - { id: one, tool: a__b, arguments: { n: { $param: /n } } }
      - tool: a__c
        arguments: { x: { $result: one } }
    onError: stop
    deadline: 20s
`;

describe('a recipe in its normal form', () => {
  test('is a batch with its places, its calls as they were written', async () => {
    const { recipes } = await load(triage, { checkRecipe });
    expect(recipes).toEqual([
      {
        name: 'triage',
        place: { file: 'marshal.yaml', line: 4, column: 3 },
        description: 'What it does',
        parameters: { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false },
        batch: {
          calls: [
            { id: 'one', tool: 'a__b', arguments: { n: { $param: '/n' } } },
            { tool: 'a__c', arguments: { x: { $result: 'one' } } },
          ],
          onError: 'stop',
          deadlineMs: 20_000,
        },
        callPlaces: [
          { file: 'marshal.yaml', line: 8, column: 9 },
          { file: 'marshal.yaml', line: 9, column: 9 },
        ],
      },
    ]);
  });

  test('takes no arguments where it has no parameters', async () => {
    const text = `${head}recipes: { a: { description: b, calls: [{ tool: a__b }] } }\n`;
    expect((await load(text, { checkRecipe })).recipes).toMatchObject([
      { parameters: { type: 'object', additionalProperties: false } },
    ]);
  });

  test.each([
    'additionalProperties: true',
    'additionalProperties: { type: string }',
    'unevaluatedProperties: false',
    'allOf: [{ properties: { n: {} } }]',
  ])('takes what its author says it does: %s', async (more) => {
    const text = `${head}recipes: { a: { description: b, parameters: { type: object, ${more} }, calls: [{ tool: a__b }] } }\n`;
    const [recipe] = (await load(text, { checkRecipe })).recipes;
    expect(recipe?.parameters['additionalProperties']).not.toBe(false);
  });

  test.each(['', 'recipes: {}\n'])('there is none in a file with %j', async (text) => {
    expect((await load(head + text)).recipes).toEqual([]);
  });
});

describe('what is wrong with a recipe', () => {
  const recipe = (name: string, body: string): string => `${head}recipes:\n  ${name}: { description: d, ${body} }\n`;

  test.each([
    ['a b', 'write letters, digits, "-" and "_" only'],
    ['constructor', 'choose another name'],
    ['a'.repeat(57), 'it has 57 characters; write at most 56'],
  ])('the name "%s" is refused', async (name, mend) => {
    const lines = await problemsOf(recipe(`"${name}"`, 'calls: [{ tool: a__b }]'));
    expect(lines).toEqual([`marshal.yaml:4:3 recipes.${name}: "${name}" cannot name a recipe; ${mend}`]);
  });

  test('a name of 56 characters makes the longest name that clients take', async () => {
    const name = 'a'.repeat(56);
    const { recipes } = await load(recipe(name, 'calls: [{ tool: a__b }]'));
    expect(`recipe__${recipes[0]?.name}`).toHaveLength(64);
  });

  test('is said together with all else that is wrong with the file', async () => {
    const text = `${recipe('a', 'calls: [{ tool: a__b, arguments: { x: { $result: no } } }]')}naming: 5\n`;
    expect(await problemsOf(text, { checkRecipe })).toEqual([
      'marshal.yaml:4:32 recipes.a.calls.0: $result at /x: there is no call "no"; no call stands before this one',
      'marshal.yaml:5:9 naming: 5 is not one of prefixed, bare; write one of them',
    ]);
  });

  test('a call of no right shape is named once, its neighbours are judged all the same', async () => {
    const lines = await problemsOf(recipe('a', 'calls: [{ tol: x }, { tool: batch_call }]'), { checkRecipe });
    expect(lines.map((line) => line.replace(/^\S+ (\S+) .*$/, '$1'))).toEqual([
      'recipes.a.calls.0.tool:',
      'recipes.a.calls.0.tol:',
      'recipes.a.calls.1:',
    ]);
  });

  test('as many calls as batches may have is as many as recipes may have', async () => {
    const calls = `calls: [${'{ tool: a__b }, '.repeat(3)}]`;
    const most = (maxCalls: number): string => `${recipe('a', calls)}batch: { maxCalls: ${maxCalls} }\n`;
    expect(await problemsOf(most(2), { checkRecipe })).toEqual([
      'marshal.yaml:4:31 recipes.a.calls: 3 calls, and one batch takes at most 2; send them in 2 batches',
    ]);
    expect((await load(most(3), { checkRecipe })).recipes).toHaveLength(1);
  });

  test('a required parameter that is not there is said with what else is wrong', async () => {
    const parameters = 'parameters: { type: object, properties: { a: { type: string, default: 5 } }, required: [aa] }';
    expect(await problemsOf(recipe('a', `${parameters}, calls: [{ tool: a__b }]`), { checkRecipe })).toEqual([
      expect.stringContaining('parameters.properties.a.default: does not fit its own parameter'),
      expect.stringContaining('parameters.required.0: "aa" is none of the properties; did you mean "a"?'),
    ]);
  });

  test('is found by the library as well', async () => {
    const text = recipe('a', 'calls: [{ tool: batch_call }]');
    await inFolder({ 'marshal.yaml': text }, async (folder) => {
      await expect(loadConfig({ cwd: folder, env: { HOME: folder } })).rejects.toThrow('a batch cannot hold a batch');
    });
  });
});
