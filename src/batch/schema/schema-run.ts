import { canonicalJson, isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { measureValue } from '../input/measure-value.ts';
import type { Flaw } from './flaw.ts';
import type { Pattern, PatternBook } from './pattern-book.ts';
import type { SchemaDocument } from './schema-document.ts';
import { addSeen, createSeen } from './check/spot.ts';
import type { Spot } from './check/spot.ts';

// Far more schemas around each other than any tool has, and far from the end of the stack.
const maxDepth = 400;

/**
 * One check of one value: what was found, what could not be looked at, and how much work is left. Every step is counted, so that no
 * schema can make a check long: when the steps are used up, everything that is left passes, and `isSpent` says that the result is
 * worth nothing.
 */
export class SchemaRun {
  readonly flaws: Flaw[] = [];
  /** How often something could not be looked at, and passed. */
  doubts = 0;
  /** Why, the first time. */
  firstDoubt: string | undefined;
  private stepsLeft: number;
  private readonly document: SchemaDocument;
  private readonly patterns: PatternBook;

  constructor(bag: { document: SchemaDocument; patterns: PatternBook; steps: number }) {
    this.document = bag.document;
    this.patterns = bag.patterns;
    this.stepsLeft = bag.steps;
  }

  get isSpent(): boolean {
    return this.stepsLeft < 0;
  }

  /** Takes steps; false where none are left. */
  spend(steps: number): boolean {
    this.stepsLeft -= steps;
    return this.stepsLeft >= 0;
  }

  doubt(why: string): void {
    this.doubts += 1;
    this.firstDoubt ??= why;
  }

  flaw(spot: Spot, keyword: string, { message, params = {} }: { message: string; params?: Flaw['params'] }): void {
    // What is wrong takes longer to say than to see.
    this.spend(3);
    this.flaws.push({ instancePath: spot.path, keyword, params, message });
  }

  /** Checks the value against a schema, and says whether it fits. */
  visit(schema: JsonValue | undefined, spot: Spot): boolean {
    if (!this.spend(1)) return true;
    if (spot.depth > maxDepth) {
      this.stepsLeft = -1;
      return true;
    }
    const before = this.flaws.length;
    if (schema === false) this.flaw(spot, 'false schema', { message: 'boolean schema is false' });
    else if (isJsonObject(schema)) this.checkAll(schema, spot);
    else if (schema !== true) this.doubt('a schema in it is neither an object nor true or false');
    return this.flaws.length === before;
  }

  /** The same, and what was found is forgotten. */
  fits(schema: JsonValue | undefined, spot: Spot): boolean {
    const before = this.flaws.length;
    const isFit = this.visit(schema, spot);
    this.flaws.length = before;
    return isFit;
  }

  /** The schema that a `$ref` means; nothing, and a doubt, where there is none. */
  resolve(reference: JsonValue | undefined): JsonValue | undefined {
    const found = this.document.resolve(reference, (steps) => this.spend(steps));
    if (found.ok) return found.schema;
    this.doubt(found.reason);
    return undefined;
  }

  /** A pattern of the schema; nothing, and a doubt, where it cannot be used. */
  pattern(source: string): Pattern | undefined {
    const found = this.patterns(source, (steps) => this.spend(steps));
    if (found.ok) return found.pattern;
    this.doubt(found.reason);
    return undefined;
  }

  /** Whether a text holds what the pattern describes. */
  matches({ pieces, test }: Pattern, text: string): boolean {
    return !this.spend(1 + Math.ceil((pieces * text.length) / 4)) || test(text);
  }

  /** The value as text, equal for equal values; nothing where that takes more steps than are left. */
  textOf(value: JsonValue | undefined): string | undefined {
    const { chars, isTooDeep } = measureValue(value, { most: Math.max(0, this.stepsLeft) * 2 });
    if (isTooDeep) this.stepsLeft = -1;
    return this.spend(1 + Math.ceil(chars / 2)) ? canonicalJson(value) : undefined;
  }

  private checkAll(schema: JsonObject, spot: Spot): void {
    const before = this.flaws.length;
    const { checks, watches } = this.document.partsOf(schema);
    const seen = watches || spot.seen !== undefined ? createSeen() : undefined;
    const inside = { value: spot.value, path: spot.path, depth: spot.depth + 1, seen };
    for (const check of checks) check(this, schema, inside);
    if (spot.seen !== undefined && seen !== undefined && this.flaws.length === before) addSeen(spot.seen, seen);
  }
}
