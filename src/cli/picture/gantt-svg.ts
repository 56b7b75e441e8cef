import { formatCount, formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import { roundStep } from '../render/gantt-axis.ts';
import { endOf } from '../render/gantt-rows.ts';
import { escapeMarkup, shownColumns } from './escape-markup.ts';
import type { PicturedBatch } from './picture-call.ts';
import { drawArrows } from './svg/draw-arrows.ts';
import { drawLane, textColumns } from './svg/draw-lane.ts';
import { drawLegend } from './svg/draw-legend.ts';
import { round, xOf } from './svg/frame.ts';
import type { Frame } from './svg/frame.ts';
import { drawPatterns, ganttStyle } from './svg/gantt-style.ts';
import { toLanes } from './to-lanes.ts';
import type { Lane } from './to-lanes.ts';

/** Of the fonts for names, whichever there is. */
const unitsPerColumn = 7.3;
/** A label and the space behind it. */
const leastTickWidth = 64;
/** With more rows than this, the times stand at the top as well. */
const manyRows = 25;
const [width, left, noteWidth, rowHeight] = [960, 16, 136, 22];

/**
 * When the calls of a batch ran, as an SVG that stands alone: a lane per call in the order asked, light and dark, without scripts,
 * fonts or anything else from elsewhere. Equal batches give equal text. At most 81 lanes: of more calls, those that failed, were
 * critical or took long are drawn, and the others as how many of them ran at a time.
 */
export function renderGanttSvg(batch: PicturedBatch): string {
  const { calls, timing } = batch;
  const criticalPath = timing.criticalPath ?? [];
  const lanes = toLanes(calls, criticalPath);
  const frame = layOut(lanes, Math.max(1, timing.wallMs, endOf(calls)));
  const foot = frame.top + lanes.length * rowHeight;
  const legend = drawLegend(lanes, foot + 44, frame);
  const height = foot + 44 + legend.height;
  const { title, description } = describeBatch(batch);
  return `<svg xmlns="http://www.w3.org/2000/svg" class="gantt" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="gantt-title gantt-desc">
<title id="gantt-title">${title}</title>
<desc id="gantt-desc">${description}</desc>
<style>
${ganttStyle}
</style>
<defs>
${drawPatterns()}
</defs>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="head" x="${left}" y="28">${title}</text>
<text class="words quiet" x="${left}" y="48">${describeGain(batch)}</text>
${drawAxis(frame, lanes.length)}
${lanes.map((lane, row) => drawLane(lane, row, frame)).join('\n')}
${drawArrows(lanes, criticalPath, frame)}
${legend.svg}
</svg>
`;
}

function layOut(lanes: readonly Lane[], totalMs: number): Frame {
  const calls = lanes.flatMap((lane) => (lane.kind === 'call' ? lane : []));
  const columnsOf = (texts: readonly string[], most: number): number =>
    Math.max(3, ...texts.map((text) => shownColumns(text, most)));
  const idColumns = columnsOf(
    calls.map(({ id }) => id),
    textColumns.id,
  );
  const toolColumns = columnsOf(
    calls.map(({ tool }) => tool),
    textColumns.tool,
  );
  const nameAt = round(left + (idColumns + 1) * unitsPerColumn);
  return {
    width,
    left,
    nameAt,
    plotFrom: Math.ceil(nameAt + (Math.max(toolColumns, 20 - idColumns) + 1) * unitsPerColumn),
    plotTo: width - noteWidth - 18,
    noteAt: width - noteWidth,
    top: lanes.length > manyRows ? 84 : 64,
    rowHeight,
    barHeight: 12,
    totalMs,
  };
}

/** Lines and times at round moments. */
function drawAxis(frame: Frame, rows: number): string {
  const { plotFrom, plotTo, top, totalMs } = frame;
  const stepMs = roundStep((totalMs / (plotTo - plotFrom)) * leastTickWidth);
  const foot = top + rows * rowHeight;
  const ticks = Array.from({ length: Math.floor(totalMs / stepMs) + 1 }, (_, index) => index * stepMs);
  const lines = ticks.map((ms) => `M${xOf(frame, ms)} ${top - 4}V${foot + 4}`).join('');
  const labels = ticks.flatMap((ms) => {
    const text = `class="quiet" x="${xOf(frame, ms)}" text-anchor="middle"`;
    const label = ms === 0 ? '0' : formatMs(ms);
    return [
      ...(rows > manyRows ? [`<text ${text} y="${top - 10}">${label}</text>`] : []),
      `<text ${text} y="${foot + 18}">${label}</text>`,
    ];
  });
  return `<path class="grid" d="${lines}"/>\n${labels.join('')}`;
}

function describeBatch({ batchId, calls, timing, total = calls.length }: PicturedBatch): {
  title: string;
  description: string;
} {
  const { wallMs, serialMs, isOpen } = timing;
  const took = isOpen === true ? `at least ${formatMs(wallMs)}` : formatMs(wallMs);
  const counts = new Map<string, number>();
  for (const { status } of calls) counts.set(status, (counts.get(status) ?? 0) + 1);
  const ends = [...counts].map(([status, count]) => `${formatCount(count)} ${status.replace('_', ' ')}`).join(', ');
  return {
    title: `${formatCounted(total, 'call')} in ${took} (${formatMs(serialMs)} one by one)`,
    description: `Gantt chart of batch ${escapeMarkup(batchId, 64)}: when each call waited and ran. ${ends}.`,
  };
}

function describeGain({ batchId, timing }: PicturedBatch): string {
  const { lowerBoundMs, bound, wallMs, serialMs, isOpen, peakParallel } = timing;
  const parts = [
    `batch ${batchId}`,
    isOpen === undefined && wallMs > 0 && serialMs > wallMs ? `${(serialMs / wallMs).toFixed(1)} times as fast` : '',
    `at most ${peakParallel} at once`,
    lowerBoundMs === undefined || lowerBoundMs === 0
      ? ''
      : `at best ${formatMs(lowerBoundMs)}${bound === undefined ? '' : ` (${bound})`}`,
  ];
  return escapeMarkup(parts.filter((part) => part !== '').join(' · '), 130);
}
