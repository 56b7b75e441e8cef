// Shorter values are words such as `warn` or `true`: no secrets, and blanking them out would make lines unreadable.
const minSecretChars = 6;

/** Blanks out the secrets of a server in what the server itself prints, or what is said of it. */
export interface Redactor {
  redact(text: string): string;
  /** The same for text whose end is missing: what could be the beginning of a secret goes too. */
  redactCut(text: string): string;
}

export function createRedactor(values: readonly string[]): Redactor {
  // By lines, as it is printed and read. Longest first, so that a value which contains another goes whole.
  const secrets = values
    .flatMap((value) => value.split(/\r?\n/))
    .filter((value) => value.length >= minSecretChars)
    .sort((a, b) => b.length - a.length);
  const longestChars = secrets[0]?.length ?? 0;
  const redact = (text: string): string => secrets.reduce((shown, secret) => shown.replaceAll(secret, '•••'), text);
  return {
    redact,
    redactCut(text) {
      const shown = redact(text);
      return shown.slice(0, Math.max(0, shown.length - longestChars));
    },
  };
}

/** What of a server's configuration is not to be shown: what came by variables, and whatever it is given as environment or headers. */
export function secretsOf(
  { env = {}, headers = {} }: { env?: Readonly<Record<string, string>>; headers?: Readonly<Record<string, string>> },
  substituted: readonly string[] = [],
): string[] {
  // Without the scheme that stands before it, as in `Bearer …`.
  const credentials = Object.values(headers).map((value) => value.slice(value.lastIndexOf(' ') + 1));
  return [...Object.values(env), ...Object.values(headers), ...credentials, ...substituted];
}
