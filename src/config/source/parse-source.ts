import { Composer, isScalar, Lexer, LineCounter, Parser } from 'yaml';
import type { CST } from 'yaml';
import type { Place, Problem } from '../../core/place.ts';
import { jsonAsYaml } from './json-as-yaml.ts';
import type { Source } from './source.ts';
import { toSource } from './to-source.ts';
import { describeSyntaxError } from './describe-syntax-error.ts';

/** More than any configuration needs; deeper nesting can exhaust the stack of the YAML library, which recurses. */
const maxDepth = 64;
/** A large configuration has some thousands. The time of the library on broken text grows with this number: 0.2 s at the worst. */
const maxTokens = 20_000;
/** One mistake near the top of a file can make every line after it wrong. */
const maxSyntaxProblems = 100;

/** `source` is there only where there is no problem. `usable` is there as well where only single keys are in doubt. */
interface Parsed {
  source?: Source;
  usable?: Source;
  problems: Problem[];
}

/**
 * Parses YAML, or JSON as clients write it, into plain values with places. `file` is the name that problems show.
 * Returns every syntax problem at once. Never throws, whatever the text is.
 */
export function parseSource(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const start = { file, line: 1, column: 1 };

  const yaml = jsonAsYaml(text, file);
  if (hasTooManyTokens(yaml)) {
    return fail(start, `holds more than ${maxTokens} words and signs; make it smaller`);
  }
  const tokens = [...new Parser(lines.addNewLine).parse(yaml)];
  const deep = tokens.map(findTooDeep).find((offset) => offset !== undefined);
  if (deep !== undefined) return fail(placeAt(deep), `is nested more than ${maxDepth} levels deep; make it flatter`);

  // The library compares every key with every other; duplicates are found in `toSource` instead.
  const composer = new Composer({ lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  const documents = withoutStacks(() => firstTwo(composer.compose(tokens, true, yaml.length)));
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  const problems = errors.slice(0, maxSyntaxProblems).map((error) => ({
    place: placeAt(error.pos[0]),
    message: describeSyntaxError(error, yaml),
  }));
  const [document, second] = documents;
  if (second !== undefined) {
    problems.push({
      place: placeAt(second.range[0]),
      message: `begins another document (there are ${countDocuments(tokens)}); keep one, without --- between`,
    });
  }
  if (problems.length > 0) return { problems };
  // A lone `---` makes a value without text.
  const isEmpty = document?.contents == null || (isScalar(document.contents) && document.contents.source === '');
  if (isEmpty) {
    return fail(start, 'the file is empty; write it, or name another one');
  }
  const { source, problems: doubts } = toSource(document, file, placeAt);
  if (source === undefined) return { problems: doubts };
  return { usable: source, problems: doubts, ...(doubts.length === 0 && { source }) };
}

/** The second one is one too many, and each takes its time. */
function firstTwo<T>(all: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const one of all) if (taken.push(one) === 2) break;
  return taken;
}

function countDocuments(tokens: readonly CST.Token[]): number {
  return tokens.filter(({ type }) => type === 'document').length;
}

/** Broken text can have a hundred thousand errors, and most of the time that each takes is its stack, which nobody reads. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function fail(place: Place, message: string): { problems: Problem[] } {
  return { problems: [{ place, message }] };
}

function hasTooManyTokens(text: string): boolean {
  let count = 0;
  for (const _ of new Lexer().lex(text)) {
    count += 1;
    if (count > maxTokens) return true;
  }
  return false;
}

/** Offset of the first token beyond the depth limit. Iterative, since the depth is what must not cost stack. */
function findTooDeep(root: CST.Token): number | undefined {
  const open: [CST.Token, number][] = [[root, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, depth] = next;
    if (depth > maxDepth) return token.offset;
    if (token.type === 'document' && token.value !== undefined) open.push([token.value, depth]);
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key != null) open.push([item.key, depth + 1]);
      if (item.value !== undefined) open.push([item.value, depth + 1]);
    }
  }
  return undefined;
}
