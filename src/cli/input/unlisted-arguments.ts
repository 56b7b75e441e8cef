import { toolSignature } from '../../batch/plan/tool-signature.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { nearestNames } from '../../policy/nearest-names.ts';

// Each of these may allow names that `properties` does not list.
const openers = ['additionalProperties', 'patternProperties', 'allOf', 'anyOf', 'oneOf', '$ref'];

/**
 * A phrase for each argument that the tool's schema does not list though it lists some: most likely a slip of the pen, which the
 * server would pass over. Nothing where the schema speaks of further arguments; the engine judges by that itself.
 */
export function findUnlisted(args: JsonObject, inputSchema: JsonObject): string[] {
  const { properties } = inputSchema;
  if (!isJsonObject(properties) || openers.some((key) => inputSchema[key] !== undefined)) return [];
  return Object.keys(args)
    .filter((key) => !Object.hasOwn(properties, key))
    .map((key) => {
      const [near] = nearestNames(key, Object.keys(properties), 1);
      const mend = near === undefined ? `its arguments: ${toolSignature(inputSchema)}` : `did you mean "${near}"?`;
      return `"${key}" is no argument that this tool lists; ${mend}`;
    });
}
