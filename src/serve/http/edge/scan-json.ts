import { endOfString, jsonSigns } from '../../../lib/json-signs.ts';

const { quote, comma, openBracket, closeBracket, openBrace, closeBrace } = jsonSigns;

/** What is wrong with a JSON text beyond its grammar. */
export interface JsonScan {
  /** Objects and arrays stand in one another at more levels than allowed. Nothing else is known then. */
  isTooDeep: boolean;
  /** A key that stands twice in one of the objects looked at. */
  duplicateKey: string | undefined;
}

/**
 * Reads a JSON text once, in linear time and without building it: `JSON.parse` takes the last of two equal keys where another reader
 * takes the first, and a text of brackets alone becomes dozens of times as large in memory. Keys are compared in objects at the outer
 * `keyLevels` levels. Of a text that is no JSON the result means nothing but that it ends.
 */
export function scanJson(text: string, { maxLevels, keyLevels }: { maxLevels: number; keyLevels: number }): JsonScan {
  // By level: the keys seen of the object that is open there, or none where an array is.
  const seen: (Set<string> | undefined)[] = [];
  let level = 0;
  let isKeyNext = false;
  let duplicateKey: string | undefined;

  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote: {
        const end = endOfString(text, at);
        if (end === -1) return { isTooDeep: false, duplicateKey };
        const keys = isKeyNext ? seen[level] : undefined;
        if (keys !== undefined) {
          const key = readKey(text, { at, end });
          if (keys.has(key)) duplicateKey ??= key;
          keys.add(key);
        }
        isKeyNext = false;
        at = end;
        break;
      }
      case openBrace:
      case openBracket:
        level++;
        if (level > maxLevels) return { isTooDeep: true, duplicateKey: undefined };
        seen[level] = text.charCodeAt(at) === openBrace && level <= keyLevels ? new Set() : undefined;
        isKeyNext = true;
        break;
      case closeBrace:
      case closeBracket:
        level--;
        isKeyNext = false;
        break;
      case comma:
        isKeyNext = true;
        break;
      default:
    }
  }
  return { isTooDeep: false, duplicateKey };
}

/** A key as it is meant: `"a\u0062"` is `ab`. */
function readKey(text: string, { at, end }: { at: number; end: number }): string {
  const written = text.slice(at + 1, end);
  if (!written.includes('\\')) return written;
  try {
    return String(JSON.parse(text.slice(at, end + 1)));
  } catch {
    return written;
  }
}
