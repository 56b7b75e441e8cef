import type { JsonObject } from '../../core/json.ts';
import { checkArray } from './check/check-array.ts';
import { checkChoices } from './check/check-choices.ts';
import { checkObject } from './check/check-object.ts';
import { checkScalar } from './check/check-scalar.ts';
import { checkUnevaluated } from './check/check-unevaluated.ts';
import type { Spot } from './check/spot.ts';
import type { SchemaRun } from './schema-run.ts';

type Check = (run: SchemaRun, schema: JsonObject, spot: Spot) => void;

/** What there is to check of a schema, in the order in which it is said. */
export interface SchemaParts {
  checks: readonly Check[];
  /** It asks for what no other part of it has spoken of. */
  watches: boolean;
}

/** Most schemas say one or two things, and looking for the forty that they do not say takes ten times as long. */
export function partsOfSchema(schema: JsonObject): SchemaParts {
  const checks = groups.filter(({ keywords }) => keywords.some((keyword) => schema[keyword] !== undefined));
  return { checks: checks.map(({ check }) => check), watches: checks.some(({ check }) => check === checkUnevaluated) };
}

const groups: readonly { check: Check; keywords: readonly string[] }[] = [
  {
    check: checkScalar,
    keywords: [
      'type',
      'maximum',
      'minimum',
      'exclusiveMaximum',
      'exclusiveMinimum',
      'multipleOf',
      'maxLength',
      'minLength',
      'pattern',
    ],
  },
  {
    check: checkChoices,
    keywords: ['$ref', '$dynamicRef', '$recursiveRef', 'enum', 'const', 'not', 'anyOf', 'oneOf', 'allOf', 'if'],
  },
  {
    check: checkArray,
    keywords: ['maxItems', 'minItems', 'uniqueItems', 'prefixItems', 'items', 'contains'],
  },
  {
    check: checkObject,
    keywords: [
      'maxProperties',
      'minProperties',
      'required',
      'dependentRequired',
      'dependentSchemas',
      'dependencies',
      'patternProperties',
      'additionalProperties',
      'properties',
      'propertyNames',
    ],
  },
  { check: checkUnevaluated, keywords: ['unevaluatedProperties', 'unevaluatedItems'] },
];
