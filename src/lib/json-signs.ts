/** Character codes of what gives a JSON text its form. */
export const jsonSigns = {
  quote: 0x22,
  comma: 0x2c,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

const backslash = 0x5c;

/** Where the string of a JSON text that begins at `start` ends; -1 if it does not. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === backslash) before -= 1;
    // After an odd number of backslashes a quote is part of the string.
    if ((end - before) % 2 === 0) return end;
  }
  return -1;
}
