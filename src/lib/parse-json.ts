/** The value that `text` holds as JSON, where `is` recognises it; nothing for other values and for text that is no JSON. */
export function parseJson<T>(text: string, is: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return is(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
