/** Where a key stands; both count from 1. */
interface LinePlace {
  line: number;
  column: number;
}

/** `a`, `"a b"` or `'a b'`, and a dot behind it where the key goes on. */
const keyPart = /\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.)?/y;

/**
 * Where the keys of a valid TOML text stand, by the JSON of their path: tables, and the keys directly at the beginning of a line. Of
 * lists of tables each has its index. Values inside inline tables, and lines inside of texts of several lines, are not looked at:
 * what is found is for people to go to, and the nearest key above will do.
 */
export function findTomlPlaces(text: string): ReadonlyMap<string, LinePlace> {
  const places = new Map<string, LinePlace>();
  const counts = new Map<string, number>();
  let table: string[] = [];
  let quotes: string | undefined;
  text.split('\n').forEach((line, index) => {
    const isInside = quotes !== undefined;
    quotes = quotesAfter(line, quotes);
    if (isInside) return;
    const column = line.length - line.trimStart().length + 1;
    const place = { line: index + 1, column };
    const [, brackets, header = ''] = /^\s*(\[{1,2})(.*)$/.exec(line) ?? [];
    // An element of a list over several lines begins so, too: it is no header without its closing bracket and nothing behind.
    if (brackets !== undefined && /\]\s*(?:#.*)?$/.test(header)) {
      const path = readKey(header);
      if (path === undefined) return;
      table = path;
      if (brackets === '[[') {
        const key = JSON.stringify(path);
        const count = counts.get(key) ?? 0;
        counts.set(key, count + 1);
        table = [...path, String(count)];
      }
      note(places, table, place);
      return;
    }
    const key = readKey(line);
    if (key !== undefined && /=/.test(line)) note(places, [...table, ...key], place);
  });
  return places;
}

function note(places: Map<string, LinePlace>, path: readonly string[], place: LinePlace): void {
  const key = JSON.stringify(path);
  if (!places.has(key)) places.set(key, place);
}

function readKey(text: string): string[] | undefined {
  const parts: string[] = [];
  keyPart.lastIndex = 0;
  for (;;) {
    const found = keyPart.exec(text);
    if (found === null) return undefined;
    parts.push(found[1] ?? found[2] ?? found[3] ?? '');
    if (found[4] === undefined) return parts;
  }
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
