/** What several commands take in the same way. */
export const jsonOption = ['--json', 'print one JSON object for programs'] as const;

/** The end of a command's help. */
export function example(text: string): string {
  return `\nExample:\n  ${text}`;
}
