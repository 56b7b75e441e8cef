import type { SecretSpan } from './secret-spans.ts';

/** Fields of JSON with a text, or a list of texts, as their value; quotes in a JSON that is a text itself are escaped. */
const field =
  /(\\?)"([\w.-]{1,100})\1"\s{0,20}:\s{0,20}(?:\1"((?:[^"\\]|\\(?!")[^]|\\"(?!\s{0,20}[,}\]]))*)|(\[[^\]]{0,2000}\]))/dg;

/** The values of JSON's fields whole, blanks, commas and escaped quotes included, where `isSecret` says so of name and value. */
export function jsonSpans(text: string, isSecret: (name: string, value: string) => boolean): SecretSpan[] {
  return [...text.matchAll(field)].flatMap((match): SecretSpan[] => {
    const [, , label = '', value, list] = match;
    if (value !== undefined) {
      const [start = 0, end = 0] = match.indices?.[3] ?? [];
      // `Bearer` says how it is meant.
      const scheme = /^(?:bearer|basic|token)\s+/i.exec(value)?.[0].length ?? 0;
      return isSecret(label, value) ? [{ start: start + scheme, end, label }] : [];
    }
    const [from = 0] = match.indices?.[4] ?? [];
    return [...(list ?? '').matchAll(/"([^"\\]+)\\?"/g)].flatMap(({ index, 1: element = '' }) => {
      const start = from + index + 1;
      return isSecret(label, element) ? [{ start, end: start + element.length, label }] : [];
    });
  });
}
