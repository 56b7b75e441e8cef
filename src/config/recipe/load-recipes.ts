import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Problem } from '../../core/place.ts';
import type { BatchConfig } from '../config.ts';
import { closeParameters } from './close-parameters.ts';
import type { CheckRecipe, RecipeConfig } from './recipe.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { batchSchema } from '../schema/config-schema.ts';
import { recipeSchema } from '../schema/recipe-schema.ts';
import { problemAt } from '../source/source.ts';
import type { Source } from '../source/source.ts';
import { toBatch } from '../to-batch.ts';

/**
 * The recipes of a file in their normal form, and what is wrong with them beyond their shape. `found` are the problems of shape: a call
 * that has one of those is not judged twice. Recipes are judged even where the rest of the file is wrong, so that all comes in one go.
 */
export function loadRecipes(
  source: Source,
  { value, found, check }: { value: JsonValue; found: readonly Problem[]; check: CheckRecipe },
): { recipes: RecipeConfig[]; problems: Problem[] } {
  const written = isJsonObject(value) && isJsonObject(value['recipes']) ? Object.entries(value['recipes']) : [];
  const shapeless = found.flatMap(({ key }) => key ?? []);
  const settings = settingsOf(value, source);
  const problems: Problem[] = [];
  const recipes = written.flatMap(([name, recipe]): RecipeConfig[] => {
    if (!isJsonObject(recipe)) return [];
    const path = ['recipes', name];
    for (const flaw of check(withClosedParameters(recipe), settings)) {
      const flawed = problemAt(source, [...path, ...flaw.path], flaw.message);
      // Of `calls.2.id` the call counts, of other keys the key itself.
      const part = [...path, ...flaw.path.slice(0, flaw.path[0] === 'calls' ? 2 : 1)].join('.');
      if (!shapeless.some((key) => key === part || key.startsWith(`${part}.`))) problems.push(flawed);
    }
    const checked = checkSchema(recipeSchema, recipe, source, path);
    return checked.ok ? [toRecipe(name, { recipe, checked: checked.value, source })] : [];
  });
  return { recipes, problems };
}

/** As the recipe will be, so that it is judged by that. */
function withClosedParameters(recipe: JsonObject): JsonObject {
  const { parameters } = recipe;
  return isJsonObject(parameters) ? { ...recipe, parameters: closeParameters(parameters) } : recipe;
}

/** What holds for batches; the defaults where the file has that wrong. */
function settingsOf(value: JsonValue, source: Source): BatchConfig {
  const written = isJsonObject(value) ? value['batch'] : undefined;
  const checked = checkSchema(batchSchema, written ?? {}, source, ['batch']);
  return toBatch(checked.ok ? checked.value : batchSchema.parse({}));
}

function toRecipe(
  name: string,
  { recipe, checked, source }: { recipe: JsonObject; checked: ReturnType<typeof recipeSchema.parse>; source: Source },
): RecipeConfig {
  const { calls: _, deadline, description, parameters: __, ...options } = checked;
  // Calls and parameters as they stand in the file: the schema knows their outside only.
  const { parameters = { type: 'object' } } = recipe;
  const calls = Array.isArray(recipe['calls']) ? recipe['calls'].filter(isJsonObject) : [];
  return {
    name,
    place: source.keyPlaceOf(['recipes', name]),
    description,
    parameters: isJsonObject(parameters) ? closeParameters(parameters) : {},
    batch: {
      calls,
      ...Object.fromEntries(Object.entries(options).filter(([, option]) => option !== undefined)),
      ...(deadline !== undefined && { deadlineMs: deadline }),
    },
    callPlaces: calls.map((_call, index) => source.placeOf(['recipes', name, 'calls', index])),
  };
}
