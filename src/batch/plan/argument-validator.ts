import { Ajv } from 'ajv/dist/ajv.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject } from '../../core/json.ts';
import type { Tool } from '../../core/tool.ts';
import { measureValue } from '../input/measure-value.ts';
import { withoutErrorsOfHoles } from './hole-errors.ts';

const maxReasons = 5;
// A list of half a million wrong elements has as many errors, and of most of them only the number is said.
const maxDescribed = 1_000;
const maxPathChars = 200;
// The most characters, of all strings and keys together, that patterns are tried on: one may need a square of them, and an
// upstream's pattern must not stall us.
export const maxPatternInput = 2_000;
// The same for lists whose elements must differ: each is compared with all the others.
const maxComparedChars = 10_000;

/**
 * What is wrong with a call's arguments, at most five reasons; none if nothing is. `warning` says, once per tool, that its schema
 * cannot be used and its calls go to the upstream unchecked. `holes` are JSON Pointers of values that are not known yet: what those
 * may turn out to mend is not held against the call. `explain` adds to a reason where the value comes from. `isUnchecked` says that
 * the schema cannot be used, or not for these arguments.
 */
export type ArgumentValidator = (
  tool: Tool,
  args: JsonObject,
  known?: { holes?: readonly string[]; explain?: ((error: ErrorObject) => string | undefined) | undefined },
) => { reasons: readonly string[]; warning?: string; isUnchecked?: true };

/** A compiled schema; absent where it does not compile. */
interface Compiled {
  check?: ValidateFunction;
  hasPattern: boolean;
  /** It asks that the elements of some list be unlike each other. */
  comparesElements: boolean;
}

/**
 * Checks arguments against the tool's `inputSchema` (JSON Schema draft-07 or 2020-12), compiled once per tool object. The upstream
 * checks them again, so what we cannot check safely we let pass: a schema that does not compile, one that refers to another
 * document, one whose patterns could run for minutes.
 */
export function createArgumentValidator(): ArgumentValidator {
  const known = new WeakMap<Tool, Compiled>();
  let patternsSeen = 0;
  const regExp = Object.assign(
    (pattern: string): RegExp => {
      patternsSeen += 1;
      return compilePattern(pattern);
    },
    { code: 'new RegExp' },
  );
  const options = {
    strict: false,
    allErrors: true,
    validateFormats: false,
    validateSchema: false,
    // Two upstreams may give their schemas the same `$id`.
    addUsedSchema: false,
    // An argument named `constructor` is an argument, and a missing one is missing.
    ownProperties: true,
    logger: false,
    code: { regExp },
  } as const;
  const ajv2020 = new Ajv2020(options);
  // `items` as a list of schemas is a tuple up to draft-07 and no schema at all in 2020-12.
  const ajvOld = new Ajv(options);

  const compile = (tool: Tool): { compiled: Compiled; warning?: string } => {
    const before = patternsSeen;
    const { $schema } = tool.inputSchema;
    const ajv = typeof $schema === 'string' && /draft-0[4-7]/.test($schema) ? ajvOld : ajv2020;
    try {
      const check = ajv.compile(tool.inputSchema);
      const comparesElements = JSON.stringify(tool.inputSchema).includes('"uniqueItems":true');
      return { compiled: { check, hasPattern: patternsSeen > before, comparesElements } };
    } catch (error) {
      const why = error instanceof Error ? error.message.slice(0, 200) : 'it does not compile';
      const warning = `the input schema of ${tool.name} cannot be used (${why}); its arguments go to the server unchecked`;
      return { compiled: { hasPattern: false, comparesElements: false }, warning };
    } finally {
      // Ajv would keep every schema of every catalogue for ever.
      ajv.removeSchema(tool.inputSchema);
    }
  };

  return (tool, args, { holes = [], explain = () => undefined } = {}) => {
    const found = known.get(tool);
    const { compiled, warning } = found === undefined ? compile(tool) : { compiled: found, warning: undefined };
    known.set(tool, compiled);
    const { check, hasPattern, comparesElements } = compiled;
    const said = warning !== undefined && { warning };
    const isTooLong =
      (hasPattern && countChars(args) > maxPatternInput) ||
      (comparesElements && measureValue(args, { most: maxComparedChars }).chars > maxComparedChars);
    if (check === undefined || isTooLong) return { reasons: [], isUnchecked: true, ...said };
    let isValid: boolean;
    try {
      isValid = check(args);
    } catch {
      // Objects are compared by their own `valueOf` and `toString` where they have any, and in arguments those are no functions.
      return { reasons: [], isUnchecked: true, ...said };
    }
    const reasons = isValid ? [] : describeErrors(withoutErrorsOfHoles(check.errors ?? [], holes), explain);
    return { reasons, ...said };
  };
}

