import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Place, Problem } from '../../core/place.ts';
import { problemAt } from './source.ts';
import type { Path, Source } from './source.ts';

/** Enough for any configuration; aliases of aliases would otherwise grow without bound. */
const maxValues = 30_000;
const maxDepth = 64;

type Where = { value: Place; key: Place; spelling?: string };

/**
 * Turns a parsed document into plain values: mappings have no prototype, keys are text, aliases are followed.
 * Problems are duplicate keys (the first holds), keys that are not text, `__proto__`, unknown aliases; after them, what
 * is left can still be checked. Aliases that grow without bound leave no source.
 */
export function toSource(
  document: Document,
  file: string,
  placeAt: (offset: number) => Place,
): { source?: Source; problems: Problem[] } {
  const places = new Map<string, Where>();
  const problems: Problem[] = [];
  const root = placeAt(document.contents?.range?.[0] ?? 0);
  const at = (path: Path): Where => {
    for (let length = path.length; length > 0; length -= 1) {
      const found = places.get(JSON.stringify(path.slice(0, length)));
      // A missing value is missing from a mapping, which the mapping's key names best.
      if (found !== undefined) return length === path.length ? found : { value: found.key, key: found.key };
    }
    return { value: root, key: root };
  };
  const source: Source = {
    file,
    value: null,
    placeOf: (path) => at(path).value,
    keyPlaceOf: (path) => at(path).key,
    spellingOf: (path) => at(path).spelling,
  };
  const anchors = new Map<string, Node>();
  let values = 0;
  let overflowed = false;

  function convert(node: unknown, path: Path): JsonValue {
    values += 1;
    if (overflowed || values > maxValues || path.length > maxDepth) {
      if (!overflowed) problems.push(problemAt(source, path, 'its aliases unfold without bound; write the values out'));
      overflowed = true;
      return null;
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) return convert(target, path);
      const message = `"*${node.source}" refers to an anchor that does not exist; text that starts with * needs quotes`;
      problems.push(problemAt(source, path, message));
      // What was meant, most likely; it keeps the schema from adding that a value is missing.
      return `*${node.source}`;
    }
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isMap(node)) return convertMap(node, path);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const place = placeAt(offsetOf(item) ?? 0);
        return note(item, [...path, index], place, place);
      });
    }
    return isScalar(node) ? toJson(node.value) : null;
  }

  function convertMap(map: YAMLMap, path: Path): JsonObject {
    const mapping: JsonObject = Object.create(null);
    for (const { key: keyNode, value } of map.items) {
      const keyPlace = placeAt(offsetOf(keyNode) ?? offsetOf(value) ?? 0);
      const name = keyText(keyNode);
      if (name === undefined) {
        problems.push({ ...problemAt(source, path, 'a key must be text; put it in quotes'), place: keyPlace });
        continue;
      }
      const valuePath = [...path, name];
      if (name === '__proto__') {
        problems.push({
          place: keyPlace,
          key: valuePath.join('.'),
          message: '"__proto__" cannot be a key; choose another name',
        });
      } else if (Object.hasOwn(mapping, name)) {
        const first = source.keyPlaceOf(valuePath);
        problems.push({
          place: keyPlace,
          key: valuePath.join('.'),
          message: `stands here twice, first in line ${first.line}; keep one`,
        });
      } else {
        // An empty value has no text of its own to point at.
        const isEmpty = value == null || (isScalar(value) && value.range?.[0] === value.range?.[1]);
        mapping[name] = note(value, valuePath, isEmpty ? keyPlace : placeAt(offsetOf(value) ?? 0), keyPlace);
      }
    }
    return mapping;
  }

  function note(node: unknown, path: Path, value: Place, key: Place): JsonValue {
    const where: Where = { value, key };
    const target = isAlias(node) ? anchors.get(node.source) : node;
    if (isScalar(target) && typeof target.value !== 'string' && target.source !== undefined)
      where.spelling = target.source;
    places.set(JSON.stringify(path), where);
    return convert(node, path);
  }

  source.value = convert(document.contents, []);
  return overflowed ? { problems } : { source, problems };
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function keyText(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return typeof node.value === 'string' ? node.value : node.source || undefined;
}

function toJson(value: unknown): JsonValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}
