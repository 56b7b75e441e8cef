import type { JsonValue } from '../../core/json.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import { measureValue } from './measure-value.ts';

/** No line holds more, and a server may write as much as a message takes. */
const maxValueChars = 1_000;

/**
 * A value that a server wrote, as JSON of which nothing ends a line or turns it around, for all that JSON leaves such characters as they
 * are; `…` in the place of a long one. `chars`: what it cost, with what was looked at in vain.
 */
export function quoteValue(value: JsonValue): { text: string; chars: number } {
  const { chars, isTooDeep } = measureValue(value, { most: maxValueChars });
  if (chars > maxValueChars || isTooDeep) return { text: '…', chars: maxValueChars };
  const text = showInvisible(JSON.stringify(value));
  return { text, chars: text.length };
}

/** A field as a signature names it. What is no plain name is quoted, so that none ends the signature and goes on in our words. */
export function fieldName(name: string): string {
  return /^[\p{L}\p{N}_$@.:-]+$/u.test(name) ? name : quoteValue(name).text;
}
