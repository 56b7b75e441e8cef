import { plainText } from '../terminal/plain-text.ts';
import { diffLines } from '../import/diff-lines.ts';

/**
 * What differs between two texts of a client's file, without what could be secret in it: of all lines but those of our own entry the
 * texts in quotes and behind `:` and `=` are covered. Names stay. `ownInLine` is our entry as it stands among others in one line.
 */
export function previewLines(
  before: string,
  { after, own, ownInLine }: { after: string; own: string; ownInLine?: string },
): string[] {
  const ours = new Set(own.split('\n').map(bare));
  return diffLines(before, after).map((line) => {
    if (line.startsWith('@@')) return line;
    const [sign, text] = [line.slice(0, 1), line.slice(1)];
    if (sign === '+' && ours.has(bare(text))) return plainText(line);
    return plainText(sign + (sign === '+' ? coverAround(text, ownInLine) : cover(text)));
  });
}

/** The line with all but our own entry covered. What stands behind it is the rest of a table in JSON, or of a list in YAML. */
function coverAround(line: string, own: string | undefined): string {
  const at = own === undefined ? -1 : line.indexOf(own);
  if (own === undefined || at < 0) return cover(line);
  const rest = line.slice(at + own.length);
  return cover(line.slice(0, at)) + own + (/['#]/.test(rest) ? ' …' : coverQuoted(rest));
}

/** A line without its indentation and its comma, which depend on its place. */
function bare(line: string): string {
  return line.trim().replace(/,$/, '');
}

/** Values that tell nothing. */
const plain = String.raw`(?:true|false|null|-?\d[\d.]*)(?=\s*(?:[,}\]]|$))`;

function cover(line: string): string {
  const [indent, text] = [/^\s*/.exec(line)?.[0] ?? '', line.trim()];
  if (/^[[\]{},]*$/.test(text) || isHeader(text)) return line;
  if (/^["{[]/.test(text)) return indent + coverQuoted(text);
  const comment = /^(?:\/\/|\/\*|#)/.exec(text)?.[0];
  if (comment !== undefined) return `${indent}${comment} …`;
  const [, key, value = ''] = /^((?:- )?[\w."'-]+(?:\s*:(?:\s+|$)|\s+=\s*|=\s*(?=[^\s=])))(.*)$/.exec(text) ?? [];
  if (key !== undefined) return indent + key + (value === '' || new RegExp(`^${plain}$`).test(value) ? value : '…');
  const dash = text.startsWith('- ') ? '- ' : '';
  return `${indent}${dash}…`;
}

/** A table of servers in TOML. A list with one text in it looks like any other table's header. */
function isHeader(text: string): boolean {
  return /^\[mcp_servers(?:\.[\w"'-]+)*\]$/.test(text);
}

/** JSON: all texts but names, all comments, and what stands without quotes. */
function coverQuoted(text: string): string {
  const covered = text.replaceAll(
    /("(?:[^"\\]|\\.)*(?:"|$))(\s*:)?|(\/\/.*|\/\*.*)/g,
    (_whole, quoted: string | undefined, colon: string | undefined) =>
      quoted === undefined ? '// …' : colon === undefined ? '"…"' : `${quoted}${colon}`,
  );
  return covered.replaceAll(new RegExp(`([:[,]\\s*)(?!${plain})([^\\s"{}[\\],/][^,}\\]]*)`, 'g'), '$1…');
}
