import { isMap, isNode, isScalar } from 'yaml';
import type { YAMLMap } from 'yaml';
import { canonicalJson, isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { insertKey } from './insert-entry.ts';
import { openText, valueOf } from './open-text.ts';
import type { OpenText } from './open-text.ts';
import { renderServers } from './render/render-servers.ts';
import type { NewServer } from './render/render-servers.ts';

/**
 * The text of a configuration with these servers behind those that it has. Nothing else of it changes, comments and blanks included: the
 * text that comes out is read again, and holds what the old one held, and the servers. Undefined where that cannot be done safely.
 */
export function addServers(
  text: string,
  { file, servers }: { file: string; servers: readonly NewServer[] },
): string | undefined {
  const opened = openText(text, file);
  if (opened === undefined || servers.length === 0) return opened && text;
  const key = isJsonObject(opened.value['mcpServers']) ? 'mcpServers' : 'servers';
  const edited = edit(opened, { key, file, servers });
  const after = edited === undefined ? undefined : valueOf(edited, file);
  const before = opened.value[key];
  const expected: JsonObject = {
    ...opened.value,
    [key]: {
      ...(isJsonObject(before) ? before : {}),
      ...Object.fromEntries(servers.map(({ name, entry }) => [name, entry])),
    },
  };
  return after !== undefined && canonicalJson(after) === canonicalJson(expected) ? edited : undefined;
}

function edit(
  opened: OpenText,
  { key, file, servers }: { key: string; file: string; servers: readonly NewServer[] },
): string | undefined {
  const { text, root } = opened;
  const map: unknown = root.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.value;
  if (!isMap(map)) return undefined;
  if (map.items.length === 0 && !opened.isJson) return fillEmpty(opened, { map, servers });
  if (map.flow === true) return addToFlow(text, { key, file, servers });
  const [first, last] = [map.items[0]?.key, map.items.at(-1)?.value];
  const start = isNode(first) ? first.range?.[0] : undefined;
  const end = isNode(last) ? last.range?.[1] : undefined;
  if (start === undefined || end === undefined) return undefined;
  const indent = start - (text.lastIndexOf('\n', start - 1) + 1);
  const block = renderServers(servers, indent).replaceAll('\n', opened.newline);
  // A value may end with its line, or have a comment behind it.
  const valueEnd = text[end - 1] === '\n' ? end - 1 : text.indexOf('\n', end);
  // So may its last lines: a comment that stands deeper is about what it stands below.
  const deeper = new RegExp(`(?:\\n {${indent + 1},}#[^\\n]*)*`, 'y');
  deeper.lastIndex = valueEnd;
  const lineEnd = valueEnd < 0 ? -1 : text.indexOf('\n', valueEnd + (deeper.exec(text)?.[0].length ?? 0));
  if (lineEnd < 0) return `${text}${opened.newline}${block}`;
  return text.slice(0, lineEnd + 1) + block + text.slice(lineEnd + 1);
}

/** In the place of `{}`, which is what stays when the last server was taken out. */
function fillEmpty(
  { text, newline }: OpenText,
  { map, servers }: { map: YAMLMap; servers: readonly NewServer[] },
): string | undefined {
  const [start, end] = map.range ?? [];
  if (start === undefined || end === undefined || !/^\{\s*\}$/.test(text.slice(start, end))) return undefined;
  const lineEnd = text.indexOf('\n', end);
  const behind = text.slice(end, lineEnd < 0 ? undefined : lineEnd).trimEnd();
  const rest = lineEnd < 0 ? '' : text.slice(lineEnd + 1);
  const block = renderServers(servers, 2).replaceAll('\n', newline);
  return text.slice(0, start).trimEnd() + behind + newline + block + rest;
}

/** One by one, each in front of the others, so that the last comes first. */
function addToFlow(
  text: string,
  { key, file, servers }: { key: string; file: string; servers: readonly NewServer[] },
): string | undefined {
  let edited: string | undefined = text;
  for (const { name, entry } of servers.toReversed()) {
    const opened: OpenText | undefined = edited === undefined ? undefined : openText(edited, file);
    const map: unknown = opened?.root.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.value;
    edited =
      opened === undefined || !isMap(map)
        ? undefined
        : insertKey(opened, { map, key: name, value: JSON.stringify(entry) });
  }
  return edited;
}
