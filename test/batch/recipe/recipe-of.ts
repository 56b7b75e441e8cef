import type { RecipeConfig } from '../../../src/config/recipe/recipe.ts';
import type { JsonObject } from '../../../src/core/json.ts';

/** A recipe as the loader would give it, with one parameter, each call on a line of its own. */
export function recipeOf({
  calls,
  ...changes
}: { calls: JsonObject[] } & Partial<Omit<RecipeConfig, 'batch'>>): RecipeConfig {
  return {
    name: 'triage',
    place: { file: 'marshal.yaml', line: 5, column: 3 },
    description: 'What it does',
    parameters: { type: 'object', properties: { path: { type: 'string' } } },
    batch: { calls },
    callPlaces: calls.map((_call, index) => ({ file: 'marshal.yaml', line: 10 + index, column: 7 })),
    ...changes,
  };
}
