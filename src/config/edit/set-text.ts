import { isMap, isScalar } from 'yaml';
import type { YAMLMap } from 'yaml';
import { canonicalJson, isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { insertKey, quoteFor, replaceValue } from './insert-entry.ts';
import { openText, valueOf } from './open-text.ts';

/**
 * The text of a file of ours with a text in the place of the one at `path`, or with the key added where only that is missing. Nothing
 * else changes. Undefined where that cannot be done safely.
 */
export function setText(
  text: string,
  { file, path, value }: { file: string; path: readonly [...string[], string]; value: string },
): string | undefined {
  const opened = openText(text, file);
  if (opened === undefined) return undefined;
  const key = path.at(-1)!;
  let map: YAMLMap | undefined = opened.root;
  for (const step of path.slice(0, -1)) {
    const inner: unknown = map?.items.find((pair) => isScalar(pair.key) && pair.key.value === step)?.value;
    map = isMap(inner) ? inner : undefined;
  }
  if (map === undefined) return undefined;
  const pair = map.items.find((one) => isScalar(one.key) && one.key.value === key);
  const written = quoteFor(opened, value);
  const edited =
    pair === undefined
      ? insertKey(opened, { map, key, value: written, isFirst: true })
      : replaceValue(opened, { node: pair.value, value: written });
  const after = edited === undefined ? undefined : valueOf(edited, file);
  const expected = withText(opened.value, path, value);
  return after !== undefined && canonicalJson(after) === canonicalJson(expected) ? edited : undefined;
}

function withText(value: JsonObject, [key, ...rest]: readonly string[], text: string): JsonObject {
  if (key === undefined) return value;
  const inner = value[key];
  return { ...value, [key]: rest.length === 0 ? text : withText(isJsonObject(inner) ? inner : {}, rest, text) };
}
