import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Flaw } from '../flaw.ts';
import type { SchemaRun } from '../schema-run.ts';
import type { Spot } from './spot.ts';

/**
 * What holds for a value of any type: references, enumerations, and schemas put together. Where a choice hangs on something that could
 * not be looked at, it is not held against the value.
 */
export function checkChoices(run: SchemaRun, schema: JsonObject, spot: Spot): void {
  for (const keyword of references) if (schema[keyword] !== undefined) follow(run, schema[keyword], spot);
  checkListed(run, schema, spot);
  if (schema['not'] !== undefined) checkNot(run, schema['not'], spot);
  if (Array.isArray(schema['anyOf'])) checkAnyOf(run, schema['anyOf'], spot);
  if (Array.isArray(schema['oneOf'])) checkOneOf(run, schema['oneOf'], spot);
  if (Array.isArray(schema['allOf'])) for (const each of schema['allOf']) run.visit(each, spot);
  if (schema['if'] !== undefined) checkIf(run, schema, spot);
}

// In one document without others inside it, the dynamic ones mean what the plain one does.
const references = ['$ref', '$dynamicRef', '$recursiveRef'];

function follow(run: SchemaRun, reference: JsonValue | undefined, spot: Spot): void {
  const target = run.resolve(reference);
  if (target !== undefined) run.visit(target, spot);
}

function checkListed(run: SchemaRun, schema: JsonObject, spot: Spot): void {
  const { enum: allowedValues, const: allowedValue } = schema;
  if (Array.isArray(allowedValues) && !isAmong(run, allowedValues, spot)) {
    run.flaw(spot, 'enum', { message: 'must be equal to one of the allowed values', params: { allowedValues } });
  }
  if (allowedValue !== undefined && !isAmong(run, [allowedValue], spot)) {
    run.flaw(spot, 'const', { message: 'must be equal to constant', params: { allowedValue } });
  }
}

function isAmong(run: SchemaRun, values: readonly JsonValue[], { value }: Spot): boolean {
  if (!run.spend(1 + Math.ceil(values.length / 8))) return true;
  if (typeof value !== 'object' || value === null) return values.some((one) => one === value);
  const text = run.textOf(value);
  return values.some((one) => typeof one === 'object' && one !== null && run.textOf(one) === text) || run.isSpent;
}

function checkNot(run: SchemaRun, schema: JsonValue, spot: Spot): void {
  const { doubts } = run;
  // What a schema speaks of that must not fit counts for nothing.
  const isFit = run.fits(schema, { ...spot, seen: undefined });
  if (isFit && run.doubts === doubts) run.flaw(spot, 'not', { message: 'must NOT be valid' });
}

function checkAnyOf(run: SchemaRun, schemas: readonly JsonValue[], spot: Spot): void {
  const before = run.flaws.length;
  const ends: number[] = [];
  let isFit = false;
  for (const schema of schemas) {
    if (run.visit(schema, spot)) isFit = true;
    ends.push(run.flaws.length);
    if (run.isSpent || (isFit && spot.seen === undefined)) break;
  }
  if (isFit) run.flaws.length = before;
  else {
    keepMeant(run, spot, { before, ends });
    run.flaw(spot, 'anyOf', { message: 'must match a schema in anyOf' });
  }
}

function checkOneOf(run: SchemaRun, schemas: readonly JsonValue[], spot: Spot): void {
  const [before, { doubts }] = [run.flaws.length, run];
  const ends: number[] = [];
  let fitting = 0;
  for (const schema of schemas) {
    if (run.visit(schema, spot)) fitting += 1;
    ends.push(run.flaws.length);
    if (run.isSpent) break;
  }
  if (fitting > 0) run.flaws.length = before;
  else keepMeant(run, spot, { before, ends });
  if (fitting === 1 || (fitting > 1 && run.doubts > doubts)) return;
  run.flaw(spot, 'oneOf', { message: 'must match exactly one schema in oneOf' });
}

/**
 * Where the value shows which of several schemas was meant, by its type or by a field that has one value only in each (`kind: "text"`),
 * what is wrong by that one says how to mend it, and what is wrong by the others would only mislead.
 */
function keepMeant(
  run: SchemaRun,
  { path }: Spot,
  { before, ends }: { before: number; ends: readonly number[] },
): void {
  const found = ends.map((end, index) => run.flaws.slice(ends[index - 1] ?? before, end));
  const meant = found.filter((flaws) => !flaws.some((flaw) => isOfAnother(flaw, path)));
  if (meant.length === 0 || meant.length === found.length) return;
  run.flaws.length = before;
  for (const flaw of meant.flat()) run.flaws.push(flaw);
}

function isOfAnother({ keyword, instancePath, params }: Flaw, path: string): boolean {
  if (instancePath === path) return ['type', 'const', 'enum'].includes(keyword);
  const values = params['allowedValues'];
  const hasOneValue = keyword === 'const' || (keyword === 'enum' && Array.isArray(values) && values.length === 1);
  return hasOneValue && instancePath.lastIndexOf('/') === path.length && instancePath.startsWith(path);
}

function checkIf(run: SchemaRun, schema: JsonObject, spot: Spot): void {
  const { doubts } = run;
  const failingKeyword = run.fits(schema['if'], spot) ? 'then' : 'else';
  if (run.doubts > doubts || schema[failingKeyword] === undefined) return;
  if (run.visit(schema[failingKeyword], spot)) return;
  run.flaw(spot, 'if', { message: `must match "${failingKeyword}" schema`, params: { failingKeyword } });
}
