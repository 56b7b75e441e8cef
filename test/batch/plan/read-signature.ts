import { isJsonObject } from '../../../src/core/json.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';

/** A signature as a model reads it. */
type Type =
  | { kind: 'word'; word: string }
  | { kind: 'value'; value: JsonValue }
  | { kind: 'list'; of: Type }
  | { kind: 'one of'; types: Type[] }
  | { kind: 'all of'; types: Type[] }
  | { kind: 'object'; fields: Field[] };

interface Field {
  name: string;
  isOptional: boolean;
  type: Type;
}

/** What somebody writes who knows no more than the signature. @throws Error where it is none */
export function argumentsFromSignature(signature: string): JsonObject {
  // Several sets of arguments, or parts of one, are a type and no list of fields.
  const isType = /^\([({] ?|^\(…\)/.test(signature);
  const [field] = isType ? readSignature(`(it: ${signature})`) : [];
  const value = field === undefined ? argumentsFrom(readSignature(signature)) : valueOf(field.type);
  return isJsonObject(value) ? value : {};
}

/** Reads a signature to its end. @throws Error where it is none, such as one that was cut in the middle of a type */
function readSignature(signature: string): Field[] {
  let at = 0;
  const fail = (): never => {
    throw new Error(`no signature at ${at}: ${signature.slice(Math.max(0, at - 40), at + 40)}`);
  };
  const eat = (text: string): boolean => {
    if (!signature.startsWith(text, at)) return false;
    at += text.length;
    return true;
  };
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(signature.slice(at))?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const readText = (): string | undefined => {
    const text = take(/^"(?:[^"\\]|\\.)*"/);
    return text === undefined ? undefined : String(JSON.parse(text));
  };
  const readFields = (close: string): Field[] => {
    const fields: Field[] = [];
    while (!eat(close)) {
      if (!eat('…')) {
        const name = readText() ?? take(/^[^\s,?"…]+?(?=\?|: |, |\)$)/) ?? fail();
        const isOptional = eat('?');
        fields.push({ name, isOptional, type: eat(': ') ? readType() : { kind: 'word', word: 'any' } });
      }
      if (!eat(', ')) eat(' ');
    }
    return fields;
  };
  const readType = (): Type => {
    const types = [readOne()];
    const mark = signature.startsWith(' & ', at) ? ' & ' : ' | ';
    while (eat(mark)) types.push(readOne());
    const [only] = types;
    return types.length === 1 && only !== undefined ? only : { kind: mark === ' & ' ? 'all of' : 'one of', types };
  };
  const readOne = (): Type => {
    let type: Type;
    const text = readText();
    if (text !== undefined) type = { kind: 'value', value: text };
    else if (eat('{ ')) type = { kind: 'object', fields: readFields('}') };
    else if (eat('(')) {
      type = readType();
      if (!eat(')')) fail();
    } else type = toType(take(/^(?:…|-?[\w.]+|\[[^\]]+\]|\{\})/) ?? fail());
    while (eat('[]')) type = { kind: 'list', of: type };
    return type;
  };
  if (!eat('(')) fail();
  const fields = readFields(')');
  if (at < signature.length) fail();
  return fields;
}

function toType(word: string): Type {
  return /^(?:-?\d|true$|false$|\[|\{)/.test(word)
    ? { kind: 'value', value: JSON.parse(word) }
    : { kind: 'word', word };
}

/** What somebody who knows no more than the signature writes: all that must be given, the first of what can be chosen. */
function argumentsFrom(fields: readonly Field[]): JsonObject {
  const needed = fields.filter(({ isOptional }) => !isOptional);
  return Object.fromEntries(needed.map(({ name, type }) => [name, valueOf(type)]));
}

const values: Record<string, JsonValue> = { number: 1, boolean: true, null: null, object: {} };

function valueOf(type: Type): JsonValue {
  if (type.kind === 'value') return type.value;
  if (type.kind === 'list') return [valueOf(type.of)];
  if (type.kind === 'object') return argumentsFrom(type.fields);
  if (type.kind === 'word') return values[type.word] ?? 'x';
  if (type.kind === 'all of') return type.types.map(valueOf).reduce(together);
  const [first] = type.types;
  return first === undefined ? null : valueOf(first);
}

function together(one: JsonValue, other: JsonValue): JsonValue {
  return isJsonObject(one) && isJsonObject(other) ? { ...other, ...one } : one;
}
