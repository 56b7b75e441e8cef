import { lineStartAt, newlineOf, restOfLine, splice } from './lines.ts';

/** A table with its header: `[a.b]`, from the line of the header to the last line that says something. */
interface Table {
  path: readonly string[];
  start: number;
  /** Behind the header's line. */
  bodyStart: number;
  end: number;
}

/**
 * The text with these lines as a table at its end, a blank line between. A text whose last line has no end gets none here either, so that
 * `removeTable` finds the way back.
 */
export function appendTable(text: string, table: string): string {
  const newline = newlineOf(text);
  const body = table.replaceAll('\n', newline);
  if (text === '') return body;
  return text.endsWith('\n') ? text + newline + body : text + newline + newline + body.replace(/\r?\n$/, '');
}

/** The text without a table and what is below it, and what that was. Nothing where it has no header of its own, or stands in pieces. */
export function removeTable(text: string, path: readonly string[]): { text: string; removed: string } | undefined {
  const tables = tablesOf(text);
  const mine = tables.filter((table) => isWithin(table.path, path));
  const first = mine[0];
  const last = mine.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (tables.indexOf(last) - tables.indexOf(first) !== mine.length - 1) return undefined;
  const removed = text.slice(first.start, last.end);
  const behind = text.slice(last.end);
  let before = text.slice(0, first.start);
  // The blank line between the table and what was before it; at the end of a file without a last line end, that, too.
  if (/^[ \t]*(?:$|\r?\n)/.test(behind)) before = before.replace(/(^|\n)[ \t]*\r?\n$/, '$1');
  if (behind === '' && !removed.endsWith('\n')) before = before.replace(/\r?\n$/, '');
  return { text: before + behind, removed };
}

/** The text with other lines in the place of a table. */
export function replaceTable(text: string, path: readonly string[], table: string): string | undefined {
  const found = removeTable(text, path);
  if (found === undefined) return undefined;
  const at = text.indexOf(found.removed);
  if (text.indexOf(found.removed, at + 1) >= 0) return undefined;
  return text.slice(0, at) + table.replaceAll('\n', newlineOf(text)) + text.slice(at + found.removed.length);
}

/** The text with `key = true` or `false` in a table, or without the key. Nothing where the table has no header of its own. */
export function setTableFlag(
  text: string,
  { path, key, value }: { path: readonly string[]; key: string; value: boolean | undefined },
): string | undefined {
  const [table, ...others] = tablesOf(text).filter((one) => JSON.stringify(one.path) === JSON.stringify(path));
  if (table === undefined || others.length > 0) return undefined;
  const body = text.slice(table.bodyStart, table.end);
  const found = new RegExp(`^([ \\t]*${key}[ \\t]*=[ \\t]*)(true|false)\\b`, 'm').exec(body);
  if (found === null) {
    if (value === undefined) return text;
    const newline = newlineOf(text);
    const header = text.slice(table.start, table.bodyStart);
    const line = `${key} = ${String(value)}`;
    return header.endsWith('\n')
      ? splice(text, table.bodyStart, line + newline)
      : splice(text, table.bodyStart, newline + line);
  }
  const start = table.bodyStart + found.index;
  if (value !== undefined) {
    return text.slice(0, start) + found[1] + String(value) + text.slice(start + found[0].length);
  }
  const end = start + restOfLine(text, start).length;
  const lineEnd = /^\r?\n/.exec(text.slice(end))?.[0].length ?? 0;
  return text.slice(0, lineStartAt(text, start)) + text.slice(end + lineEnd);
}

function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return outer.every((part, index) => path[index] === part);
}

function tablesOf(text: string): Table[] {
  const tables: Table[] = [];
  let quotes: string | undefined;
  let offset = 0;
  for (const line of text.split('\n')) {
    const start = offset;
    offset += line.length + 1;
    const isInside = quotes !== undefined;
    quotes = quotesAfter(line, quotes);
    const path = isInside ? undefined : headerOf(line);
    const next = Math.min(offset, text.length);
    if (path !== undefined) {
      tables.push({ path, start, bodyStart: next, end: next });
    } else if (isInside || /^\s*[^\s#]/.test(line)) {
      const table = tables.at(-1);
      if (table !== undefined) table.end = next;
    }
  }
  return tables;
}

/** `[a."b c".d]` as its parts; nothing for any other line. Elements of lists of tables are told apart from tables. */
function headerOf(line: string): string[] | undefined {
  const [, isList, inner] = /^\s*\[(\[?)([^\]]*)\]\]?\s*(?:#.*)?$/.exec(line.replace(/\r$/, '')) ?? [];
  if (inner === undefined) return undefined;
  const parts = [...inner.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)/g)];
  const path = parts.map((part) => part[1] ?? part[2] ?? part[3] ?? '');
  return isList === '[' ? [...path, '[]'] : path;
}

/** The quotes of a text of several lines that is still open at the end of the line. */
function quotesAfter(line: string, open: string | undefined): string | undefined {
  let quotes = open;
  for (const [found] of line.matchAll(/"""|'''/g)) {
    if (quotes === undefined) quotes = found;
    else if (quotes === found) quotes = undefined;
  }
  return quotes;
}
