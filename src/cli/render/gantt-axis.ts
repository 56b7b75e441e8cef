import { formatMs } from '../../batch/reply/format-amount.ts';

/** A label and the space behind it: closer ticks could not be told apart. */
const leastTickWidth = 10;

/** The time axis of a chart: a mark and a round time every so often, exactly as long as the plot or shorter. */
export function drawAxis({ totalMs, width, unicode }: { totalMs: number; width: number; unicode: boolean }): string {
  const stepMs = roundStep((totalMs / Math.max(1, width)) * leastTickWidth);
  let line = '';
  for (let atMs = 0; atMs <= totalMs; atMs += stepMs) {
    const label = `${unicode ? '│' : '|'}${atMs === 0 ? '0' : formatMs(atMs)}`;
    const cell = Math.floor((atMs / totalMs) * width);
    if (cell + label.length > width) break;
    line = line.padEnd(cell) + label;
  }
  return line;
}

/** The smallest of 1, 2 and 5 times a power of ten that is at least this. No tick is closer than a millisecond. */
export function roundStep(leastMs: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, leastMs)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= leastMs) ?? power * 10;
}
