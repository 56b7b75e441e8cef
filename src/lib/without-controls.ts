/** Control characters but line ends and tabs, and those that turn text around or hide it from a person who reads along. */
const controls = /[^\P{Cc}\n\t]|[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/gu;

/** A text without them, and with `\n` at the ends of its lines. */
export function withoutControls(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(controls, '');
}
