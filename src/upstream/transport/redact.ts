// Shorter values are words such as `warn` or `true`: no secrets, and blanking them out would make lines unreadable.
const minSecretChars = 6;

/** A function that blanks out the values of a server's configured environment in what the server itself prints. */
export function createRedactor(env: Readonly<Record<string, string>>): (text: string) => string {
  // By lines, as it is printed and read. Longest first, so that a value which contains another goes whole.
  const secrets = Object.values(env)
    .flatMap((value) => value.split(/\r?\n/))
    .filter((value) => value.length >= minSecretChars)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '•••'), text);
}
