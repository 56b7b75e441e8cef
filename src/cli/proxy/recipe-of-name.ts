import { hintAtRecipes } from '../../batch/recipe/hint-at-recipes.ts';
import type { Config } from '../../config/config.ts';
import type { RecipeConfig } from '../../config/recipe/recipe.ts';
import { recipePrefix } from '../../core/tool.ts';
import { CliFailure, exitCodes } from '../failure.ts';

/** The recipe that a name begins with `recipe__` to mean; `undefined` for any other name. Throws where there is no such recipe. */
export function recipeOfName({ recipes }: Pick<Config, 'recipes'>, name: string): RecipeConfig | undefined {
  if (!name.startsWith(recipePrefix)) return undefined;
  const found = recipes.find((recipe) => recipePrefix + recipe.name === name);
  if (found !== undefined) return found;
  const names = recipes.map((recipe) => recipe.name);
  throw new CliFailure(`there is no recipe "${name}"`, {
    exitCode: exitCodes.usage,
    code: 'unknown_tool',
    fix: hintAtRecipes(name, names) ?? 'add it to recipes in the configuration',
  });
}
