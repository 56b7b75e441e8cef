import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import { offerRecipe } from '../../../src/batch/recipe/offer-recipe.ts';
import type { OfferedRecipe } from '../../../src/batch/recipe/offer-recipe.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { renderProblem } from '../../../src/core/place.ts';
import { catalog, servers, settings } from '../tiny-catalog.ts';
import { recipeOf } from './recipe-of.ts';

function offer(
  calls: JsonObject[],
  unavailable: (server: string) => string | undefined = () => undefined,
): OfferedRecipe {
  const validate = createArgumentValidator();
  const disabled = new Set(['slack']);
  return offerRecipe(recipeOf({ calls }), { catalog, servers, validate, settings, unavailable, disabled });
}

const read = { tool: 'files__read_text_file', arguments: { path: { $param: '/path' } } };
const write = { tool: 'files__write_file', arguments: { path: { $param: '/path' }, content: 'x' } };
const warningsOf = (offered: OfferedRecipe): string[] => offered.warnings.map(renderProblem);

describe('a recipe is as dangerous as the worst of its calls', () => {
  test.each([
    ['reads', [read, read], 'read', { readOnlyHint: true }],
    ['a write', [read, write], 'write', { readOnlyHint: false, destructiveHint: false }],
    [
      'a call that its argument may make destructive',
      [{ tool: 'github__label_write', arguments: { method: { $param: '/path' } } }],
      'destructive',
      { readOnlyHint: false, destructiveHint: true },
    ],
    [
      'a call that its argument makes a write',
      [{ tool: 'github__label_write', arguments: { method: 'create' } }],
      'write',
      { readOnlyHint: false, destructiveHint: false },
    ],
    ['a denied tool', [read, { tool: 'files__format_disk' }], 'write', { readOnlyHint: false, destructiveHint: false }],
    [
      'a tool that nobody knows yet',
      [read, { tool: 'mail__send' }],
      'destructive',
      { readOnlyHint: false, destructiveHint: true },
    ],
  ])('%s', (_, calls, toolClass, annotations) => {
    const offered = offer(calls, (server) => (server === 'mail' ? 'connecting' : undefined));
    expect(offered).toMatchObject({ class: toolClass, tool: { name: 'recipe__triage', annotations } });
  });

  test('its tool says what the configuration says, and its reply may be as long as that of a batch', () => {
    const { tool, reason } = offer([read, write]);
    expect(tool).toMatchObject({
      description: 'What it does',
      inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
      _meta: { 'anthropic/maxResultSizeChars': 50_000 },
    });
    expect(tool['_meta']).not.toHaveProperty('anthropic/alwaysLoad');
    expect(reason).toBe('recipe of 2 calls; files__write_file is write');
  });
});

describe('what cannot run whatever the arguments is warned of', () => {
  test.each([
    ['a tool that policy denies', { tool: 'files__format_disk' }, 'policy denies it: rule deny "format_*"'],
    ['a tool that its server does not have', { tool: 'files__raed_text_file' }, 'did you mean files__read_text_file'],
    ['a tool of a server that is switched off', { tool: 'slack__post' }, 'slack is disabled in the configuration'],
    ['a bare name of two tools', { tool: 'search' }, 'several servers have this tool'],
    ['an argument that is missing', { tool: 'files__read_text_file' }, 'missing "path"; arguments: (path: string'],
    [
      'an argument that is no argument',
      { tool: 'files__read_text_file', arguments: { path: { $param: '/path' }, pth: 1 } },
      '"pth" is not an argument',
    ],
  ])('%s', (_, call, reason) => {
    const warnings = warningsOf(offer([read, call]));
    expect(warnings).toEqual([expect.stringContaining(reason)]);
    expect(warnings[0]).toMatch(/^marshal\.yaml:11:7 the call c1 \(.+\) of the recipe triage cannot run: /);
  });

  test.each([
    [
      'what an argument may yet mend',
      [{ ...read, arguments: { path: { $param: '/path' }, head: { $param: '/path' } } }],
    ],
    [
      'a tool that needs approval, for which a person is asked',
      [{ tool: 'files__delete_file', arguments: { path: 'a' } }],
    ],
    ['a tool whose server is not connected', [{ tool: 'mail__send' }]],
    ['a call that only waits for such a one', [{ tool: 'mail__send' }, { ...read, dependsOn: ['c0'] }]],
  ])('%s is not', (_, calls) => {
    expect(offer(calls, (server) => (server === 'mail' ? 'connecting' : undefined)).warnings).toEqual([]);
  });

  test('its calls are shown with class and reason, or why they cannot run', () => {
    expect(offer([read, { tool: 'mail__send' }]).calls).toEqual([
      { id: 'c0', tool: 'files__read_text_file', class: 'read', reason: expect.stringContaining('rule read') },
      { id: 'c1', tool: 'mail__send', problem: expect.stringContaining('there is no such tool') },
    ]);
  });
});
