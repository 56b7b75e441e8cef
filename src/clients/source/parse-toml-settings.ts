import { parse, TomlError } from 'smol-toml';
import type { ParsedSettings } from './parse-settings.ts';
import { findTomlPlaces } from './find-toml-places.ts';
import { toJsonValue } from './to-json-value.ts';

/** TOML. The library knows no places of values, so those are found by looking at the lines. */
export function parseTomlSettings(text: string, file: string): ParsedSettings {
  try {
    const value = toJsonValue(parse(text, { maxDepth: 100 }));
    const lines = findTomlPlaces(text);
    return {
      ok: true,
      value,
      placeOf(path) {
        for (let length = path.length; length > 0; length -= 1) {
          const found = lines.get(JSON.stringify(path.slice(0, length).map(String)));
          if (found !== undefined) return { file, ...found };
        }
        return { file, line: 1, column: 1 };
      },
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [, message = error.message] = /^Invalid TOML document: ([^\n]*)/.exec(error.message) ?? [];
    const place = { file, line: error.line, column: error.column };
    return { ok: false, problem: { place, message: `is not valid TOML: ${message}` } };
  }
}
