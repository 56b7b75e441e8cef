import { fillParameters } from '../../batch/recipe/fill-parameters.ts';
import { findMissing } from '../../batch/recipe/find-parameters.ts';
import { readArguments } from '../../batch/recipe/read-arguments.ts';
import type { JsonObject } from '../../core/json.ts';
import { recipePrefix } from '../../core/tool.ts';
import type { BatchInput } from '../batch/batch-input.ts';
import type { Engine } from '../engine.ts';
import { toErrorResult } from '../passthrough.ts';
import { runBatch } from '../batch/run-batch.ts';

/** A call of a recipe as it comes from a client or a shell. */
export interface RecipeInput extends Omit<BatchInput, 'input' | 'readOnly' | 'tool'> {
  /** As configured, without `recipe__`. */
  name: string;
  /** The arguments; anything, until they are checked against the recipe's parameters. */
  arguments: unknown;
  /** Changes the form of the reply. */
  format?: 'text' | 'structured';
}

/**
 * Runs a recipe: its batch, with the arguments in the place of its parameters, exactly as `batch_call` would run it. One that is known
 * to consist of reads runs as `batch_read` would, so that nothing else comes of it even if its tools have just changed.
 */
export async function callRecipe(
  engine: Engine,
  { name, arguments: given, format, ...rest }: RecipeInput,
): Promise<JsonObject> {
  // What its calls are is known by their tools.
  await engine.listable();
  const offered = engine.recipes().get(name);
  if (offered === undefined) {
    const message = `there is no recipe ${recipePrefix}${name}`;
    return toErrorResult({ code: 'unknown_tool', message, retryable: false });
  }
  const { recipe, tool, class: toolClass } = offered;
  const read = readArguments(given, { tool, validate: engine.validate });
  if (!read.ok) return toErrorResult(read.error);
  // A call that went without a filter or a limit would do more than was asked.
  const missing = findMissing(recipe.batch.calls, read.args);
  if (missing.length > 0) {
    return toErrorResult({ code: 'invalid_arguments', message: missing.join('; '), retryable: false });
  }
  const input = {
    ...recipe.batch,
    ...(format !== undefined && { format }),
    calls: fillParameters(recipe.batch.calls, read.args),
  };
  return runBatch(engine, { ...rest, input, tool: recipePrefix + name, readOnly: toolClass === 'read' });
}
