import { isMap, isNode, isScalar } from 'yaml';
import type { YAMLMap } from 'yaml';
import { canonicalJson, isJsonObject } from '../../core/json.ts';
import { fillKey } from './insert-entry.ts';
import { openText, valueOf } from './open-text.ts';
import type { OpenText } from './open-text.ts';

/**
 * The text of a configuration in YAML without this server and the comment that stands right above it. Nothing else of it changes: the text
 * that comes out is read again, and holds what the old one held, but for the server. Undefined where that cannot be done safely.
 */
export function removeServer(text: string, { file, name }: { file: string; name: string }): string | undefined {
  const opened = openText(text, file);
  if (opened === undefined) return undefined;
  const key = isJsonObject(opened.value['mcpServers']) ? 'mcpServers' : 'servers';
  const before = opened.value[key];
  if (!isJsonObject(before) || !Object.hasOwn(before, name)) return undefined;
  const edited = cut(opened, { key, name });
  const after = edited === undefined ? undefined : valueOf(edited, file);
  const rest = Object.fromEntries(Object.entries(before).filter(([other]) => other !== name));
  const expected = canonicalJson({ ...opened.value, [key]: rest });
  return after !== undefined && canonicalJson(after) === expected ? edited : undefined;
}

/** The text of a configuration in JSON without the comments right above this server, where they have lines of their own. */
export function withoutCommentAbove(text: string, { file, name }: { file: string; name: string }): string {
  const opened = openText(text, file);
  const key = isJsonObject(opened?.value['mcpServers']) ? 'mcpServers' : 'servers';
  const map: unknown = opened?.root.items.find((one) => isScalar(one.key) && one.key.value === key)?.value;
  const own = isMap(map) ? map.items.find((one) => isScalar(one.key) && one.key.value === name) : undefined;
  const start = edgeOf(own?.key, 0);
  if (start === undefined) return text;
  const lines = text.split(/(?<=\n)/);
  const line = text.slice(0, start).split('\n').length - 1;
  const isAlone = text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '';
  if (!isAlone) return text;
  let first = line;
  while (first > 0 && isJsonComment(lines[first - 1])) first -= 1;
  return [...lines.slice(0, first), ...lines.slice(line)].join('');
}

function cut(opened: OpenText, { key, name }: { key: string; name: string }): string | undefined {
  const pair = opened.root.items.find((one) => isScalar(one.key) && one.key.value === key);
  const map: unknown = pair?.value;
  if (!isMap(map)) return undefined;
  const index = map.items.findIndex((one) => isScalar(one.key) && one.key.value === name);
  if (map.flow === true) return cutFromFlow(opened.text, map, index);
  const lines = cutLines(opened.text, map, index);
  // An empty value is no mapping.
  return map.items.length > 1 || lines === undefined
    ? lines
    : fillKey({ ...opened, text: lines }, { key: pair?.key, value: '{}' });
}

function cutFromFlow(text: string, map: YAMLMap, index: number): string | undefined {
  const [previous, own, next] = [map.items[index - 1], map.items[index], map.items[index + 1]];
  const [start, end] = [edgeOf(own?.key, 0), edgeOf(own?.value, 1)];
  const from = next === undefined && previous !== undefined ? edgeOf(previous.value, 1) : start;
  const to = next === undefined ? end : edgeOf(next.key, 0);
  return from === undefined || to === undefined ? undefined : text.slice(0, from) + text.slice(to);
}

function cutLines(text: string, map: YAMLMap, index: number): string | undefined {
  const { key, value } = map.items[index] ?? {};
  const start = edgeOf(key, 0);
  const end = edgeOf(value, 1) ?? edgeOf(key, 1);
  if (start === undefined || end === undefined) return undefined;
  const lines = text.split(/(?<=\n)/);
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length - 1;
  const own = lineOf(start);
  const indent = start - (text.lastIndexOf('\n', start - 1) + 1);
  if (indentOf(lines[own]) !== indent) return undefined;
  let first = own;
  while (first > 0 && isComment(lines[first - 1]) && indentOf(lines[first - 1]) === indent) first -= 1;
  let behind = Math.max(own, lineOf(Math.max(start, end - 1))) + 1;
  // Blank lines at the end of a value are between it and the next one.
  while (behind > own + 1 && isBlank(lines[behind - 1])) behind -= 1;
  // A comment that stands deeper is about what it stands below.
  while (isComment(lines[behind]) && indentOf(lines[behind]) > indent) behind += 1;
  const isGap = isBlank(lines[behind]) || behind >= lines.length;
  // One of the two blank lines around it goes with it, so that no gap is left.
  if (isGap && isBlank(lines[first - 1])) first -= 1;
  else if (isGap && index === 0 && map.items.length > 1) behind += 1;
  return [...lines.slice(0, first), ...lines.slice(behind)].join('');
}

function edgeOf(node: unknown, edge: 0 | 1): number | undefined {
  return isNode(node) ? node.range?.[edge] : undefined;
}

function indentOf(line = ''): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}

function isBlank(line: string | undefined): boolean {
  return line !== undefined && line.trim() === '';
}

function isComment(line = ''): boolean {
  return line.trimStart().startsWith('#');
}

function isJsonComment(line = ''): boolean {
  return /^(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/)$/.test(line.trim());
}
