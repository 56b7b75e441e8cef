import { createRequire } from 'node:module';
import type * as older from 'ajv/dist/ajv.js';
import type * as newer from 'ajv/dist/2020.js';
import type { RecipeFlaw } from '../../config/recipe/recipe.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { nearestNames } from '../../policy/nearest-names.ts';
import { createArgumentValidator } from '../plan/argument-validator.ts';
import { quote } from '../input/field-problems.ts';
import { findUnusable } from '../schema/find-unusable.ts';
import { findDefaults } from './read-arguments.ts';

const maxFlaws = 5;

/** What is wrong with the parameters of a recipe as a JSON Schema, each at its place; where it is one, what is wrong with their defaults. */
export function checkParameters(parameters: JsonObject): RecipeFlaw[] {
  const { type } = parameters;
  if (type !== 'object') {
    const found = type === undefined ? 'is missing' : `${quote(type)} is not the type of arguments`;
    return [
      { path: ['parameters', 'type'], message: `${found}; write type: object, and the parameters below properties` },
    ];
  }
  const flaws = [...findSchemaFlaws(parameters), ...findUnlistedRequired(parameters)];
  return [...flaws, ...(flaws.some(({ message }) => message.startsWith(noSchema)) ? [] : findUseFlaws(parameters))];
}

const noSchema = 'is no JSON Schema: ';

/** What is wrong with a schema that is one: it cannot be used, or a default does not fit. */
function findUseFlaws(parameters: JsonObject): RecipeFlaw[] {
  const why = findUnusable(parameters);
  if (why !== undefined) {
    return [{ path: ['parameters'], message: `cannot be used as a JSON Schema: ${why}; correct it` }];
  }
  const validate = createArgumentValidator();
  // Of the whole schema only what holds for each property: which of them must be there is for the arguments to say.
  const { properties, $defs, definitions, $schema } = parameters;
  const each = { type: 'object', properties, $defs, definitions, $schema };
  const inputSchema: JsonObject = Object.fromEntries(Object.entries(each).filter(([, part]) => part !== undefined));
  const tool = { name: 'default', inputSchema };
  // One by one, since each is wrong at a place of its own.
  return Object.entries(findDefaults(parameters)).flatMap(([name, value]) => {
    const { reasons } = validate(tool, { [name]: value });
    if (reasons.length === 0) return [];
    const message = `does not fit its own parameter: ${reasons.join('; ')}; correct it`;
    return [{ path: ['parameters', 'properties', name, 'default'], message }];
  });
}

/** Names in `required` that no argument can have. */
function findUnlistedRequired(parameters: JsonObject): RecipeFlaw[] {
  const { required, properties, patternProperties, additionalProperties } = parameters;
  if (!Array.isArray(required) || patternProperties !== undefined || additionalProperties !== false) return [];
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  return required.flatMap((name, index) => {
    if (typeof name !== 'string' || names.includes(name)) return [];
    const [near] = nearestNames(name, names, 1);
    const mend = near === undefined ? 'list it in properties, or take it out' : `did you mean ${quote(near)}?`;
    return [{ path: ['parameters', 'required', index], message: `${quote(name)} is none of the properties; ${mend}` }];
  });
}

/** Where the schema is none by the schema of schemas. Which version that is says `$schema`; 2020-12 where it does not. */
function findSchemaFlaws(parameters: JsonObject): RecipeFlaw[] {
  const { $schema, ...schema } = parameters;
  const isOld = typeof $schema === 'string' && /draft-0[4-7]/.test($schema);
  // Loaded where there is a recipe: it takes 50 ms.
  const load = createRequire(import.meta.url);
  const drafts: typeof older & typeof newer = load(isOld ? 'ajv/dist/ajv.js' : 'ajv/dist/2020.js');
  const ajv = new drafts[isOld ? 'Ajv' : 'Ajv2020']({ strict: false, allErrors: true, logger: false });
  // Of what it says about one place the first is the most exact; `anyOf` around it adds only that nothing fits.
  if (ajv.validateSchema(schema) === true) return [];
  const found = new Map<string, string>();
  for (const { instancePath, message = 'is wrong', params } of ajv.errors ?? []) {
    const allowed: unknown = params['allowedValues'];
    const listed = Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : message;
    if (!found.has(instancePath)) found.set(instancePath, listed);
  }
  return [...found].slice(0, maxFlaws).map(([at, message]) => ({
    path: ['parameters', ...toSteps(at, schema)],
    message: `${noSchema}it ${message}`,
  }));
}

/** A pointer as the steps that lead to it; an index is a number only where there is a list. */
function toSteps(pointer: string, schema: JsonObject): (string | number)[] {
  let value: unknown = schema;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((token) => {
      const step = Array.isArray(value) ? Number(token) : token;
      value = Array.isArray(value) ? value[Number(token)] : isJsonObject(value) ? value[token] : undefined;
      return step;
    });
}
