import { parseSource } from '../../config/source/parse-source.ts';
import type { ParsedSettings } from './parse-settings.ts';

/** YAML. A key that stands there twice, or an alias of nothing, leaves the rest usable, as it does for most clients. */
export function parseYamlSettings(text: string, file: string): ParsedSettings {
  const { usable, problems } = parseSource(text, file);
  const [first] = problems;
  if (usable !== undefined) return { ok: true, value: usable.value, placeOf: usable.placeOf };
  const { place = { file, line: 1, column: 1 }, message = 'it cannot be read' } = first ?? {};
  return { ok: false, problem: { place, message: `is not valid YAML: ${message}` } };
}
