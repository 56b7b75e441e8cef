import type { JsonValue } from '../../core/json.ts';

/** A value, or why the text is not JSON. */
export function parseJson(text: string): { value: JsonValue } | { reason: string } {
  try {
    const value: JsonValue = JSON.parse(text);
    return { value };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
