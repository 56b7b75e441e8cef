import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import { referenceKeyOf } from '../../core/reference-keys.ts';
import { fillReferences } from '../references/fill-references.ts';
import { escapeToken } from '../references/json-pointer.ts';
import { scanReferences } from '../references/scan-references.ts';
import { quote } from './request-fields.ts';
import { argumentsTooLong, maxArgumentChars, scanArguments } from './scan-arguments.ts';

export const argumentSpellings = ['arguments', 'args', 'input', 'parameters'];

/** The arguments of a call, and what in them is not known yet. */
interface ReadArguments {
  /** Ready to be sent where there are no holes; else as written. */
  args: JsonObject;
  holes: readonly string[];
  /** The ids that references name, each with the place that a message can show. */
  references: readonly { at: string; id: string }[];
  /** Too deep, or too long. */
  limit?: CallError;
  /** What is wrong with their form. */
  problems: readonly string[];
  /** What is wrong with the references in them. */
  badReferences: readonly string[];
}

/** Reads the arguments of a call, whichever field holds them. What stands for a constant is replaced by it. */
export function readArguments(own: JsonObject, allowed: { item: boolean; param: boolean }): ReadArguments {
  const { args, limit, problems } = findArguments(own);
  const tooMuch = limit ?? scanArguments(args);
  const read = { args, holes: [], references: [], problems, badReferences: [] };
  if (tooMuch !== undefined) return { ...read, limit: tooMuch };
  const { isPlain, references, holes, problems: badReferences } = scanReferences(args, allowed);
  if (isPlain) return read;
  if (badReferences.length > 0 || holes.length > 0) {
    const named = references.map(({ at, reference }) => ({ at: `$result at ${showPlace(at)}`, id: reference.id }));
    return { ...read, holes: standIns(args), references: named, badReferences };
  }
  const filled = fillReferences(args, { valueOf: () => ({ ok: false, reason: 'there is no reference' }) });
  return filled.ok ? { ...read, args: filled.args } : { ...read, badReferences: [filled.message] };
}

/** The places of all objects that stand for something else. Arguments with one hole are filled as a whole, their constants too. */
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
