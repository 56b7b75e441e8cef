import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import { referenceKeyOf } from '../../core/reference-keys.ts';
import type { ReferenceKey } from '../../core/reference-keys.ts';
import { keyChars, maxArgumentDepth, measureValue, scalarChars } from '../input/measure-value.ts';
import { argumentsTooDeep, argumentsTooLong, exceeded, maxArgumentChars } from '../input/scan-arguments.ts';
import { describeHolder, describeKind } from './describe-value.ts';
import { escapeToken, readPointer } from './json-pointer.ts';
import { readJsonText } from './json-text.ts';
import { parseStandIn } from './parse-reference.ts';
import type { Reference } from './reference.ts';

/** What a reference to another call stands for; a `reason` is a sentence that names the call. */
export type ValueOf = (reference: Reference) => { ok: true; value: JsonValue } | { ok: false; reason: string };

/** Where the values come from. */
interface Sources {
  valueOf: ValueOf;
  /** The element that a call with `forEach` is run for. */
  item?: JsonValue;
  /** Absent: only the limit of one call holds. */
  budget?: FillBudget;
}

/** How many characters the filled arguments of a batch may still have together. Each call that is filled takes its own from it. */
export interface FillBudget {
  left: number;
}

/** Of all calls of a batch that references are filled in: as much as ten calls of the greatest length. */
export const maxFilledChars = 10_000_000;

const batchTooLong = `the arguments that references fill in one batch are longer than ${maxFilledChars.toLocaleString('en-US')} characters together; pass on less, or in several batches`;

// Enough to mend a call by; a wrong id in a list of hundreds would otherwise be said hundreds of times.
const maxProblems = 3;

/**
 * The arguments with everything in its place that an object of ours stands for, types kept. The input is not changed and may share parts
 * with the output; without such objects it is the output. A value put in is taken as it is and not looked at again, so that what a server
 * answers can never refer to anything. The error says which places cannot be filled and why, or that the whole is too deep or too long.
 */
export function fillReferences(
  args: JsonObject,
  sources: Sources,
): { ok: true; args: JsonObject } | { ok: false; error: CallError } {
  const filling = new Filling(sources);
  const filled = filling.fill(args, { at: '', depth: 0 });
  filling.settle();
  if (filling.limit !== undefined) return { ok: false, error: exceeded(filling.limit) };
  if (filling.problems.length > 0) return fail(filling.problems.join('; '));
  if (isJsonObject(filled)) return { ok: true, args: filled };
  const key = referenceKeyOf(args);
  // Many servers put JSON into a text; one that was written, or joined, is meant as a text.
  const isFound = typeof filled === 'string' && (key === '$result' || key === '$item');
  const held = isFound ? readJsonText(filled) : undefined;
  if (!isJsonObject(held)) {
    const what = isFound ? describeHolder(held ?? filled) : describeKind(filled);
    return fail(`the arguments would be ${what}; a tool takes an object`);
  }
  const { isTooDeep } = measureValue(held, { most: Infinity });
  return isTooDeep ? { ok: false, error: exceeded(argumentsTooDeep) } : { ok: true, args: held };
}

function fail(message: string): { ok: false; error: CallError } {
  return { ok: false, error: { code: 'invalid_reference', message, retryable: false } };
}

/** What a part adds to a joined string. The `reason` is a phrase that goes behind the part's name. */
export function joinPart(part: JsonValue): { ok: true; text: string } | { ok: false; reason: string } {
  if (typeof part === 'string') return { ok: true, text: part };
  if (typeof part === 'number' || typeof part === 'boolean') return { ok: true, text: String(part) };
  if (!Array.isArray(part)) {
    return { ok: false, reason: `is ${describeKind(part)}; only strings, numbers and booleans can be joined` };
  }
  const strings = part.filter((element) => typeof element === 'string');
  if (strings.length === part.length) return { ok: true, text: strings.join('') };
  const other = part.findIndex((element) => typeof element !== 'string');
  const reason = `is an array in which /${other} is ${describeKind(part[other] ?? null)}; of arrays only those of strings can be joined`;
  return { ok: false, reason };
}

interface Place {
  /** JSON Pointer into the arguments as written. */
  at: string;
  depth: number;
}

class Filling {
  readonly problems: string[] = [];
  /** The limit that the filled arguments are over. */
  limit: string | undefined;
  private readonly sources: Sources;
  private readonly budget: FillBudget;
  /** The most characters that they may have, and those they have so far, about as JSON. */
  private readonly most: number;
  private chars = 0;
  /** The element, once something in it was asked for. */
  private item: JsonValue | undefined;

  constructor(sources: Sources) {
    this.sources = sources;
    this.budget = sources.budget ?? { left: maxFilledChars };
    this.most = Math.min(maxArgumentChars, this.budget.left);
    if (this.most <= 0) this.exceedLength();
  }

  /** Takes from the budget what was filled: all of it where it was not enough, since who comes next would only try the same. */
  settle(): void {
    this.budget.left = this.limit === batchTooLong ? 0 : this.budget.left - Math.min(this.chars, this.most);
  }

