import type { JsonValue } from '../../core/json.ts';
import type { Problem } from '../../core/place.ts';
import type { Source } from '../../config/source/source.ts';
import { parseJsonSettings } from './parse-json-settings.ts';
import { parseTomlSettings } from './parse-toml-settings.ts';
import { parseYamlSettings } from './parse-yaml-settings.ts';

/** A text as a value with places, or what is wrong with it. */
export type ParsedSettings =
  | ({ ok: true; value: JsonValue } & Pick<Source, 'placeOf'>)
  | { ok: false; problem: Problem };

/** Reads a client's file by its name: TOML, YAML, or JSON with comments and trailing commas. Never throws, whatever the text is. */
export function parseSettings(text: string, file: string): ParsedSettings {
  try {
    if (file.endsWith('.toml')) return parseTomlSettings(text, file);
    return /\.ya?ml$/.test(file) ? parseYamlSettings(text, file) : parseJsonSettings(text, file);
  } catch {
    // Nesting by the thousand takes more stack than there is.
    const message = 'cannot be parsed: it is nested too deeply, or too large';
    return { ok: false, problem: { place: { file, line: 1, column: 1 }, message } };
  }
}
