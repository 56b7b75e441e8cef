import { isSecretName } from '../../core/text/mask-secrets.ts';

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
  const plain = values.flatMap((value) => value.split(/\r?\n/)).filter((value) => value.length >= minSecretChars);
  const secrets = [...new Set(plain.flatMap(formsOf))].sort((a, b) => b.length - a.length);
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

/** As it is printed: itself, quoted in JSON and in a line of the log that holds JSON, in a URL or a form, in base64 of either alphabet. */
function formsOf(secret: string): string[] {
  const quoted = quote(secret);
  const inUrl = encodeURIComponent(Buffer.from(secret).toString());
  return [
    secret,
    quoted,
    quote(quoted),
    inUrl,
    inUrl.replaceAll('%20', '+'),
    inUrl.replaceAll(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase()),
    ...base64Of(secret),
  ];
}

function quote(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/**
 * What is the same of its base64 wherever it stands in what was encoded, as in `user:secret`: without the signs at either end that its
 * neighbours have a part in. Nothing of a short one, of which too little would be left to know it by.
 */
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret);
  if (bytes.length < minEncodedBytes) return [];
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const isWhole = (before + bytes.length) % 3 === 0;
    const known = encoded.slice(before === 0 ? 0 : before + 1, isWhole ? undefined : -1);
    return [known, known.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const minEncodedBytes = 8;

/** What of a server's configuration is not to be shown: what came by variables, and whatever it is given as environment or headers. */
export function secretsOf(
  { env = {}, headers = {} }: { env?: Readonly<Record<string, string>>; headers?: Readonly<Record<string, string>> },
  substituted: readonly string[] = [],
): string[] {
  // Without the scheme that stands before it, as in `Bearer …`.
  const credentials = Object.values(headers).map((value) => value.slice(value.lastIndexOf(' ') + 1));
  return [...Object.values(env), ...Object.values(headers), ...credentials, ...substituted];
}

/**
 * The same for errors that go to clients, which need to read them: what of the environment is written in the configuration itself under a
 * name that does not say that it is secret, such as a folder or a project, stays.
 */
export function quotableSecretsOf(
  { env = {}, headers = {} }: Parameters<typeof secretsOf>[0],
  substituted: readonly string[] = [],
): string[] {
  const secret = Object.entries(env).filter(([name]) => isSecretName(name));
  return secretsOf({ env: Object.fromEntries(secret), headers }, substituted);
}
