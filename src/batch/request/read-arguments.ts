import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import { referenceKeyOf } from '../../core/reference-keys.ts';
import { fillReferences } from '../references/fill-references.ts';
import { escapeToken } from '../references/json-pointer.ts';
import { maxPlaceChars, scanReferences } from '../references/scan-references.ts';
import type { Suspect } from '../references/scan-references.ts';
import type { Naming } from './link-calls.ts';
import { quote } from '../input/field-problems.ts';
import { argumentsTooLong, maxArgumentChars, scanArguments } from '../input/scan-arguments.ts';

export const argumentSpellings = ['arguments', 'args', 'input', 'parameters'];

/** The arguments of a call, and what in them is not known yet. */
interface ReadArguments {
  /** Ready to be sent where there are no holes; else as written. */
  args: JsonObject;
  holes: readonly string[];
  /** The ids that references name, each with the place that a message can show. */
  references: Naming['references'];
  /** Too deep, or too long. */
  limit?: CallError;
  /** What is wrong with their form. */
  problems: readonly string[];
  /** What is wrong with the references in them. */
  badReferences: readonly string[];
  /** What in them may have been meant as a reference, and is none. */
  suspects: readonly Suspect[];
  /** They ask for the element of a call with `forEach`. */
  usesItem: boolean;
}

/** Reads the arguments of a call, whichever field holds them. What stands for a constant is replaced by it. */
export function readArguments(own: JsonObject, allowed: { item: boolean; param: boolean }): ReadArguments {
  const { args, limit, problems } = findArguments(own);
  const tooMuch = limit ?? scanArguments(args);
  const none = { args, holes: [], references: [], problems, badReferences: [], suspects: [], usesItem: false };
  if (tooMuch !== undefined) return { ...none, limit: tooMuch };
  const { isPlain, references, holes, problems: badReferences, suspects, usesItem } = scanReferences(args, allowed);
  const read = { ...none, suspects, usesItem };
  if (isPlain) return read;
  if (badReferences.length > 0 || holes.length > 0) {
    const named = references.map(({ at, reference: { id, pointer } }) => ({
      at: `$result at ${showPlace(at)}`,
      id,
      pointer,
    }));
    if (badReferences.length > 0) return { ...read, references: named, badReferences };
    const settled = settleConstants(args, { at: '', open: new Set(holes) });
    return { ...read, args: isJsonObject(settled) ? settled : args, holes: standIns(settled), references: named };
  }
  const filled = fillReferences(args, noSources);
  return filled.ok ? { ...read, args: filled.args } : { ...read, badReferences: [filled.error.message] };
}

const noSources = { valueOf: () => ({ ok: false as const, reason: 'there is no reference' }) };

/**
 * The arguments with their constants in their place, so that these are checked, classed and locked by before the rest is known. One
 * that holds what looks like a reference waits with the others, or it would be taken for one when those are filled.
 */
function settleConstants(value: JsonValue, { at, open }: { at: string; open: ReadonlySet<string> }): JsonValue {
  if (typeof value !== 'object' || value === null || (at.length <= maxPlaceChars && open.has(at))) return value;
  if (Array.isArray(value)) return value.map((child, index) => settleConstants(child, { at: `${at}/${index}`, open }));
  if (referenceKeyOf(value) === undefined) {
    // From entries, since assigning to a key such as `__proto__` would do something else.
    return Object.fromEntries(
      Object.entries(value).map(([key, child]): [string, JsonValue | undefined] => [
        key,
        child === undefined ? child : settleConstants(child, { at: `${at}/${escapeToken(key)}`, open }),
      ]),
    );
  }
  const filled = fillReferences({ value }, noSources);
  const constant = filled.ok ? filled.args['value'] : undefined;
  return constant === undefined || standIns(constant).length > 0 ? value : constant;
}

/** The places of all objects that stand for something else. */
function standIns(value: JsonValue | undefined, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isJsonObject(value) && referenceKeyOf(value) !== undefined) return [at];
  return Object.entries(value).flatMap(([key, child]) => standIns(child, `${at}/${escapeToken(key)}`));
}

function showPlace(at: string): string {
  return at === '' ? 'the top of the arguments' : at;
}

function findArguments(own: JsonObject): { args: JsonObject; limit?: CallError; problems: string[] } {
  const given = argumentSpellings.filter((spelling) => own[spelling] !== undefined);
  const problems =
    given.length > 1 ? [`arguments are given twice, as ${given.map((spelling) => `"${spelling}"`).join(' and ')}`] : [];
  const spelling = given[0];
  if (spelling === undefined) return { args: {}, problems };
  const found = own[spelling];
  if (isJsonObject(found)) return { args: found, problems };
  if (typeof found === 'string' && found.length > maxArgumentChars) {
    return { args: {}, limit: { code: 'limit_exceeded', message: argumentsTooLong, retryable: false }, problems };
  }
  const parsed = typeof found === 'string' ? parseJson(found) : undefined;
  if (isJsonObject(parsed)) return { args: parsed, problems };
  const what = typeof found === 'string' ? 'a string that does not hold a JSON object' : quote(found);
  problems.push(`${spelling}: found ${what}; write an object such as { "path": "notes.md" }, or leave it out for {}`);
  return { args: {}, problems };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