/** 2 to this power is how often a pattern may try before it gives up; fewer where each try needs a square of the input's length. */
const maxChoices = { linear: 8, square: 5 };

/** The pattern as a RegExp, if a look at it shows that it takes 0.1 s at most: a few tries, each of a square of the input's length. */
function compilePattern(pattern: string): RegExp {
  const plain = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  const unbounded = plain.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  const isAnchored = plain.startsWith('^') && !plain.includes('|');
  const repeatsGroup = /\)[*+{]/.test(plain);
  const refersBack = /\\[1-9k]/.test(pattern);
  // Each choice can double the ways to match: an alternative, an optional part, a bounded repeat.
  const choices = plain.match(/\||\?(?![:=!<])|\{\d+,\d+\}/g)?.length ?? 0;
  const power = unbounded + (isAnchored ? 0 : 1);
  const tooManyChoices = choices > (power > 1 ? maxChoices.square : maxChoices.linear);
  if (repeatsGroup || refersBack || power > 2 || tooManyChoices) {
    throw new Error(`the pattern ${JSON.stringify(pattern.slice(0, 60))} may take too long`);
  }
  try {
    return new RegExp(pattern, 'u');
  } catch {
    // Escapes that mean nothing, such as `\-`, are errors under `u`, and in wide use.
    return new RegExp(pattern);
  }
}

function countChars(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).join('').length;
  return Object.values(value).reduce((chars: number, part) => chars + countChars(part), own);
}

function describeErrors(errors: readonly ErrorObject[], explain: (error: ErrorObject) => string | undefined): string[] {
  const described = errors.slice(0, maxDescribed);
  const reasons = new Map(described.map((error) => [describeError(error), error]));
  const shown = [...reasons]
    .slice(0, maxReasons)
    .map(([reason, error]) => [reason, explain(error) ?? []].flat().join(' '));
  const more = reasons.size - shown.length + errors.length - described.length;
  return more > 0 ? [...shown, `and ${more.toLocaleString('en-US')} more`] : shown;
}

/** Pointer and reason. Values are not repeated: they may be long, or secret. */
function describeError({ instancePath, keyword, params, message }: ErrorObject): string {
  const path = cut(instancePath);
  const inside = path === '' ? '' : ` in ${path}`;
  const named = (key: string): string => cut(JSON.stringify(params[key]));
  if (keyword === 'required') return `missing ${named('missingProperty')}${inside}`;
  if (keyword === 'additionalProperties') return `${named('additionalProperty')} is not an argument${inside}`;
  const subject = path === '' ? 'the arguments' : path;
  if (keyword === 'enum') return `${subject} must be one of ${listValues(params['allowedValues'])}`;
  if (keyword === 'const') return `${subject} must be ${named('allowedValue')}`;
  return `${subject} ${message ?? 'is not valid'}`;
}

function cut(text: string): string {
  return text.length > maxPathChars ? `${text.slice(0, maxPathChars)}…` : text;
}

function listValues(values: unknown): string {
  const all = Array.isArray(values) ? values : [];
  const shown = all.slice(0, 10).map((value) => JSON.stringify(value));
  return [...shown, ...(all.length > 10 ? ['…'] : [])].join(', ');
}
