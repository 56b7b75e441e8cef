/** A moment's day where this program runs: `2026-11-21`. */
export function formatDay(atMs: number): string {
  const at = new Date(atMs);
  return `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1, 2)}-${pad(at.getDate(), 2)}`;
}

/** A moment's time of day where this program runs: `23:41:07.123`. */
export function formatTime(atMs: number): string {
  const at = new Date(atMs);
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => pad(part, 2)).join(':');
  return `${time}.${pad(at.getMilliseconds(), 3)}`;
}

function pad(part: number, digits: number): string {
  return String(part).padStart(digits, '0');
}
