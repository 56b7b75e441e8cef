import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { referenceKeyOf } from '../../core/reference-keys.ts';
import { readPointer } from '../references/json-pointer.ts';
import { parseStandIn } from '../references/parse-reference.ts';
import { scanReferences } from '../references/scan-references.ts';

/**
 * The calls of a recipe as a batch takes them: each `{ "$param": pointer, "default"? }` in arguments is what stands at the pointer in
 * `given`. Values keep their type, and are never looked at: one that holds what could be a reference is put into a `$literal`. Where
 * the parameter is not given and there is no default, the key or the element that holds it is left out; as a part of `$concat` it is
 * `''`. What a given parameter lacks inside is `findMissing`'s to say first.
 * The `$param` of calls that were checked are all of a right form; others stay, and the batch refuses them.
 */
export function fillParameters(calls: readonly JsonObject[], given: JsonObject): JsonObject[] {
  return calls.map((call) => {
    const { arguments: args, ...others } = call;
    const { forEach } = others;
    // Of a reference only its default can hold a parameter.
    const isList = isJsonObject(forEach) && referenceKeyOf(forEach) === '$result';
    const rest = isList ? { ...others, forEach: fill(forEach, { given, wrap: asItIs }) } : others;
    if (!isJsonObject(args)) return args === undefined ? rest : { ...rest, arguments: args };
    // A text as the whole arguments would be read as JSON, and looked at.
    const wrap = referenceKeyOf(args) === '$param' ? toLiteral : asConstant;
    const filled = fill(args, { given, wrap });
    return filled === undefined ? rest : { ...rest, arguments: filled };
  });
}

interface Filling {
  given: JsonObject;
  /** How a value has to be written where it stands, so that it means itself. */
  wrap: (value: JsonValue) => JsonValue;
}

function fill(value: JsonValue | undefined, filling: Filling): JsonValue | undefined {
  const fillChild = (child: JsonValue | undefined): JsonValue | undefined => fill(child, filling);
  if (!isJsonObject(value)) return Array.isArray(value) ? fillElements(value, fillChild) : value;
  const key = referenceKeyOf(value);
  if (key === undefined) return fillFields(value, fillChild);
  if (key === '$param') return valueOf(value, filling);
  const { $concat: parts, default: fallback, ...rest } = value;
  if (key === '$concat' && Array.isArray(parts))
    return { ...value, $concat: parts.map(fillChild).map((part) => (part === undefined ? '' : part)) };
  if (key !== '$result' || fallback === undefined) return value;
  const filled = fillConstant(fallback, { ...filling, wrap: asItIs });
  return filled === undefined ? rest : { ...rest, default: filled };
}

/** A default is a value as it stands: what is filled in needs no wrapping, and nothing else in it is ours. */
function fillConstant(value: JsonValue | undefined, filling: Filling): JsonValue | undefined {
  const fillChild = (child: JsonValue | undefined): JsonValue | undefined => fillConstant(child, filling);
  if (!isJsonObject(value)) return Array.isArray(value) ? fillElements(value, fillChild) : value;
  return referenceKeyOf(value) === '$param' ? valueOf(value, filling) : fillFields(value, fillChild);
}

type FillChild = (child: JsonValue | undefined) => JsonValue | undefined;

function fillElements(elements: readonly JsonValue[], fillChild: FillChild): JsonValue[] {
  return elements.map(fillChild).filter((element) => element !== undefined);
}

function fillFields(fields: JsonObject, fillChild: FillChild): JsonObject {
  const filled = Object.entries(fields).map(([key, child]) => [key, fillChild(child)] as const);
  // From entries, since assigning to a key such as `__proto__` would do something else.
  return Object.fromEntries(filled.filter(([, child]) => child !== undefined));
}

function valueOf(value: JsonObject, { given, wrap }: Filling): JsonValue | undefined {
  const parsed = parseStandIn(value, '$param');
  if (!parsed.ok || parsed.standIn.key !== '$param') return value;
  const { pointer, default: fallback } = parsed.standIn;
  const found = readPointer(given, pointer);
  const meant = found.found ? found.value : fallback;
  return meant === undefined ? undefined : wrap(meant);
}

function asItIs(value: JsonValue): JsonValue {
  return value;
}

function toLiteral(value: JsonValue): JsonValue {
  return { $literal: value };
}

/** What nobody could take for a reference stays bare, so that policy and locks see it before the batch runs. */
function asConstant(value: JsonValue): JsonValue {
  const { isPlain, suspects } = scanReferences({ value }, { item: false });
  return isPlain && suspects.length === 0 ? value : toLiteral(value);
}
