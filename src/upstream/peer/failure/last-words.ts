/** Of a program's last lines, as many as a message has room for. */
const shownLines = 3;
const maxChars = 600;

/**
 * Lines around the one that says why, which tell nothing: what Node writes before and behind an error (where it was thrown, frames,
 * brackets, properties, its version), and what npm writes behind every failure.
 */
const tellNothing = [
  /^[\s{}[\]()^~,;]*$/,
  /^node:internal\/|^\s+throw\s/,
  /^\s+at\s/,
  /^\s+\[?\w+\]?: .*[,[{]$|^\s+(?:code|requireStack|errno|syscall|path): /,
  /^Node\.js v\d/,
  /^npm (?:error|ERR!)\s*(?:\d+\s*)?(?:$|Note that you can also|tarball, folder|A complete log of this run)/,
];

/** What a program that has died said last, in one line: the last of its lines that say something. Empty where it said nothing. */
export function lastWords(lines: readonly string[]): string {
  const telling = lines.filter((line) => !tellNothing.some((pattern) => pattern.test(line)));
  const shown = (telling.length > 0 ? telling : lines).slice(-shownLines).map((line) => line.trim());
  return shown.join(' | ').slice(-maxChars);
}
