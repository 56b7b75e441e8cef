import { parseTree } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { JsonValue } from '../../../core/json.ts';
import { baseIndentAt, indentUnitOf, lineStartAt, newlineOf, restOfLine, splice } from './lines.ts';

/** A value as it is to be written: with the indentation that its place asks for, or in one line. */
export type Write = (style: { indent: string; unit: string; newline: string } | 'inline') => string;

/** A value in the style of the file around it. */
export function writeValue(value: JsonValue): Write {
  return (style) => {
    if (style === 'inline') return JSON.stringify(value);
    const { indent, unit, newline } = style;
    return JSON.stringify(value, null, unit).replaceAll('\n', newline + indent);
  };
}

/**
 * The text with a value at these keys: what is on the way and missing is made, what is there is replaced. Nothing else changes, comments
 * and blanks included; a comment behind an entry stays behind it. Nothing where the text is not valid, or a key stands twice.
 */
export function setJson(text: string, path: readonly string[], write: Write): string | undefined {
  const root = rootOf(text);
  if (root === undefined) return undefined;
  let node = root;
  for (const [index, key] of path.entries()) {
    if (node.type !== 'object') return undefined;
    const found = propertiesOf(node, key);
    if (found.length > 1) return undefined;
    const value = found[0]?.children?.[1];
    if (value === undefined) return insert(text, node, { key, write: nest(path.slice(index + 1), write) });
    node = value;
  }
  const indent = baseIndentAt(text, node.offset);
  const isInline = !text.includes('\n');
  const written = write(isInline ? 'inline' : { indent, unit: indentUnitOf(text), newline: newlineOf(text) });
  return text.slice(0, node.offset) + written + text.slice(endOf(node));
}

/** The text without the value at these keys, and what it was. The comma goes with it, and the line where nothing else is in it. */
export function removeJson(text: string, path: readonly string[]): { text: string; removed: string } | undefined {
  let node = rootOf(text);
  for (const key of path.slice(0, -1)) node = onlyProperty(node, key)?.children?.[1];
  const property = onlyProperty(node, path.at(-1) ?? '');
  const value = property?.children?.[1];
  if (node === undefined || property === undefined || value === undefined) return undefined;
  const siblings = node.children ?? [];
  const previous = siblings[siblings.indexOf(property) - 1];
  const commaBehind = commaAfter(text, endOf(property));
  const commaBefore = previous && commaAfter(text, endOf(previous));
  const end = commaBehind ?? endOf(property);
  const [from, to] = widen(text, property.offset, end);
  // The last one without a comma: the one before it needs its comma no more, where trailing commas are none of the file's habits.
  const cut = commaBehind === undefined ? commaBefore : undefined;
  const after = text.slice(to);
  const between = cut === undefined ? '' : text.slice(cut, from);
  const before = cut === undefined ? text.slice(0, from) : text.slice(0, cut - 1) + between.replace(/^[ \t]+$/, '');
  return { text: before + after, removed: text.slice(value.offset, endOf(value)) };
}

/** The text as a tree; an empty one is an empty object. */
function rootOf(text: string): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  return errors.length === 0 ? root : undefined;
}

function propertiesOf(node: Node, key: string): Node[] {
  return (node.children ?? []).filter(({ children }) => children?.[0]?.value === key);
}

function onlyProperty(node: Node | undefined, key: string): Node | undefined {
  if (node?.type !== 'object') return undefined;
  const found = propertiesOf(node, key);
  return found.length === 1 ? found[0] : undefined;
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}

function nest([key, ...rest]: readonly string[], write: Write): Write {
  if (key === undefined) return write;
  const inner = nest(rest, write);
  return (style) => {
    if (style === 'inline') return `{${JSON.stringify(key)}: ${inner(style)}}`;
    const deeper = style.indent + style.unit;
    const { newline } = style;
    const value = inner({ ...style, indent: deeper });
    return `{${newline}${deeper}${JSON.stringify(key)}: ${value}${newline}${style.indent}}`;
  };
}

function insert(text: string, object: Node, { key, write }: { key: string; write: Write }): string {
  const children = object.children ?? [];
  const last = children.at(-1);
  const newline = newlineOf(text);
  const unit = indentUnitOf(text);
  const name = `${JSON.stringify(key)}: `;
  const base = baseIndentAt(text, object.offset);
  if (last === undefined) {
    const indent = base + unit;
    const entry = newline + indent + name + write({ indent, unit, newline });
    const close = endOf(object) - 1;
    const inside = text.slice(object.offset + 1, close);
    // What is in there are comments: they stay, and ours comes behind them.
    const kept = inside.trimEnd();
    const rest = kept === '' || !inside.slice(kept.length).includes('\n') ? newline + base : inside.slice(kept.length);
    return text.slice(0, object.offset + 1) + kept + entry + rest + text.slice(close);
  }
  const end = endOf(last);
  const comma = commaAfter(text, end);
  const isInline = !text.slice(object.offset, endOf(object)).includes('\n');
  const tail = comma === undefined ? '' : ',';
  if (isInline) {
    const entry = ` ${name}${write('inline')}${tail}`;
    return comma === undefined ? splice(text, end, `,${entry}`) : splice(text, comma, entry);
  }
  const firstLine = text.slice(lineStartAt(text, children[0]!.offset), children[0]!.offset);
  const indent = firstLine.trim() === '' ? firstLine : base + unit;
  const behind = restOfLine(text, comma ?? end);
  const isComment = /^[ \t]*(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/[ \t]*)?$/.test(behind);
  const at = (comma ?? end) + (isComment ? behind.length : 0);
  const added = splice(text, at, newline + indent + name + write({ indent, unit, newline }) + tail);
  return comma === undefined ? splice(added, end, ',') : added;
}

const blanks = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

/** Where the comma behind this place ends, if the next thing but blanks and comments is one. */
function commaAfter(text: string, offset: number): number | undefined {
  blanks.lastIndex = offset;
  blanks.exec(text);
  const at = Math.max(offset, blanks.lastIndex);
  return text[at] === ',' ? at + 1 : undefined;
}

/** From here to there, and the whole line or lines where nothing else is in them. */
function widen(text: string, from: number, to: number): [number, number] {
  const start = lineStartAt(text, from);
  const rest = restOfLine(text, to);
  const isAlone = text.slice(start, from).trim() === '' && rest.trim() === '';
  if (!isAlone) return [from, to + (/^[ \t](?=\S)/.test(rest) ? 1 : 0)];
  // With the line end before it: the one behind may be that of a file that ends here.
  return start === 0 ? [from, to] : [start - (text[start - 2] === '\r' ? 2 : 1), to + rest.length];
}
