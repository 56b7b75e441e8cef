import type { JsonObject } from '../../core/json.ts';

// Each of these may speak of arguments that `properties` does not list.
const openers = [
  'additionalProperties',
  'unevaluatedProperties',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'dependentSchemas',
  '$ref',
  '$dynamicRef',
];

/** The same schema, but that an argument which it does not list is none, so that a slip of the pen is told; unless it says otherwise. */
export function closeParameters(parameters: JsonObject): JsonObject {
  const isOpen = openers.some((key) => parameters[key] !== undefined);
  return isOpen ? parameters : { ...parameters, additionalProperties: false };
}
