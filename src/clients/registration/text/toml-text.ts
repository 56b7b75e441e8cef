import { lineStartAt, newlineOf, restOfLine, splice } from './lines.ts';

/** A table with its header: `[a.b]`, from the line of the header to the last line that says something. */
interface Table {
  path: readonly string[];
  start: number;
  /** Behind the header's line. */
  bodyStart: number;
  end: number;
  /** Where its keys and their values begin. */
  keys: readonly number[];
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

/** The text without a table and what is below it, and what that was, also where it stands in pieces. Nothing where it has no header of its own. */
export function removeTable(text: string, path: readonly string[]): { text: string; removed: string } | undefined {
  const tables = tablesOf(text);
  const from = tables.findIndex((table) => isWithin(table.path, path));
  const first = tables[from];
  if (first === undefined) return undefined;
  const others = tables.slice(from).findIndex((table) => !isWithin(table.path, path));
  const last = tables.at(others < 0 ? -1 : from + others - 1) ?? first;
  const removed = text.slice(first.start, last.end);
  const behind = text.slice(last.end);
  let before = text.slice(0, first.start);
  // The blank line between the table and what was before it; at the end of a file without a last line end, that, too.
  if (/^[ \t]*(?:$|\r?\n)/.test(behind)) before = before.replace(/(^|\n)[ \t]*\r?\n$/, '$1');
  if (behind === '' && !removed.endsWith('\n')) before = before.replace(/\r?\n$/, '');
  const rest = removeTable(before + behind, path);
  return rest === undefined ? { text: before + behind, removed } : { text: rest.text, removed: removed + rest.removed };
}

/** The text with other lines in the place of a table. */
export function replaceTable(text: string, path: readonly string[], table: string): string | undefined {
  const found = removeTable(text, path);
  if (found === undefined) return undefined;
  const at = text.indexOf(found.removed);
  if (at < 0 || text.indexOf(found.removed, at + 1) >= 0) return undefined;
  return text.slice(0, at) + table.replaceAll('\n', newlineOf(text)) + text.slice(at + found.removed.length);
}

/** The text with `key = true` or `false` in a table, or without the key. Nothing where the table has no header of its own. */
export function setTableFlag(
  text: string,
  { path, key, value }: { path: readonly string[]; key: string; value: boolean | undefined },
): string | undefined {
  const [table, ...others] = tablesOf(text).filter((one) => JSON.stringify(one.path) === JSON.stringify(path));
  if (table === undefined || others.length > 0) return undefined;
  const flag = new RegExp(`([ \\t]*(["']?)${key}\\2[ \\t]*=[ \\t]*)(?:true|false)\\b`, 'y');
  const [found] = table.keys.flatMap((start) => {
    flag.lastIndex = start;
    const [whole, left = ''] = flag.exec(text) ?? [];
    return whole === undefined ? [] : [{ start, whole, left }];
  });
  if (found === undefined) {
    if (value === undefined) return text;
    const newline = newlineOf(text);
    const header = text.slice(table.start, table.bodyStart);
    const line = `${key} = ${String(value)}`;
    return header.endsWith('\n')
      ? splice(text, table.bodyStart, line + newline)
      : splice(text, table.bodyStart, newline + line);
  }
  const { start, whole, left } = found;
  if (value !== undefined) return text.slice(0, start) + left + String(value) + text.slice(start + whole.length);
  const end = start + restOfLine(text, start).length;
  const lineEnd = /^\r?\n/.exec(text.slice(end))?.[0].length ?? 0;
  return text.slice(0, lineStartAt(text, start)) + text.slice(end + lineEnd);
}

function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return outer.every((part, index) => path[index] === part);
}

function tablesOf(text: string): Table[] {
  const tables: (Table & { keys: number[] })[] = [];
  for (const { start, end } of statementsOf(text)) {
    const line = text.slice(start, end);
    const path = headerOf(line);
    const table = tables.at(-1);
    if (path !== undefined) {
      tables.push({ path, start, bodyStart: end, end, keys: [] });
    } else if (table !== undefined && /^\s*[^\s#]/.test(line)) {
      table.end = end;
      table.keys.push(start);
    }
  }
  return tables;
}

/** What a line of TOML is made of, as far as it tells where a value ends: quotes mean nothing in a comment, nor brackets in quotes. */
const signs =
  /#[^\n]*|"""(?:\\[\s\S]|(?!""")[\s\S])*"{3,5}|'''(?:(?!''')[\s\S])*'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[[\]{}\n]/g;

/** The lines of a text, each with all that belongs to its value. */
function statementsOf(text: string): { start: number; end: number }[] {
  const statements: { start: number; end: number }[] = [];
  let start = 0;
  let depth = 0;
  for (const { 0: sign, index } of text.matchAll(signs)) {
    if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth -= 1;
    else if (sign === '\n' && depth <= 0) {
      statements.push({ start, end: index + 1 });
      start = index + 1;
      depth = 0;
    }
  }
  if (start < text.length) statements.push({ start, end: text.length });
  return statements;
}

/** `[a."b c".d]` as its parts; nothing for any other line. Elements of lists of tables are told apart from tables. */
function headerOf(line: string): string[] | undefined {
  const [, isList, inner] =
    /^\s*\[(\[?)((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\]"'])*)\]\]?\s*(?:#.*)?$/.exec(line.trimEnd()) ?? [];
  if (inner === undefined) return undefined;
  const parts = [...inner.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+/g)];
  const path = parts.map(([part]) => unquote(part));
  return isList === '[' ? [...path, '[]'] : path;
}

function unquote(part: string): string {
  if (part.startsWith("'")) return part.slice(1, -1);
  if (!part.startsWith('"')) return part;
  try {
    return String(JSON.parse(part));
  } catch {
    // An escape that JSON has not.
    return part.slice(1, -1);
  }
}
