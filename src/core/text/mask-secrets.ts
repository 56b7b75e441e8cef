import type { JsonValue } from '../json.ts';

/** What stands in the place of a secret. */
const hidden = '(hidden)';

/** How much it was: nothing long passes unseen. */
function cover(text: string): string {
  return `(hidden, ${text.length.toLocaleString('en-US')} characters)`;
}

/**
 * The value with what looks secret covered: under names that say so (`password`, `apiKey`, `Authorization`), in pairs of such a name
 * and a value, and wherever a text has the form of a credential. Names and structure stay, so a reader sees that there is something.
 * A guess made to be shown by, never to decide by. Recurses: for values no deeper than JSON that was accepted.
 */
export function maskSecrets(value: JsonValue): JsonValue {
  return mask(value, false);
}

/** Whether the name of a field says that its value is a secret. */
export function isSecretName(name: string): boolean {
  const words = name
    .slice(0, maxNameChars)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const joined = words.join('');
  return words.some((word) => secretWords.has(word)) || secretParts.some((part) => joined.includes(part));
}

// Longer names are no names; what is said of a secret is said at the start.
const maxNameChars = 200;
const secretWords = new Set(['auth', 'bearer', 'cookie', 'cookies', 'cvc', 'cvv', 'jwt', 'otp', 'pass', 'pin', 'pwd']);
const secretParts = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'credential',
  'authorization',
  'apikey',
  'accesskey',
  'privatekey',
  'signingkey',
  'encryptionkey',
];

function mask(value: JsonValue, isSecret: boolean): JsonValue {
  if (typeof value === 'string') return isSecret ? cover(value) : coverCredentials(value);
  if (typeof value === 'number') return isSecret ? hidden : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => mask(element, isSecret));
  const isSecretPair = ['name', 'key', 'header'].some((field) => {
    const name = value[field];
    return typeof name === 'string' && isSecretName(name);
  });
  // A null prototype would not print otherwise, and an own `__proto__` has to stay plain data.
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      // A number of tokens is none.
      const isCount = typeof inner === 'number' && /tokens/i.test(name);
      const covers = isSecret || (isSecretName(name) && !isCount) || (isSecretPair && name === 'value');
      return [name, inner === undefined ? inner : mask(inner, covers)];
    }),
  );
}

/** Word by word, so that the time is linear in the length of the text. What a shell would run is no password of a URL, and shown. */
function coverCredentials(text: string): string {
  return text
    .replaceAll(privateKey, (found: string, begin: string) => `${begin} ${cover(found.slice(begin.length))} `)
    .replaceAll(
      /\b(Bearer|Basic) {1,4}([\w.+/=~-]{8,})/gi,
      (_, scheme: string, key: string) => `${scheme} ${cover(key)}`,
    )
    .replaceAll(
      /(:\/\/[^\s/:@]{0,200}:)([^\s/@$`(|;]{1,200})@/g,
      (_, user: string, word: string) => `${user}${cover(word)}@`,
    )
    .replaceAll(/[\w.-]{16,}/g, (word) => (credential.test(word) ? cover(word) : word));
}

/**
 * A private key in the form of PEM, as far as it is one: long words of base64, and a last one where the end is marked. Whatever else
 * stands behind such a beginning is to be seen: a command, most of all.
 */
const privateKey =
  /(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?:(?:\s|\\[nr])+[\w+/=]{32,})*(?:(?:\s|\\[nr])*[\w+/=]+(?=(?:\s|\\[nr])*-----END ))?(?:\s|\\[nr])*/g;

/** Tokens that tell what they are by how they begin, and JSON Web Tokens. */
const credential =
  /^(?:gh[opsur]_|github_pat_|glpat-|sk-|sk_live_|rk_live_|xox[abeprs]-|npm_|AKIA|ASIA|AIza)[\w-]{12,}$|^eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/;
