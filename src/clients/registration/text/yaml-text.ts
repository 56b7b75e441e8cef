import { isMap, isNode, isScalar, isSeq, parse, parseDocument } from 'yaml';
import type { YAMLMap, YAMLSeq } from 'yaml';
import type { JsonObject } from '../../../core/json.ts';
import { lineStartAt, newlineOf, restOfLine, splice } from './lines.ts';

/** The text with an element at the end of the list under a key of its root. The key is made where it is missing. */
export function appendItem(text: string, { key, item }: { key: string; item: JsonObject }): string | undefined {
  const newline = newlineOf(text);
  const found = openList(text, key);
  if (found === undefined) return undefined;
  const { list, root } = found;
  if (list === undefined) {
    if (root?.flow === true) return undefined;
    const gap = text === '' || text.endsWith('\n') ? '' : newline;
    return text + gap + [`${key}:`, ...itemLines(item, '  ')].map((line) => line + newline).join('');
  }
  const last = list.items.at(-1);
  if (list.flow === true) {
    const at = last === undefined ? startOf(list) + 1 : endOf(last);
    return splice(text, at, (last === undefined ? '' : ', ') + JSON.stringify(item));
  }
  if (last === undefined) return undefined;
  const indent = text.slice(lineStartAt(text, startOf(list)), startOf(list));
  if (indent.trim() !== '') return undefined;
  const [, at] = spanOf(text, last);
  const gap = at > 0 && text[at - 1] !== '\n' ? newline : '';
  return splice(
    text,
    at,
    gap +
      itemLines(item, indent)
        .map((line) => line + newline)
        .join(''),
  );
}

/** The text without the element of this name, and what it was. The only element of a list goes with its key. */
export function removeItem(
  text: string,
  { key, name }: { key: string; name: string },
): { text: string; removed: string } | undefined {
  const found = openList(text, key);
  const items = (found?.list?.items ?? []).filter((item) => isMap(item) && item.get('name') === name);
  const [item] = items;
  if (found?.list === undefined || item === undefined || items.length > 1) return undefined;
  const { list } = found;
  if (list.flow === true) {
    const index = list.items.indexOf(item);
    const [previous, next] = [list.items[index - 1], list.items[index + 1]];
    const from = previous === undefined ? startOf(item) : endOf(previous);
    const to = previous === undefined && next !== undefined ? startOf(next) : endOf(item);
    return { text: text.slice(0, from) + text.slice(to), removed: text.slice(startOf(item), endOf(item)) };
  }
  const [from, to] = spanOf(text, item);
  // With its dash on a line of its own, that would stay, and be an element that says nothing.
  if (!/^[ \t]*-[ \t]+$/.test(text.slice(from, startOf(item)))) return undefined;
  const removed = text.slice(from, to);
  if (list.items.length > 1) return { text: text.slice(0, from) + text.slice(to), removed };
  const keyLine = lineStartAt(text, from - 1);
  const isKeyAlone = text.slice(keyLine, from).trim() === `${key}:`;
  return isKeyAlone ? { text: text.slice(0, keyLine) + text.slice(to), removed } : undefined;
}

/** The text with lines that were an element put back at the end of its list. */
export function bringItem(text: string, { key, kept }: { key: string; kept: string }): string | undefined {
  const newline = newlineOf(text);
  const list = openList(text, key)?.list;
  if (list === undefined) {
    const gap = text === '' || text.endsWith('\n') ? '' : newline;
    return text + gap + key + ':' + newline + blockItem(kept, newline);
  }
  const last = list.items.at(-1);
  if (list.flow === true) {
    const at = last === undefined ? startOf(list) + 1 : endOf(last);
    return splice(text, at, (last === undefined ? '' : ', ') + flowItem(kept));
  }
  if (last === undefined) return undefined;
  const indent = text.slice(lineStartAt(text, startOf(list)), startOf(list));
  if (indent.trim() !== '') return undefined;
  const [, at] = spanOf(text, last);
  return splice(text, at, (at > 0 && text[at - 1] !== '\n' ? newline : '') + blockItem(kept, newline, indent));
}

/** What was an element of either kind of list as lines of a block list: somebody may have written it in another way since. */
function blockItem(kept: string, newline: string, indent?: string): string {
  const [, own = '', isBlock] = /^([ \t]*)(- )?/.exec(kept) ?? [];
  if (isBlock === undefined) return `${indent ?? '  '}- ${kept}${newline}`;
  const lines = kept.replace(/\r?\n$/, '').split(/\r?\n/);
  const moved = lines.map((line) => (line.startsWith(own) ? (indent ?? own) + line.slice(own.length) : line));
  return moved.map((line) => line + newline).join('');
}

/** The same in brackets. */
function flowItem(kept: string): string {
  if (!/^[ \t]*- /.test(kept)) return kept;
  const [item]: unknown[] = parse(kept);
  return JSON.stringify(item);
}

/** `list` absent: there is none yet. Nothing where the text is no mapping, or the key holds something else. */
function openList(text: string, key: string): { root?: YAMLMap; list?: YAMLSeq } | undefined {
  const document = parseDocument(text, { logLevel: 'silent' });
  const { contents: root } = document;
  if (document.errors.length > 0) return undefined;
  if (root === null) return {};
  if (!isMap(root)) return undefined;
  const pair = root.items.find((one) => isScalar(one.key) && one.key.value === key);
  if (pair === undefined) return { root };
  return isSeq(pair.value) ? { root, list: pair.value } : undefined;
}

/** `- name: …` and its lines, values as JSON, which is YAML. */
function itemLines(item: JsonObject, indent: string): string[] {
  return Object.entries(item).flatMap(([key, value], index) =>
    value === undefined ? [] : [`${indent}${index === 0 ? '- ' : '  '}${key}: ${JSON.stringify(value)}`],
  );
}

/** The lines of an element of a block list, its dash included; comments behind the last of them stay. */
function spanOf(text: string, item: unknown): [number, number] {
  const from = lineStartAt(text, startOf(item));
  let end = endOf(item);
  // The value of a block ends at the beginning of a line.
  if (text[end - 1] !== '\n') {
    end += restOfLine(text, end).length;
    end += /^\r?\n/.exec(text.slice(end))?.[0].length ?? 0;
  }
  return [from, end];
}

function startOf(node: unknown): number {
  return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
}

function endOf(node: unknown): number {
  return (isNode(node) ? node.range?.[1] : undefined) ?? 0;
}
