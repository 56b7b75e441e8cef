/**
 * Whether objects and arrays stand in one another at more than `maxLevels` levels in a JSON text, found without building it: from
 * brackets alone, `JSON.parse` makes dozens of times their length in memory, and half a second's worth of it at a stretch. Linear in the
 * text's length. Of a text that is no JSON the answer means nothing.
 */
export function nestsDeeper(text: string, maxLevels: number): boolean {
  let level = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === quote) {
      at = endOfString(text, at);
      if (at === -1) return false;
    } else if (sign === openBracket || sign === openBrace) {
      level += 1;
      if (level > maxLevels) return true;
    } else if (sign === closeBracket || sign === closeBrace) level -= 1;
  }
  return false;
}

const quote = 0x22;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Where the string that begins at `start` ends; -1 if it does not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === backslash) before -= 1;
    // After an odd number of backslashes a quote is part of the string.
    if ((end - before) % 2 === 0) return end;
  }
  return -1;
}
