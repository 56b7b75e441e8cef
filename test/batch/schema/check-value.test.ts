import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkValue } from '../../../src/batch/schema/check-value.ts';
import { createPatternBook } from '../../../src/batch/schema/pattern-book.ts';
import { createSchemaDocument } from '../../../src/batch/schema/schema-document.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';

const patterns = createPatternBook();
const check = (schema: JsonObject, value: JsonObject) =>
  checkValue(value, { document: createSchemaDocument(schema), patterns, steps: 120_000 });

const name = fc.constantFrom('a', 'b', 'c', 'constructor');
const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('', 'a', 'ab', 'abc', '😀'),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(0.5, 1.5),
);
const { value: anyValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const objectValue = fc.dictionary(name, anyValue, { maxKeys: 4, noNullPrototype: true });
const small = fc.integer({ min: 0, max: 3 });
const typeName = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');

const { schema: anySchema } = fc.letrec<{ schema: JsonValue }>((tie) => {
  const schemas = fc.array(tie('schema'), { minLength: 1, maxLength: 3 });
  const byName = fc.dictionary(name, tie('schema'), { maxKeys: 3, noNullPrototype: true });
  const fields: Record<string, fc.Arbitrary<JsonValue>> = {
    type: fc.oneof(typeName, fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 })),
    enum: fc.uniqueArray(anyValue, { minLength: 1, maxLength: 4, comparator: 'SameValueZero' }),
    const: anyValue,
    minimum: small,
    exclusiveMaximum: small,
    multipleOf: fc.constantFrom(1, 2, 0.5),
    minLength: small,
    maxLength: small,
    pattern: fc.constantFrom('^a', 'b$', '^(a|b)*$', '.'),
    minItems: small,
    maxItems: small,
    uniqueItems: fc.boolean(),
    prefixItems: schemas,
    items: tie('schema'),
    contains: tie('schema'),
    minContains: small,
    maxContains: small,
    unevaluatedItems: tie('schema'),
    required: fc.uniqueArray(name, { maxLength: 2 }),
    minProperties: small,
    maxProperties: small,
    properties: byName,
    patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$', 'c'), tie('schema'), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    additionalProperties: tie('schema'),
    propertyNames: tie('schema'),
    dependentRequired: fc.dictionary(name, fc.uniqueArray(name, { maxLength: 2 }), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    dependentSchemas: byName,
    unevaluatedProperties: tie('schema'),
    allOf: schemas,
    anyOf: schemas,
    oneOf: schemas,
    not: tie('schema'),
    if: tie('schema'),
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword
    then: tie('schema'),
    else: tie('schema'),
    $ref: fc.constantFrom('#/$defs/one', '#/$defs/two', '#three'),
  };
  const some = fc
    .uniqueArray(fc.constantFrom(...Object.keys(fields)), { minLength: 1, maxLength: 3 })
    .chain((keywords) => fc.record(Object.fromEntries(keywords.map((keyword) => [keyword, fields[keyword]!]))));
  return { schema: fc.oneof({ depthSize: 'small' }, fc.boolean(), some, some, some) };
});
const document = fc.tuple(anySchema, anySchema, anySchema, anySchema).map(([root, one, two, three]): JsonObject => {
  const base = isJsonObject(root) ? root : { allOf: [root] };
  const anchored = isJsonObject(three) ? { ...three, $anchor: 'three' } : { $anchor: 'three' };
  return { ...base, $defs: { one, two, three: anchored } };
});

/** What the reference implementation says; nothing where it does not come to an end. */
function expectedOf(schema: JsonObject, value: JsonObject): boolean | undefined {
  try {
    const options = {
      strict: false,
      allErrors: true,
      validateFormats: false,
      ownProperties: true,
      logger: false,
    } as const;
    return new Ajv2020(options).compile<JsonObject>(schema)(value);
  } catch {
    return undefined;
  }
}

test('a value fits a schema or not as it does elsewhere, whatever the schema says', () => {
  let compared = 0;
  fc.assert(
    fc.property(document, objectValue, (schema, value) => {
      const { flaws, isSpent } = check(schema, value);
      const expected = expectedOf(schema, value);
      if (isSpent || expected === undefined) return;
      compared += 1;
      expect({ schema, value, isFit: flaws.length === 0 }).toEqual({ schema, value, isFit: expected });
    }),
    { numRuns: Number(process.env['RUNS'] ?? 150) },
  );
  expect(compared).toBeGreaterThan(75);
}, 60_000);

/** A schema as somebody with bad intentions would write it: wide, deep, round and round, and with keywords of any type. */
const hostile = fc
  .record({
    branches: fc.integer({ min: 1, max: 300 }),
    levels: fc.integer({ min: 1, max: 60 }),
    keywords: fc.uniqueArray(
      fc.constantFrom(
        'anyOf',
        'oneOf',
        'allOf',
        'not',
        'if',
        'items',
        'contains',
        'additionalProperties',
        'propertyNames',
        'patternProperties',
      ),
      { minLength: 1, maxLength: 4 },
    ),
    pattern: fc.constantFrom('^(a+)+$', '(a|aa)*b', '(?=a)', '(', '(.{0,200}a){1,4}$'),
    odd: anyValue,
    targets: fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
  })
  .map(({ branches, levels, keywords, pattern, odd, targets }): JsonObject => {
    const reference = (level: number): JsonObject => ({ $ref: `#/$defs/d${(targets[level] ?? 0) % levels}`, pattern });
    const $defs: JsonObject = {};
    for (let level = 0; level < levels; level++) {
      const part: JsonObject = { uniqueItems: true, minLength: odd };
      for (const keyword of keywords) {
        const many = Array.from({ length: branches }, (_, n) => reference((level + n) % 60));
        part[keyword] = keyword.endsWith('Of')
          ? many
          : keyword === 'patternProperties'
            ? { [pattern]: reference(level) }
            : reference(level);
      }
      $defs[`d${level}`] = part;
    }
    return { type: 'object', $ref: '#/$defs/d0', properties: { a: { $ref: '#/$defs/d0' } }, required: odd, $defs };
  });

test('no schema, however hostile, holds up the others for longer than its steps', () => {
  check({ pattern: 'warm' }, {});
  let longestMs = 0;
  fc.assert(
    fc.property(hostile, objectValue, (schema, value) => {
      const args = { ...value, a: [value, 'a'.repeat(300), { a: value }], b: 'a'.repeat(2_000) };
      const before = process.cpuUsage();
      check(schema, args);
      longestMs = Math.max(longestMs, process.cpuUsage(before).user / 1_000);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 60) },
  );
  // The promise is 50 ms, and the longest of many has met a collection of garbage.
  expect(longestMs).toBeLessThan(200);
});