  fill(value: JsonValue, { at, depth }: Place): JsonValue {
    if (typeof value !== 'object' || value === null) {
      this.spend(scalarChars(value));
      return value;
    }
    if (this.isOver()) return value;
    if (depth >= maxArgumentDepth) {
      this.exceed(argumentsTooDeep);
      return value;
    }
    const key = referenceKeyOf(value);
    if (key !== undefined && isJsonObject(value)) return this.replace(value, { at, depth, key });
    return Array.isArray(value) ? this.fillArray(value, { at, depth }) : this.fillObject(value, { at, depth });
  }

  private fillArray(value: JsonValue[], { at, depth }: Place): JsonValue {
    this.spend(2 + value.length);
    const filled: JsonValue[] = [];
    for (const [index, element] of value.entries()) {
      if (this.isOver()) return value;
      filled.push(this.fill(element, { at: `${at}/${index}`, depth: depth + 1 }));
    }
    return filled.every((element, index) => element === value[index]) ? value : filled;
  }

  private fillObject(value: JsonObject, { at, depth }: Place): JsonValue {
    this.spend(2);
    let isSame = true;
    const filled: [string, JsonValue | undefined][] = [];
    for (const key of Object.keys(value)) {
      if (this.isOver()) return value;
      const child = value[key];
      this.spend(keyChars(key));
      const own = child === undefined ? child : this.fill(child, { at: `${at}/${escapeToken(key)}`, depth: depth + 1 });
      isSame &&= own === child;
      filled.push([key, own]);
    }
    // From entries, since assigning to a key such as `__proto__` would do something else.
    return isSame ? value : Object.fromEntries(filled);
  }

  private replace(value: JsonObject, place: Place & { key: ReferenceKey }): JsonValue {
    const found = this.find(value, place);
    if (found === undefined) return value;
    const { chars, isTooDeep } = measureValue(found, { depth: place.depth, most: this.most - this.chars });
    this.spend(chars);
    if (isTooDeep) this.exceed(argumentsTooDeep);
    return found;
  }

  /** What an object of ours stands for; `undefined` where that is nothing, and then the problem is taken down. */
  private find(value: JsonObject, { at, depth, key }: Place & { key: ReferenceKey }): JsonValue | undefined {
    const parsed = parseStandIn(value, key);
    if (!parsed.ok) return this.complain(at, `${key}: ${parsed.reason}`);
    const { standIn } = parsed;
    if (standIn.key === '$result') {
      const found = this.sources.valueOf(standIn.reference);
      return found.ok ? found.value : this.complain(at, found.reason);
    }
    if (standIn.key === '$item') {
      if (this.sources.item === undefined) return this.complain(at, '$item: only a call with forEach has items');
      if (standIn.pointer.length === 0) return this.sources.item;
      // Read once for everything in it that is asked for.
      this.item ??= typeof this.sources.item === 'string' ? readJsonText(this.sources.item) : undefined;
      const found = readPointer(this.item ?? this.sources.item, standIn.pointer);
      return found.found ? found.value : this.complain(at, `the item has ${found.reason}`);
    }
    if (standIn.key === '$concat') return this.join(standIn.parts, { at, depth });
    if (standIn.key === '$param') return this.complain(at, '$param: only a recipe has parameters');
    return standIn.value;
  }

  private join(parts: readonly JsonValue[], { at, depth }: Place): JsonValue | undefined {
    if (depth >= maxArgumentDepth) return this.exceed(argumentsTooDeep);
    let joined = '';
    for (const [index, part] of parts.entries()) {
      const partAt = `${at}/$concat/${index}`;
      const key = isJsonObject(part) ? referenceKeyOf(part) : undefined;
      const value = isJsonObject(part) && key ? this.find(part, { at: partAt, depth: depth + 1, key }) : part;
      if (value === undefined) return undefined;
      const text = joinPart(value);
      if (!text.ok) return this.complain(at, `part /${index} of $concat ${text.reason}`);
      // Parts may repeat one long result many times: stop before the string is there.
      if (joined.length + text.text.length > this.most - this.chars) return this.exceedLength();
      joined += text.text;
    }
    return joined;
  }

  private complain(at: string, reason: string): undefined {
    if (this.problems.length < maxProblems) this.problems.push(`${at === '' ? 'the arguments' : at}: ${reason}`);
    return undefined;
  }

  /** What is said already mends the call, or shows that it cannot be mended. */
  private isOver(): boolean {
    return this.limit !== undefined || this.problems.length >= maxProblems;
  }

  private spend(chars: number): void {
    this.chars += chars;
    if (this.chars > this.most) this.exceedLength();
  }

  private exceedLength(): undefined {
    return this.exceed(this.most < maxArgumentChars ? batchTooLong : argumentsTooLong);
  }

  private exceed(limit: string): undefined {
    this.limit ??= limit;
    return undefined;
  }
}
