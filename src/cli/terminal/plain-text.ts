import { stripVTControlCharacters } from 'node:util';

/**
 * Text of a server as a terminal may have it: without escape sequences, without control characters other than tab and line feed,
 * and without the marks that turn the direction of text around what follows.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replaceAll(unsafe, '');
}

/** The same on one line. */
export function plainLine(text: string): string {
  return plainText(text)
    .replaceAll(/[\t\n\u2028\u2029]+/g, ' ')
    .trim();
}

// C0 without tab and line feed, DEL, C1, and the bidirectional marks of Unicode TR 36.
// oxlint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
