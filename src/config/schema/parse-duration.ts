/** Timers of the runtime overflow at 2^31 ms (24.8 days); nothing that a client waits for needs more than a day. */
const longestMs = 24 * 3_600_000;
const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `250ms`, `30s`, `2m`, `1h` as milliseconds; undefined for anything else, for nothing (`0s`) and for more than 24 hours. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(digits) * (unitMs[unit ?? ''] ?? Number.NaN);
  return ms >= 1 && ms <= longestMs ? ms : undefined;
}
