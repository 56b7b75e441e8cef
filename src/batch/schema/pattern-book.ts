import { createRequire } from 'node:module';
import type * as engine from 're2js';
import { quote } from '../input/field-problems.ts';

/** A pattern that is tried in time linear in the length of a text. */
export interface Pattern {
  /** How many parts it has, once its repeats are written out: a measure of what trying it costs, for each character. */
  pieces: number;
  test(text: string): boolean;
}

/**
 * A pattern made ready, or why it cannot be. `spend` is asked for the steps that this takes, the first time.
 */
export type PatternBook = (source: string, spend: (steps: number) => boolean) => Compiled;

type Compiled = { ok: true; pattern: Pattern } | { ok: false; reason: string };

// Ten times the longest that tools were seen with; making one of this length ready takes some 10 ms.
const maxPatternChars = 1_000;
// Those of a thousand tools; each is some 10 kB.
const maxPatterns = 1_000;

/** Keeps the patterns that were made ready, the latest thousand. */
export function createPatternBook(): PatternBook {
  const known = new Map<string, Compiled>();
  return (source, spend) => {
    const found = known.get(source);
    if (found !== undefined) return found;
    if (source.length > maxPatternChars) return unusable(source, `it is longer than ${maxPatternChars} characters`);
    const compiled = compile(source);
    spend(compiled.ok ? 1_000 + compiled.pattern.pieces * 50 : 1_000 + source.length * 50);
    const [oldest] = known.keys();
    if (known.size >= maxPatterns && oldest !== undefined) known.delete(oldest);
    known.set(source, compiled);
    return compiled;
  };
}

function compile(source: string): Compiled {
  try {
    const compiled = load().RE2JS.compile(toEngineSyntax(source));
    return { ok: true, pattern: { pieces: compiled.programSize(), test: (text) => compiled.test(text) } };
  } catch {
    // What cannot be tried in linear time, too: assertions about what stands around a place, and references back.
    return unusable(source, 'it is broken, or of a kind that can run for ever');
  }
}

function unusable(source: string, why: string): Compiled {
  return { ok: false, reason: `the pattern ${quote(source)} is not tried: ${why}` };
}

let loaded: typeof engine | undefined;

/** What the first pattern would have to wait for, in steps that can be taken before it comes: loading, and what the engine builds when it is first used. */
export function* warmPatterns(): Generator<void, void> {
  const example = '^(?:[a-z]+|b)+$';
  try {
    load();
    yield;
    compile(example);
    yield;
    const made = compile(example);
    if (made.ok) made.pattern.test('abc!');
  } catch {
    // The first pattern will meet the same, and say so.
  }
}

/** Loaded with the first pattern that there is: most programs meet none, and it takes 10 ms, or four times as long where others run too. */
function load(): typeof engine {
  const loading: typeof engine = loaded ?? createRequire(import.meta.url)('re2js');
  loaded = loading;
  return loading;
}

/** White space as JavaScript sees it: more than the ASCII that it is in the engine. */
const space = String.raw`\s\x{b}\x{a0}\x{feff}\x{2028}\x{2029}\p{Zs}`;

/** A pattern as JavaScript writes it, as the engine does: they differ in white space and in how a character's number is written. */
function toEngineSyntax(source: string): string {
  let isInClass = false;
  return source.replaceAll(
    /\\u\{([0-9a-fA-F]+)\}|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\(.)|[[\]]/gsu,
    (whole: string, long?: string, high?: string, low?: string, short?: string, escaped?: string) => {
      if (high !== undefined && low !== undefined) {
        const pair = String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
        return `\\x{${(pair.codePointAt(0) ?? 0).toString(16)}}`;
      }
      const number = long ?? short;
      if (number !== undefined) return `\\x{${number}}`;
      if (escaped === 's') return isInClass ? space : `[${space}]`;
      if (escaped === 'S' && !isInClass) return `[^${space}]`;
      if (whole === '[') isInClass = true;
      if (whole === ']') isInClass = false;
      return whole;
    },
  );
}
