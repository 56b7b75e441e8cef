/** Longer waits are not worth a timer: whoever asks for one is not to be called again in this batch. */
const longestMs = 3_600_000;

/** How long a server asks to be left alone: seconds, or a date (RFC 9110, 10.2.3). `now` is in milliseconds since 1970. */
export function readRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : parseDate(text) - now;
  return Number.isNaN(waitMs) ? undefined : Math.min(longestMs, Math.max(0, waitMs));
}

/** `Date.parse` reads a year out of any number. */
function parseDate(text: string): number {
  return /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
}
