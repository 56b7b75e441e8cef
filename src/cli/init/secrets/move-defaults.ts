import { isSecretSetting } from './secret-spans.ts';
import type { SecretSpan } from './secret-spans.ts';

/**
 * The text with variables without defaults in the place of those whose default looks secret: `${TOKEN:-sk-…}` is `${TOKEN}`, or whatever
 * `keep` has made of it. `judge` finds what is secret in a text of this kind, so that what stands around a default counts as well.
 */
export function moveDefaults(
  text: string,
  judge: (text: string) => readonly SecretSpan[],
  keep: (variable: string, fallback: string) => string,
): string {
  const written = /(?<!\$)\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*):-([^}]{1,500})\}/g;
  return text.replaceAll(written, (whole: string, variable: string, fallback: string, at: number) => {
    const plain = text.slice(0, at) + fallback + text.slice(at + whole.length);
    const isSecret =
      isSecretSetting(variable, fallback) ||
      judge(plain).some(({ start, end }) => start < at + fallback.length && end > at);
    return isSecret ? `\${${keep(variable, fallback)}}` : whole;
  });
}
