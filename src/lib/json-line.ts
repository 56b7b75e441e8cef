/** The value that a line holds as JSON, where `is` recognises it; nothing for other values and for text that is no JSON. */
export function parseLine<T>(line: string, is: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return is(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A value as one line with its newline; nothing for a value that cannot be written, such as one nested thousands of levels deep. */
export function toLine(value: object): string | undefined {
  try {
    return `${JSON.stringify(value)}\n`;
  } catch {
    return undefined;
  }
}
