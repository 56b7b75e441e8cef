import { isJsonObject, maxDepth } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { referenceKeyOf } from '../../core/reference-keys.ts';
import type { ReferenceKey } from '../../core/reference-keys.ts';
import { joinPart } from './fill-references.ts';
import { escapeToken } from './json-pointer.ts';
import { parseStandIn } from './parse-reference.ts';
import type { Reference } from './reference.ts';

/** What the arguments of a call, as written, say about other calls. Places are JSON Pointers into the arguments. */
export interface ReferenceScan {
  /** Every reference to another call; `at` is the place of the outermost object that stands for something else. */
  references: readonly { at: string; reference: Reference }[];
  /** Places whose value cannot be known before other calls have run (or the element, or the parameter, is there). */
  holes: readonly string[];
  /** Nothing in the arguments stands for something else. */
  isPlain: boolean;
  /** What is wrong with those that do, each with its place. */
  problems: readonly string[];
  /** The arguments ask for the element of a call with `forEach`. */
  usesItem: boolean;
  /** What means itself, and may have been meant as a reference. */
  suspects: readonly Suspect[];
}

/** A text with what could be a template in it, or an object with a key that begins with `$`, and its place. */
export interface Suspect {
  at: string;
  value: string | JsonObject;
}

/** What else than earlier results the arguments may ask for. */
interface Allowed {
  /** `$item`: the call has `forEach`. */
  item: boolean;
  /** `$param`: the call belongs to a recipe. */
  param?: boolean;
}

const plain: ReferenceScan = {
  references: [],
  holes: [],
  isPlain: true,
  problems: [],
  usesItem: false,
  suspects: [],
};

/**
 * Finds everything in the arguments of a call that stands for something else, or looks as if it were to. Nearly no call has any, and
 * then this only looks.
 */
export function scanReferences(args: JsonObject, allowed: Allowed): ReferenceScan {
  if (!needsWalk(args, 0)) return plain;
  const scan: Scan = { ...plain, references: [], holes: [], problems: [], suspects: [] };
  walk(args, { at: '', depth: 0, allowed, scan });
  return scan;
}

/** The most characters of a text that may be a template as a whole. */
export const maxTemplateChars = 200;

// Enough to mend a call by; a wrong object in a list of thousands would otherwise be said thousands of times.
const maxProblems = 10;

/**
 * The most characters of the place of a stand-in, as of any pointer. Places are kept in sets, and the engine hashes long strings by
 * their length alone.
 */
export const maxPlaceChars = 1_000;

interface Walk {
  at: string;
  depth: number;
  allowed: Allowed;
  scan: Scan;
}

interface Scan {
  references: { at: string; reference: Reference }[];
  holes: string[];
  isPlain: boolean;
  problems: string[];
  usesItem: boolean;
  suspects: Suspect[];
}

/** Also true of what is too deep, which is a problem that `walk` names. */
function needsWalk(value: JsonValue | undefined, depth: number): boolean {
  if (typeof value === 'string') return mayBeTemplate(value);
  if (typeof value !== 'object' || value === null) return false;
  if (depth > maxDepth) return true;
  if (Array.isArray(value)) {
    for (const element of value) if (needsWalk(element, depth + 1)) return true;
    return false;
  }
  for (const key of Object.keys(value)) if (key.startsWith('$') || needsWalk(value[key], depth + 1)) return true;
  return false;
}

/** Only looks for the signs, since every text of every call is asked, and some are long. */
function mayBeTemplate(text: string): boolean {
  // One look is quicker in a short text, and a search in a long one.
  if (text.length <= maxTemplateChars) return /[${]\{|^\s*\$[A-Za-z]/.test(text);
  return text.includes('{{') || text.includes('${');
}

function walk(value: JsonValue | undefined, place: Walk): void {
  const { at, scan } = place;
  if (typeof value === 'string' && mayBeTemplate(value)) scan.suspects.push({ at, value });
  if (typeof value !== 'object' || value === null) return;
  const depth = place.depth + 1;
  if (depth > maxDepth) {
    scan.isPlain = false;
    if (scan.problems.at(-1) !== tooDeep) scan.problems.push(tooDeep);
    return;
  }
  const ours = referenceKeyOf(value);
  if (ours !== undefined && isJsonObject(value)) {
    scan.isPlain = false;
    if (at.length > maxPlaceChars) {
      if (scan.problems.at(-1) !== tooFar) scan.problems.push(tooFar);
    } else if (isHole(value, { ...place, outer: at, key: ours })) scan.holes.push(at);
    return;
  }
  if (isJsonObject(value) && Object.keys(value).some((key) => key.startsWith('$'))) scan.suspects.push({ at, value });
  for (const [key, child] of Object.entries(value)) {
    if (typeof child === 'object' || typeof child === 'string') {
      walk(child, { ...place, at: `${at}/${escapeToken(key)}`, depth });
    }
  }
}

// The place itself would fill the message.
const tooFar = `a reference stands under keys of more than ${maxPlaceChars.toLocaleString('en-US')} characters; shorten them`;
const tooDeep = `the arguments are nested deeper than ${maxDepth} levels; flatten them`;

/** An object of ours: its key, and the place of the outermost one that it stands in. */
interface OwnPlace extends Walk {
  key: ReferenceKey;
  outer: string;
}

/** Takes down what an object of ours refers to, and whether its value has to wait. */
function isHole(value: JsonObject, place: OwnPlace): boolean {
  const { at, outer, key, allowed, scan } = place;
  const complain = (reason: string): false => {
    if (scan.problems.length < maxProblems)
      scan.problems.push(`${key} at ${at === '' ? 'the top of the arguments' : at}: ${reason}`);
    return false;
  };
  const parsed = parseStandIn(value, key);
  if (!parsed.ok) return complain(parsed.reason);
  const { standIn } = parsed;
  if (standIn.key === '$result') scan.references.push({ at: outer, reference: standIn.reference });
  if (standIn.key === '$item' && !allowed.item) return complain('only a call with forEach has items');
  scan.usesItem ||= standIn.key === '$item';
  if (standIn.key === '$param' && allowed.param !== true) return complain('only a recipe has parameters');
  if (standIn.key !== '$concat') return standIn.key !== '$literal';
  // Every part is looked at, whatever the ones before it are.
  const isOpen = standIn.parts.map((part, index) => isOpenPart(part, { place, index, complain })).includes(true);
  // MongoDB has an operator of that name, and field paths such as "$first".
  const isForTool = !isOpen && standIn.parts.some((part) => typeof part === 'string' && part.startsWith('$'));
  return isForTool
    ? complain('joins no result; if it is meant for the tool itself, write { "$literal": … } around it')
    : isOpen;
}

function isOpenPart(
  part: JsonValue,
  bag: { place: OwnPlace; index: number; complain: (reason: string) => false },
): boolean {
  const { place, index, complain } = bag;
  const depth = place.depth + 1;
  if (depth > maxDepth) return complain(`nested deeper than ${maxDepth} levels; flatten it`);
  const key = isJsonObject(part) ? referenceKeyOf(part) : undefined;
  let constant = part;
  if (isJsonObject(part) && key !== undefined) {
    const isOpen = isHole(part, { ...place, at: `${place.at}/$concat/${index}`, depth, key });
    if (key !== '$literal') return isOpen;
    constant = part[key] ?? null;
  } else if (typeof part === 'string' && mayBeTemplate(part)) {
    place.scan.suspects.push({ at: `${place.at}/$concat/${index}`, value: part });
  }
  const joined = joinPart(constant);
  return joined.ok ? false : complain(`part /${index} ${joined.reason}`);
}
