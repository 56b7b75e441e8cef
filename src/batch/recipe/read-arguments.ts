import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import type { Tool } from '../../core/tool.ts';
import { nearestNames } from '../../policy/nearest-names.ts';
import type { ArgumentValidator } from '../plan/argument-validator.ts';
import { toolSignature } from '../plan/tool-signature.ts';
import { quote } from '../input/field-problems.ts';
import type { Flaw } from '../schema/flaw.ts';

/**
 * The arguments that a recipe was called with, with the defaults of its parameters, or why they do not fit. No server checks them
 * after us, so what cannot be checked does not pass.
 */
export function readArguments(
  given: unknown,
  { tool, validate }: { tool: Tool; validate: ArgumentValidator },
): { ok: true; args: JsonObject } | { ok: false; error: CallError } {
  const found = given ?? {};
  if (!isJsonObject(found)) return refuse(`found ${quote(given)}; write an object`, tool);
  const args: JsonObject = { ...findDefaults(tool.inputSchema), ...found };
  const { reasons, unchecked } = validate(tool, args, { explain: nearName(tool) });
  if (reasons.length > 0) return refuse(reasons.join('; '), tool);
  if (unchecked === undefined) return { ok: true, args };
  return refuse(`they cannot be checked: ${unchecked}; shorten them`, tool);
}

/** The `default` of each top-level property that has one. */
export function findDefaults({ properties }: JsonObject): JsonObject {
  if (!isJsonObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) =>
      isJsonObject(schema) && schema['default'] !== undefined ? [[name, schema['default']]] : [],
    ),
  );
}

/** Behind an argument that is none: the one that was perhaps meant. */
function nearName({ inputSchema: { properties } }: Tool): (error: Flaw) => string | undefined {
  return ({ instancePath, keyword, params }) => {
    if (keyword !== 'additionalProperties' || instancePath !== '' || !isJsonObject(properties)) return undefined;
    const [near] = nearestNames(String(params['additionalProperty']), Object.keys(properties), 1);
    return near === undefined ? undefined : `(did you mean ${quote(near)}?)`;
  };
}

function refuse(reason: string, { inputSchema }: Tool): { ok: false; error: CallError } {
  const message = `${reason}\narguments: ${toolSignature(inputSchema)}`;
  return { ok: false, error: { code: 'invalid_arguments', message, retryable: false } };
}
