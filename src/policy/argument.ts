import type { WhenRule } from '../config/policy.ts';
import { isJsonObject } from '../core/json.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { referenceKeyOf } from '../core/reference-keys.ts';

/**
 * The values found at a dotted name inside arguments, `undefined` for each place where there is none; `unknown` while a
 * reference of the batch is still to fill something on the way.
 */
type ArgumentValues = 'unknown' | readonly (JsonValue | undefined)[];

/**
 * The values of the argument that `dottedName` names. Dots reach into objects, and through an array into each of its elements.
 * A name with a dot is never looked up as one key: a caller could otherwise add a key `options.method` that the tool
 * ignores and policy believes.
 */
export function readArgument(args: JsonObject, dottedName: string): ArgumentValues {
  let values: (JsonValue | undefined)[] = [args];
  for (const name of dottedName.split('.')) {
    const holders = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
    if (holders.some(isReference)) return 'unknown';
    values = holders.map((holder) => (isJsonObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined));
  }
  return values;
}

/** What can be said of a condition: `maybe` while a reference is still to fill what it looks at. */
type Answer = 'yes' | 'no' | 'maybe';

/** Whether a case of `when` holds for these arguments: every argument that it names has one of its values. */
export function caseHolds(rule: WhenRule, args: JsonObject): Answer {
  return allOf(
    Object.entries(rule.args).map(([name, wanted]) => {
      const values = readArgument(args, name);
      if (values === 'unknown') return 'maybe';
      // A name that reaches through an array has several values, or none.
      return values.length === 0 ? 'no' : agreeOf(values.map((value) => oneOf(value, wanted)));
    }),
  );
}

/**
 * Whether a value is one of the objects of the batch language that stand for something else. Arguments of a passthrough
 * call may look like one by chance; they are then judged as unknown, which is the safe side.
 */
function isReference(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && referenceKeyOf(value) !== undefined;
}

function oneOf(value: JsonValue | undefined, wanted: readonly JsonValue[]): Answer {
  const answers = new Set(wanted.map((candidate) => compare(value, candidate)));
  if (answers.has('yes')) return 'yes';
  return answers.has('maybe') ? 'maybe' : 'no';
}

/** Deep equality. Recurses as deep as the policy's value, never as deep as the caller's. */
function compare(value: JsonValue | undefined, wanted: JsonValue): Answer {
  if (isReference(value)) return 'maybe';
  if (Array.isArray(wanted)) {
    if (!Array.isArray(value) || value.length !== wanted.length) return 'no';
    return allOf(wanted.map((element, index) => compare(value[index], element)));
  }
  if (!isJsonObject(wanted)) return value === wanted ? 'yes' : 'no';
  if (!isJsonObject(value)) return 'no';
  const keys = definedKeys(wanted);
  if (keys.length !== definedKeys(value).length || !keys.every((key) => Object.hasOwn(value, key))) return 'no';
  return allOf(keys.map((key) => compare(value[key], wanted[key] ?? null)));
}

/**
 * Of several values some may be those wanted and others not: then the case is true of a part of the call, and the worse of it and of
 * what would hold without it counts. A call could otherwise hide what is destructive behind an element that is not.
 */
function agreeOf(answers: readonly Answer[]): Answer {
  const [first, ...others] = new Set(answers);
  return first === undefined || others.length > 0 ? 'maybe' : first;
}

function allOf(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

function definedKeys(value: JsonObject): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined);
}
