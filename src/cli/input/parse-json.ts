import type { JsonValue } from '../../core/json.ts';
import { plainLine } from '../terminal/plain-text.ts';

/** A value, or why the text is not JSON. */
export function parseJson(text: string): { value: JsonValue } | { reason: string } {
  try {
    const value: JsonValue = JSON.parse(text);
    return { value };
  } catch (error) {
    // The runtime quotes the text as it is, line ends included.
    return { reason: plainLine(error instanceof Error ? error.message : String(error)) };
  }
}
