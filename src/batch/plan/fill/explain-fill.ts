import { isJsonObject } from '../../../core/json.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { referenceKeyOf } from '../../../core/reference-keys.ts';
import { describeKind, listKeys } from '../../references/describe-value.ts';
import { parsePointer, readPointer, renderPointer } from '../../references/json-pointer.ts';
import { parseStandIn } from '../../references/parse-reference.ts';
import type { StandIn } from '../../references/parse-reference.ts';
import type { Pointer } from '../../references/reference.ts';
import type { Flaw } from '../../schema/flaw.ts';
import { placesAround } from '../hole-errors.ts';

/**
 * What to say behind an error of the schema that a reference brought about, since who wrote the call sees only the reference:
 * `(filled from c0 "/total": a number; { "$concat": [ … ] } makes text of it)`. Nothing of other errors, and never a value.
 */
export function explainFill(bag: {
  written: JsonObject;
  filled: JsonObject;
  holes: readonly string[];
}): (error: Flaw) => string | undefined {
  return ({ instancePath, keyword, params }) => {
    const around = placesAround(instancePath);
    const hole = bag.holes.find((place) => around.includes(place));
    if (hole === undefined) return undefined;
    const [standIn, value] = [standInAt(bag.written, hole), valueAt(bag.filled, hole)];
    const source = standIn && sourceOf(standIn);
    if (standIn === undefined || source === undefined || value === undefined) return undefined;
    const isOfType = keyword === 'type' && instancePath === hole;
    const mend = isOfType ? mendOf({ standIn, value, wanted: [params['type']].flat() }) : undefined;
    return `(filled from ${source}: ${describe(value)}${mend === undefined ? '' : `; ${mend}`})`;
  };
}

function valueAt(args: JsonObject, place: string): JsonValue | undefined {
  const parsed = parsePointer(place);
  const found = parsed.ok ? readPointer(args, parsed.pointer) : undefined;
  return found?.found === true ? found.value : undefined;
}

function standInAt(written: JsonObject, place: string): StandIn | undefined {
  const value = valueAt(written, place);
  const key = isJsonObject(value) ? referenceKeyOf(value) : undefined;
  const parsed = isJsonObject(value) && key !== undefined ? parseStandIn(value, key) : undefined;
  return parsed?.ok === true ? parsed.standIn : undefined;
}

function sourceOf(standIn: StandIn): string | undefined {
  const at = (pointer: Pointer): string => (pointer.length === 0 ? '' : ` ${JSON.stringify(renderPointer(pointer))}`);
  if (standIn.key === '$result') return `${standIn.reference.id}${at(standIn.reference.pointer)}`;
  if (standIn.key === '$item') return `the element${at(standIn.pointer)}`;
  return standIn.key === '$concat' ? '$concat' : undefined;
}

function describe(value: JsonValue): string {
  const keys = isJsonObject(value) ? listKeys(value) : undefined;
  return keys === undefined || keys.count === 0 ? describeKind(value) : `an object with ${keys.list}`;
}

function mendOf(bag: { standIn: StandIn; value: JsonValue; wanted: readonly unknown[] }): string | undefined {
  const { standIn, value, wanted } = bag;
  if (wanted.includes('string')) {
    if (typeof value === 'number' || typeof value === 'boolean') return '{ "$concat": [ … ] } makes text of it';
    if (typeof value !== 'object' || value === null) return undefined;
    // Lines are not joined: nothing would stand between them.
    const isLines = standIn.key === '$result' && standIn.reference.view === 'lines';
    if (Array.isArray(value) && value.length > 0 && !isLines && value.every((one) => typeof one === 'string')) {
      return '{ "$concat": [ … ] } around it joins them';
    }
    if (standIn.key === '$item') return 'write a pointer to a text in it, as { "$item": "/name" }';
    return 'write "view": "text" for the text of the whole result, or a path to a text in it';
  }
  const isText = typeof value === 'string' && standIn.key === '$result';
  return isText && wanted.includes('array') ? '"view": "lines" makes an array of its lines' : undefined;
}
