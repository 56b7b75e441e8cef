import { withoutClientPrefix } from '../../catalog/client-prefix.ts';
import { recipePrefix } from '../../core/tool.ts';
import { nearestNames } from '../../policy/nearest-names.ts';

/**
 * What to say of a name that means no recipe and begins like one: which was perhaps meant, else which there are. `names` are without
 * `recipe__`. Nothing for other names, and where there are no recipes.
 */
export function hintAtRecipes(name: string, names: readonly string[]): string | undefined {
  const short = withoutClientPrefix(name);
  if (!short.startsWith(recipePrefix) || names.length === 0) return undefined;
  const near = nearestNames(short.slice(recipePrefix.length), names);
  const listed = (some: readonly string[]): string => some.map((one) => recipePrefix + one).join(', ');
  return near.length > 0 ? `did you mean ${listed(near)}?` : `there are ${listed(names)}`;
}
