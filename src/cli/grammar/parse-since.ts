const unitMs: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 24 * 3_600_000,
  w: 7 * 24 * 3_600_000,
};

/**
 * A moment as people write it, in milliseconds since the epoch: how long before `now` (`10m`, `2h`, `3d`), or ISO 8601 (`2026-11-21`,
 * `2026-11-21T14:30`, `2026-11-21T14:30:00Z`), which is local time unless it says otherwise. Undefined for anything else.
 */
export function parseSince(written: string, now: number): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(written) ?? [];
  if (digits !== undefined) return now - Number(digits) * (unitMs[unit] ?? Number.NaN);
  const [, day, time = '00:00', zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(written) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  // With its time, since a day alone would be one of UTC.
  const atMs = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** `Date.parse` makes the 3rd of March of the 31st of February. */
function isDay(day: string): boolean {
  const atMs = Date.parse(`${day}T00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(day);
}
