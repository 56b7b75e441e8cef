import { isJsonObject, maxDepth } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { referenceKeyOf } from '../../core/reference-keys.ts';
import type { ReferenceKey } from '../../core/reference-keys.ts';
import { argumentsTooLong, maxArgumentChars } from '../request/scan-arguments.ts';
import { describeKind } from './describe-value.ts';
import { escapeToken, readPointer } from './json-pointer.ts';
import { parseStandIn } from './parse-reference.ts';
import type { Reference } from './reference.ts';

/** Where the values come from. */
interface Sources {
  /** What a reference to another call stands for; a `reason` is a sentence that names the call. */
  valueOf: (reference: Reference) => { ok: true; value: JsonValue } | { ok: false; reason: string };
  /** The element that a call with `forEach` is run for. */
  item?: JsonValue;
}

// Enough to mend a call by; a wrong id in a list of hundreds would otherwise be said hundreds of times.
const maxProblems = 3;

/**
 * The arguments with everything in its place that an object of ours stands for, types kept. The input is not changed and may share parts
 * with the output; without such objects it is the output. A value put in is taken as it is and not looked at again, so that what a server
 * answers can never refer to anything. The `message` says which places cannot be filled and why, or that the whole is too long.
 */
export function fillReferences(
  args: JsonObject,
  sources: Sources,
): { ok: true; args: JsonObject } | { ok: false; message: string } {
  const filling = new Filling(sources);
  const filled = filling.fill(args, { at: '', depth: 0 });
  if (filling.problems.length > 0) return { ok: false, message: filling.problems.join('; ') };
  if (isJsonObject(filled)) return { ok: true, args: filled };
  return { ok: false, message: `the arguments would be ${describeKind(filled)}; a tool takes an object` };
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
  const reason = `is an array in which element ${other} is ${describeKind(part[other] ?? null)}; of arrays only those of strings can be joined`;
  return { ok: false, reason };
}

interface Place {
  /** JSON Pointer into the arguments as written. */
  at: string;
  depth: number;
}

class Filling {
  readonly problems: string[] = [];
  private readonly sources: Sources;
  /** Characters of the filled arguments so far, about as JSON. */
  private chars = 0;
  private isTooLong = false;

  constructor(sources: Sources) {
    this.sources = sources;
  }

  fill(value: JsonValue, { at, depth }: Place): JsonValue {
    if (typeof value !== 'object' || value === null) {
      this.spend(scalarChars(value));
      return value;
    }
    if (this.isTooLong) return value;
    if (depth >= maxDepth) {
      this.complain(at, `nested deeper than ${maxDepth} levels`);
      return value;
    }
    const key = referenceKeyOf(value);
    if (key !== undefined && isJsonObject(value)) return this.replace(value, { at, depth, key });
    return Array.isArray(value) ? this.fillArray(value, { at, depth }) : this.fillObject(value, { at, depth });
  }

  private fillArray(value: JsonValue[], { at, depth }: Place): JsonValue {
    this.spend(2 + value.length);
    const filled = value.map((element, index) => this.fill(element, { at: `${at}/${index}`, depth: depth + 1 }));
    return filled.every((element, index) => element === value[index]) ? value : filled;
  }

  private fillObject(value: JsonObject, { at, depth }: Place): JsonValue {
    this.spend(2);
    let isSame = true;
    const filled = Object.entries(value).map(([key, child]): [string, JsonValue | undefined] => {
      this.spend(key.length + 4);
      if (child === undefined) return [key, child];
      const own = this.fill(child, { at: `${at}/${escapeToken(key)}`, depth: depth + 1 });
      isSame &&= own === child;
      return [key, own];
    });
    // From entries, since assigning to a key such as `__proto__` would do something else.
    return isSame ? value : Object.fromEntries(filled);
  }

  private replace(value: JsonObject, place: Place & { key: ReferenceKey }): JsonValue {
    const found = this.find(value, place);
    if (found === undefined) return value;
    this.spendAll(found);
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
      const found = readPointer(this.sources.item, standIn.pointer);
      return found.found ? found.value : this.complain(at, `the item has ${found.reason}`);
    }
    if (standIn.key === '$concat') return this.join(standIn.parts, { at, depth });
    if (standIn.key === '$param') return this.complain(at, '$param: only a recipe has parameters');
    return standIn.value;
  }

  private join(parts: readonly JsonValue[], { at, depth }: Place): JsonValue | undefined {
    if (depth >= maxDepth) return this.complain(at, `nested deeper than ${maxDepth} levels`);
    let joined = '';
    for (const [index, part] of parts.entries()) {
      const partAt = `${at}/$concat/${index}`;
      const key = isJsonObject(part) ? referenceKeyOf(part) : undefined;
      const value = isJsonObject(part) && key ? this.find(part, { at: partAt, depth: depth + 1, key }) : part;
      if (value === undefined) return undefined;
      const text = joinPart(value);
      if (!text.ok) return this.complain(at, `part ${index} of $concat ${text.reason}`);
      // Parts may repeat one long result many times: stop before the string is there.
      if (joined.length + text.text.length > maxArgumentChars) return this.refuseLength();
      joined += text.text;
    }
    return joined;
  }

  private complain(at: string, reason: string): undefined {
    if (this.problems.length < maxProblems) this.problems.push(`${at === '' ? 'the arguments' : at}: ${reason}`);
    return undefined;
  }

  private refuseLength(): undefined {
    if (!this.isTooLong) this.problems.push(argumentsTooLong);
    this.isTooLong = true;
    return undefined;
  }

  private spend(chars: number): void {
    this.chars += chars;
    if (this.chars > maxArgumentChars) this.refuseLength();
  }

  /** Counts a value put in, without a string of it and without recursion, and no further than the limit. */
  private spendAll(value: JsonValue): void {
    const open: (JsonValue | undefined)[] = [value];
    while (open.length > 0 && !this.isTooLong) {
      const next = open.pop();
      if (typeof next !== 'object' || next === null) {
        this.spend(next === undefined ? 0 : scalarChars(next));
      } else if (Array.isArray(next)) {
        this.spend(2 + next.length);
        if (!this.isTooLong) for (const element of next) open.push(element);
      } else {
        this.spend(2);
        for (const key of Object.keys(next)) {
          this.spend(key.length + 4);
          open.push(next[key]);
        }
      }
    }
  }
}

function scalarChars(value: string | number | boolean | null): number {
  return typeof value === 'string' ? value.length + 2 : String(value).length;
}
