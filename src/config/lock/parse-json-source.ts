import { findNodeAtLocation, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Place, Problem } from '../../core/place.ts';
import { problemAtKey } from '../source/source.ts';
import type { Path, Source } from '../source/source.ts';

/** A lock file has five levels; the library recurses. */
const maxLevels = 16;
const conflictMark = /^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/m;

/**
 * Parses strict JSON into plain values with places; mappings have no prototype. For a large file that a program has written:
 * `parseSource` is for files that people write, and reads fewer words. A key that stands twice is a problem: programs differ on which counts.
 */
export function parseJsonSource(text: string, file: string, most = Infinity): { source?: Source; problems: Problem[] } {
  const placeAt = (offset: number): Place => toPlace(text, { file, offset });
  const conflict = conflictMark.exec(text);
  if (conflict !== null) {
    const message = 'holds the marks of a merge conflict; take one of the two sides, then run mcp-marshal check';
    return { problems: [{ place: placeAt(conflict.index), message }] };
  }
  const deep = findTooDeep(text);
  if (deep !== undefined) {
    return { problems: [{ place: placeAt(deep), message: `is nested more than ${maxLevels} levels deep` }] };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (root === undefined || first !== undefined) {
    // What follows the first mistake is often no more than its consequence.
    const found = first === undefined ? 'nothing' : wordsOf(printParseErrorCode(first.error));
    const message = `is not JSON (${found}); mend it, or remove the file and run mcp-marshal lock`;
    return { problems: [{ place: placeAt(first?.offset ?? 0), message }] };
  }
  const nodeAt = (path: Path): Node => {
    for (let length = path.length; length > 0; length -= 1) {
      const found = findNodeAtLocation(root, path.slice(0, length));
      if (found !== undefined) return found;
    }
    return root;
  };
  const source: Source = {
    file,
    value: null,
    placeOf: (path) => placeAt(nodeAt(path).offset),
    keyPlaceOf: (path) => placeAt(keyOf(nodeAt(path)).offset),
    spellingOf: () => undefined,
  };
  const problems: Problem[] = [];
  source.value = toValue(root, (key, path) => {
    // Where each of them stands takes as long as the text is.
    if (problems.length >= most) return;
    const problem = problemAtKey(source, path, 'stands twice here; keep one of the two');
    problems.push({ ...problem, place: placeAt(key.offset) });
  });
  return problems.length > 0 ? { problems } : { source, problems };
}

/** Recurses: the text is known to be no deeper than `maxLevels`. */
function toValue(node: Node, onTwice: (key: Node, path: Path) => void, path: Path = []): JsonValue {
  const { type, children = [] } = node;
  if (type === 'array') return children.map((child, index) => toValue(child, onTwice, [...path, index]));
  if (type !== 'object') return node.value;
  const object: JsonObject = Object.create(null);
  for (const { children: [key, value] = [] } of children) {
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    const inner = [...path, name];
    if (Object.hasOwn(object, name)) onTwice(key, inner);
    object[name] = toValue(value, onTwice, inner);
  }
  return object;
}

/** Of a value in an object, its key; else the value itself. */
function keyOf(node: Node): Node {
  return node.parent?.type === 'property' ? (node.parent.children?.[0] ?? node) : node;
}

function toPlace(text: string, { file, offset }: { file: string; offset: number }): Place {
  const before = text.slice(0, offset);
  return { file, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** `PropertyNameExpected` as `property name expected`. */
function wordsOf(code: string): string {
  return code.replaceAll(/(?<=[a-z])[A-Z]/g, ' $&').toLowerCase();
}

/** Offset of the first bracket beyond the limit. Does not recurse. */
function findTooDeep(text: string): number | undefined {
  let level = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isInString) {
      if (sign === '\\') at += 1;
      else if (sign === '"') isInString = false;
    } else if (sign === '"') isInString = true;
    else if (sign === '{' || sign === '[') level += 1;
    else if (sign === '}' || sign === ']') level -= 1;
    if (level > maxLevels) return at;
  }
  return undefined;
}
