/** A duration for people: `312 ms`, `2.1 s`, `1 min 5 s`. */
export function formatMs(ms: number): string {
  const whole = Math.round(ms);
  if (whole < 1_000) return `${whole} ms`;
  const tenths = Math.round(whole / 100) / 10;
  if (tenths < 60) return `${tenths} s`;
  const seconds = Math.round(whole / 1_000);
  const rest = seconds % 60;
  return `${formatCount(Math.floor(seconds / 60))} min${rest === 0 ? '' : ` ${rest} s`}`;
}

/** A count for people: `18,220`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A count with its noun: `1 call`, `4 calls`. */
export function formatCounted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
