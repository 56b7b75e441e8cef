import { isNode } from 'yaml';
import type { Node, YAMLMap, YAMLSeq } from 'yaml';
import type { OpenText } from './open-text.ts';

/** Puts a key that is not there yet into a mapping. `value` is text as the file will have it. */
export function insertKey(
  { text, newline, isJson }: OpenText,
  { map, key, value, isFirst = false }: { map: YAMLMap; key: string; value: string; isFirst?: boolean },
): string | undefined {
  const start = startOf(map);
  if (start === undefined) return undefined;
  const entry = `${isJson ? JSON.stringify(key) : key}: ${value}`;
  if (map.flow === true) {
    const first = map.items[0];
    return first === undefined
      ? splice(text, start + 1, ` ${entry} `)
      : splice(text, startOf(first.key) ?? start + 1, `${entry}, `);
  }
  if (isFirst) return splice(text, start, `${entry}${newline}${indentAt(text, start)}`);
  // At the end of the file, where no comment is about something else.
  const indent = indentAt(text, start);
  const ends = text === '' || text.endsWith('\n');
  return `${text}${ends ? '' : newline}${indent}${entry}${newline}`;
}

/** Adds elements at the end of a list, in the way in which it is written. */
export function appendElements(
  { text, newline }: OpenText,
  { list, elements }: { list: YAMLSeq; elements: readonly string[] },
): string | undefined {
  const start = startOf(list);
  if (start === undefined) return undefined;
  const end = endOf(list.items.at(-1));
  if (end === undefined) return list.flow === true ? splice(text, start + 1, elements.join(', ')) : undefined;
  if (list.flow === true) return splice(text, end, elements.map((element) => `, ${element}`).join(''));
  const lineEnd = text.indexOf('\n', end);
  const indent = indentAt(text, start);
  const lines = elements.map((element) => `${indent}- ${element}`);
  if (lineEnd < 0) return `${text}${lines.map((line) => newline + line).join('')}${newline}`;
  return splice(text, lineEnd + 1, lines.map((line) => line + newline).join(''));
}

/** Gives a key whose value is empty a value. */
export function fillKey({ text }: OpenText, { key, value }: { key: unknown; value: string }): string | undefined {
  const end = endOf(key);
  const colon = end === undefined ? -1 : text.indexOf(':', end);
  return colon < 0 ? undefined : splice(text, colon + 1, ` ${value}`);
}

/** Puts another text in the place of a value. */
export function replaceValue(
  { text }: OpenText,
  { node, value }: { node: unknown; value: string },
): string | undefined {
  const start = startOf(node);
  const end = endOf(node);
  return start === undefined || end === undefined ? undefined : text.slice(0, start) + value + text.slice(end);
}

/** A text as an element or a value: plain where nothing could take it for something else. */
export function quoteFor({ isJson }: Pick<OpenText, 'isJson'>, value: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value);
  return isPlain && !isJson ? value : JSON.stringify(value);
}

function splice(text: string, at: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at);
}

function startOf(node: unknown): number | undefined {
  return rangeOf(node)?.[0];
}

function endOf(node: unknown): number | undefined {
  return rangeOf(node)?.[1];
}

function rangeOf(node: unknown): Node['range'] | undefined {
  return isNode(node) ? node.range : undefined;
}

/** As many blanks as there are characters before this one in its line. */
function indentAt(text: string, offset: number): string {
  return ' '.repeat(offset - (text.lastIndexOf('\n', offset - 1) + 1));
}
