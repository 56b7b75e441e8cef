import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { quote } from '../../input/field-problems.ts';
import type { SchemaRun } from '../schema-run.ts';
import type { Spot } from './spot.ts';

type NumberSpot = Spot & { value: number };
type TextSpot = Spot & { value: string };

/** `type`, and what a schema says of numbers and texts. */
export function checkScalar(run: SchemaRun, schema: JsonObject, spot: Spot): void {
  const { value } = spot;
  checkType(run, schema, spot);
  if (typeof value === 'number') checkNumber(run, schema, { ...spot, value });
  if (typeof value === 'string') checkText(run, schema, { ...spot, value });
}

const isOfType: Readonly<Record<string, (value: JsonValue | undefined) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

function checkType(run: SchemaRun, { type, nullable }: JsonObject, spot: Spot): void {
  if (type === undefined) return;
  const types = Array.isArray(type) ? type : [type];
  if (!run.spend(types.length - 1)) return;
  const names = types.filter((one) => typeof one === 'string');
  if (names.length < types.length || !names.every((one) => Object.hasOwn(isOfType, one))) {
    run.doubt(`${quote(types.find((one) => typeof one !== 'string' || !Object.hasOwn(isOfType, one)))} is not a type`);
  } else if (!names.some((one) => isOfType[one]?.(spot.value)) && !(nullable === true && spot.value === null)) {
    run.flaw(spot, 'type', { message: `must be ${names.slice(0, 10).join(',')}`, params: { type } });
  }
}

function checkNumber(run: SchemaRun, schema: JsonObject, spot: NumberSpot): void {
  for (const [keyword, sign, holds] of comparisons) {
    const limit = schema[keyword];
    if (typeof limit !== 'number' || holds(spot.value, limit)) continue;
    run.flaw(spot, keyword, { message: `must be ${sign} ${limit}`, params: { comparison: sign, limit } });
  }
  const { multipleOf } = schema;
  if (typeof multipleOf === 'number' && multipleOf > 0 && !isMultiple(spot.value, multipleOf)) {
    run.flaw(spot, 'multipleOf', { message: `must be multiple of ${multipleOf}`, params: { multipleOf } });
  }
}

const comparisons = [
  ['maximum', '<=', (value: number, limit: number) => value <= limit],
  ['minimum', '>=', (value: number, limit: number) => value >= limit],
  ['exclusiveMaximum', '<', (value: number, limit: number) => value < limit],
  ['exclusiveMinimum', '>', (value: number, limit: number) => value > limit],
] as const;

/** 0.3 is a multiple of 0.1, though its quotient is 2.9999999999999996. */
function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * Number.EPSILON;
}

function checkText(run: SchemaRun, schema: JsonObject, spot: TextSpot): void {
  const { maxLength, minLength, pattern } = schema;
  if (typeof maxLength === 'number' || typeof minLength === 'number') {
    if (!run.spend(Math.ceil(spot.value.length / 16))) return;
    const chars = countCharacters(spot.value);
    if (typeof maxLength === 'number' && chars > maxLength) {
      run.flaw(spot, 'maxLength', { message: `must NOT have more than ${maxLength} characters` });
    }
    if (typeof minLength === 'number' && chars < minLength) {
      run.flaw(spot, 'minLength', { message: `must NOT have fewer than ${minLength} characters` });
    }
  }
  if (typeof pattern !== 'string') return;
  const compiled = run.pattern(pattern);
  if (compiled === undefined || run.matches(compiled, spot.value)) return;
  run.flaw(spot, 'pattern', { message: `must match pattern "${pattern}"`, params: { pattern } });
}

/** Those outside the basic plane take two places in a string and are still one character. */
function countCharacters(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) if ((text.codePointAt(at) ?? 0) > 0xffff) count -= 1;
  return count;
}
