import { posix, win32 } from 'node:path';
import { shorten } from '../client.ts';
import type { ServerEntry } from '../client.ts';
import type { ExpansionPlace, Piece, VariableSyntax } from './variable-syntax.ts';

/** A client's text in the variables of our configuration, what has to be in the environment for it, and what was lost on the way. */
export interface ConvertedText {
  text: string;
  inputs: ServerEntry['inputs'];
  reasons: readonly string[];
}

/** In one text; a command line has a handful. */
const maxVariables = 100;

/** Text that is to stay as it is where our configuration expands variables. What follows an escaped `${`, up to its `}`, stays too. */
export function literally(text: string): string {
  return text.replaceAll(/\$\{[^}]*\}?/g, (found) => `$${found}`);
}

/** Writes a client's text with variables of ours. Without a syntax the client expands nothing, and all of it is meant literally. */
export function convertText(written: string, syntax: VariableSyntax | undefined, place: ExpansionPlace): ConvertedText {
  const inputs: { variable: string; meaning: string }[] = [];
  const reasons: string[] = [];
  let text = '';
  let rest = 0;
  let count = 0;
  for (const match of syntax === undefined ? [] : written.matchAll(syntax.pattern)) {
    const piece = syntax?.toPiece(match, place);
    if (piece === undefined) continue;
    count += 1;
    if (count > maxVariables) break;
    text += literally(written.slice(rest, match.index));
    rest = match.index + match[0].length;
    const ours = render(piece, place);
    if (text.lastIndexOf('${') > text.lastIndexOf('}')) {
      reasons.push('what follows a ${ that is never closed is taken literally');
    }
    // `$${` would escape it.
    const isSwallowing = ours.startsWith('${') && text.endsWith('$');
    if (isSwallowing) reasons.push('a $ stands directly before a variable, and is left out');
    text = (isSwallowing ? withoutDollars(text) : text) + ours;
    if ('note' in piece && piece.note !== undefined) reasons.push(piece.note);
    if ('variable' in piece && piece.meaning !== undefined) {
      inputs.push({ variable: piece.variable, meaning: shorten(piece.meaning) });
    }
  }
  if (count > maxVariables) reasons.push(`more than ${maxVariables} variables stand in one text`);
  return { text: text + literally(written.slice(rest)), inputs, reasons };
}

function withoutDollars(text: string): string {
  let end = text.length;
  while (text[end - 1] === '$') end -= 1;
  return text.slice(0, end);
}

function render(piece: Piece, { directory, home, isWindows }: ExpansionPlace): string {
  if ('text' in piece) return literally(piece.text);
  if ('variable' in piece) return `\${${piece.variable}${piece.fallback === undefined ? '' : `:-${piece.fallback}`}}`;
  const { join, resolve } = isWindows ? win32 : posix;
  const path = /^~[\\/]/.test(piece.file) ? join(home, piece.file.slice(2)) : resolve(directory, piece.file);
  return `\${file:${path}}`;
}
