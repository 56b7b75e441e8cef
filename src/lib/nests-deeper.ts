import { jsonSigns, endOfString } from './json-signs.ts';

const { quote, openBracket, closeBracket, openBrace, closeBrace } = jsonSigns;

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
