/** What the lines of a text end in, by the first of them. */
export function newlineOf(text: string): '\n' | '\r\n' {
  return /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n';
}

/** One step of indentation, as the first indented line has it; two blanks where there is none. */
export function indentUnitOf(text: string): string {
  return /^(\t|  +)(?=[^\s*])/m.exec(text)?.[1] ?? '  ';
}

export function lineStartAt(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** What is before the first sign of the line in which this place is. */
export function baseIndentAt(text: string, offset: number): string {
  return /^\uFEFF?([ \t]*)/.exec(text.slice(lineStartAt(text, offset)))?.[1] ?? '';
}

/** From this place to the end of its line, which is not part of it. */
export function restOfLine(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(offset, end < 0 ? undefined : end).replace(/\r$/, '');
}

export function splice(text: string, at: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at);
}
