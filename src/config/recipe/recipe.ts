import type { JsonObject } from '../../core/json.ts';
import type { Place } from '../../core/place.ts';
import type { BatchConfig } from '../config.ts';
import type { Path } from '../source/source.ts';

/** A recipe in its normal form: a batch with open places, and the parameters that fill them. */
export interface RecipeConfig {
  /** The key under `recipes`. Clients see the recipe as `recipe__NAME`. */
  name: string;
  place: Place;
  description: string;
  /** JSON Schema of the arguments, of type `object`. */
  parameters: JsonObject;
  /** As `batch_call` takes it, but that `{ "$param": … }` may stand in arguments. */
  batch: JsonObject & { calls: JsonObject[] };
  /** Where each call stands. */
  callPlaces: readonly Place[];
}

/** Something wrong inside a recipe; the path leads there from the recipe. */
export interface RecipeFlaw {
  path: Path;
  message: string;
}

/**
 * What is wrong with a recipe beyond its shape: with its calls, which are in the language of batches, and with its parameters. Takes it
 * as it stands in the file, its parameters closed; what has not even the right shape is passed over.
 */
export type CheckRecipe = (recipe: JsonObject, settings: BatchConfig) => readonly RecipeFlaw[];
