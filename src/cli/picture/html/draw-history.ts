import { formatCount, formatCounted } from '../../../batch/reply/format-amount.ts';
import type { LoggedCall } from '../../../core/journal.ts';
import { formatDay, formatTime } from '../../journal/render/local-time.ts';

const [width, height, left, foot] = [960, 140, 48, 110];
const top = 12;
/** As many bars as can be told apart. */
const maxBars = 80;
const minuteMs = 60_000;
/** A bar stands for a length of time that people have a name for. */
const stepsMs = [1, 5, 15, 60, 6 * 60, 24 * 60, 7 * 24 * 60].map((minutes) => minutes * minuteMs);

/** How many calls there were when, and how many of them were not ok. */
export function drawHistory(calls: readonly Pick<LoggedCall, 'startedAt' | 'status'>[]): string {
  const firstAt = calls.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity);
  const lastAt = calls.reduce((last, { startedAt }) => Math.max(last, startedAt), 0);
  const spanMs = lastAt - firstAt + 1;
  const stepMs = stepsMs.find((step) => spanMs / step <= maxBars) ?? Math.ceil(spanMs / maxBars);
  const bars = Array.from({ length: Math.ceil(spanMs / stepMs) }, () => ({ all: 0, failed: 0 }));
  for (const { startedAt, status } of calls) {
    const bar = bars[Math.floor((startedAt - firstAt) / stepMs)];
    if (bar === undefined) continue;
    bar.all += 1;
    if (status !== 'ok' && status !== 'running') bar.failed += 1;
  }
  const most = bars.reduce((highest, { all }) => Math.max(highest, all), 1);
  const step = Math.min(40, (width - left - 16) / bars.length);
  const drawn = bars.map(({ all, failed }, index) => {
    const x = left + index * step;
    const rect = (count: number, tone: string): string => {
      const high = count === 0 ? 0 : Math.max(1, (count / most) * (foot - top));
      return `<rect class="${tone}" x="${tenth(x)}" y="${tenth(foot - high)}" width="${tenth(Math.max(1, step - 1))}" height="${tenth(high)}"/>`;
    };
    const from = firstAt + index * stepMs;
    const words = `${at(from)}: ${formatCounted(all, 'call')}, ${formatCount(failed)} not ok`;
    return all === 0
      ? ''
      : `<g><title>${words}</title>${rect(all, 'all')}${failed > 0 ? rect(failed, 'failed') : ''}</g>`;
  });
  const text = 'font-size="12" fill="currentColor"';
  const end =
    bars.length * step > 300
      ? `<text ${text} x="${tenth(left + bars.length * step)}" y="128" text-anchor="end">${at(lastAt)}</text>`
      : '';
  return `<svg class="strip" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="calls over time">
<text ${text} x="${left - 6}" y="${top + 8}" text-anchor="end">${formatCount(most)}</text>
<text ${text} x="${left - 6}" y="${foot}" text-anchor="end">0</text>
<path d="M${left} ${foot + 0.5}H${width - 16}" stroke="currentColor" opacity=".4"/>
${drawn.join('')}
<text ${text} x="${left}" y="128">${at(firstAt)}</text>${end}
</svg>`;
}

function at(ms: number): string {
  return `${formatDay(ms)} ${formatTime(ms).slice(0, 5)}`;
}

function tenth(units: number): number {
  return Math.round(units * 10) / 10;
}
