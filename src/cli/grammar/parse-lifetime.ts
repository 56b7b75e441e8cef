/** How long something counts, in milliseconds; absent: for ever. */
export interface Lifetime {
  ms: number | undefined;
}

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000, w: 7 * 24 * 3_600_000 };
/** Who writes more means for ever, and had better say so. */
const longestMs = 3650 * 24 * 3_600_000;

/** `12h`, `90d`, `8w`, or `never`; undefined for anything else, for nothing and for more than ten years. */
export function parseLifetime(written: string): Lifetime | undefined {
  if (written === 'never') return { ms: undefined };
  const [, digits, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(written) ?? [];
  const ms = Number(digits) * (unitMs[unit] ?? Number.NaN);
  return ms > 0 && ms <= longestMs ? { ms } : undefined;
}
