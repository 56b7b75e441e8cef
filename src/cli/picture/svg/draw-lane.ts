import { formatCounted, formatMs } from '../../../batch/reply/format-amount.ts';
import { peakOf } from '../../journal/peak-of.ts';
import { escapeMarkup } from '../escape-markup.ts';
import type { CallLane, FoldedLane, Lane } from '../to-lanes.ts';
import { round, xOf, yOf } from './frame.ts';
import type { Frame } from './frame.ts';
import { fillOf } from './gantt-style.ts';
import { markOf } from './status-mark.ts';

/** Columns of each text; the rest is in the title that shows under the pointer. */
export const textColumns = { id: 12, tool: 34, note: 18, title: 200 };
/** A bar that cannot be seen says that nothing ran. */
const leastBar = 2;
/** As many steps of a profile as can be told apart. */
const profileSteps = 120;

/** One row: its names, when it waited and ran, how it ended. */
export function drawLane(lane: Lane, row: number, frame: Frame): string {
  return lane.kind === 'fold' ? drawFold(lane, row, frame) : drawCall(lane, row, frame);
}

function drawCall(lane: CallLane, row: number, frame: Frame): string {
  const { status, isCritical, note } = lane;
  const y = yOf(frame, row);
  const mark = markOf(status);
  const from = xOf(frame, lane.startedMs);
  const to = lane.shape === 'waited' ? from : Math.max(from + leastBar, xOf(frame, lane.endMs));
  const markAt = round(Math.min(frame.plotTo + 6, to + 8));
  const tone = mark === undefined ? 'quiet' : mark.tone;
  return [
    `<g><title>${escapeMarkup(titleOf(lane), textColumns.title)}</title>`,
    drawNames(lane, y, frame),
    drawWait(lane, y, frame),
    ...drawBar(lane, { from, to, y, frame, isCritical }),
    mark === undefined
      ? ''
      : `<path class="mark ${mark.tone}" transform="translate(${markAt} ${y})" d="${mark.path}"/>`,
    `<text class="note ${tone}" x="${frame.noteAt}" y="${y + 4}">${escapeMarkup(note, textColumns.note)}</text></g>`,
  ]
    .filter((part) => part !== '')
    .join('');
}

function drawNames({ kind, id, tool, isCritical }: CallLane, y: number, { left, nameAt }: Frame): string {
  const strong = isCritical ? ' class="strong"' : '';
  const indent = kind === 'element' ? nameAt : left;
  const idText = `<text class="quiet${isCritical ? ' strong' : ''}" x="${indent}" y="${y + 4}">${escapeMarkup(id, textColumns.id)}</text>`;
  if (kind === 'element') return idText;
  return `${idText}<text${strong} x="${nameAt}" y="${y + 4}">${escapeMarkup(tool, textColumns.tool)}</text>`;
}

function drawWait({ queuedFromMs, startedMs, shape }: CallLane, y: number, frame: Frame): string {
  const [from, to] = [xOf(frame, queuedFromMs), xOf(frame, startedMs)];
  return to - from < 1 || shape === 'span' ? '' : `<path class="wait" d="M${from} ${y}H${to}"/>`;
}

function drawBar(
  { shape, class: drawn }: CallLane,
  { from, to, y, frame, isCritical }: { from: number; to: number; y: number; frame: Frame; isCritical: boolean },
): string[] {
  const fill = fillOf(drawn, isCritical ? 'bar critical' : 'bar');
  const width = round(to - from);
  const { barHeight } = frame;
  if (shape === 'waited') return [];
  if (shape === 'ran') {
    const top = round(y - barHeight / 2);
    return [`<rect ${fill} x="${from}" y="${top}" width="${width}" height="${barHeight}" rx="2"/>`];
  }
  // From the first element to the last: a bracket, as its bars stand below.
  const foot = round(y + barHeight / 2);
  return [`<path ${fill} d="M${from} ${foot}V${y - 2}H${to}V${foot}L${round(to - 3)} ${y + 2}H${round(from + 3)}Z"/>`];
}

/** How many ran at a time, as a hill: each step is as high as calls were running in it on average, the highest as high as a bar. */
function drawFold({ calls, elements, runs }: FoldedLane, row: number, frame: Frame): string {
  const y = yOf(frame, row);
  const { left, noteAt, barHeight, plotFrom, plotTo, totalMs } = frame;
  const stepMs = totalMs / profileSteps;
  const counts = Array.from({ length: profileSteps }, (_, step) => {
    const [from, to] = [step * stepMs, (step + 1) * stepMs];
    // A call that took no whole millisecond has run all the same.
    const inside = runs.map(
      ({ startedMs, endMs }) => Math.min(to, Math.max(endMs, startedMs + 1)) - Math.max(from, startedMs),
    );
    return inside.reduce((sum, ms) => sum + Math.max(0, ms), 0) / stepMs;
  });
  const most = Math.max(...counts, Number.EPSILON);
  const foot = round(y + barHeight / 2);
  const step = (plotTo - plotFrom) / profileSteps;
  const hill = counts.map((count, index) => {
    const top = round(foot - (count / most) * barHeight);
    return `V${top}H${round(plotFrom + (index + 1) * step)}`;
  });
  const label = [
    calls > 0 ? formatCounted(calls, 'more call') : '',
    elements > 0 ? formatCounted(elements, calls > 0 ? 'element' : 'more element') : '',
  ].filter((part) => part !== '');
  const peak = peakOf(runs.map(({ startedMs, endMs }) => ({ startedMs, runMs: endMs - startedMs })));
  const note = peak > 0 ? `up to ${peak} at once` : '';
  return (
    `<g><title>${label.join(', ')}: how many ran when</title>` +
    `<text class="quiet" x="${left}" y="${y + 4}">… ${label.join(', ')}</text>` +
    (runs.length > 0 ? `<path class="fold" d="M${plotFrom} ${foot}${hill.join('')}V${foot}Z"/>` : '') +
    `<text class="note quiet" x="${noteAt}" y="${y + 4}">${note}</text></g>`
  );
}

function titleOf({
  id,
  tool,
  class: drawn,
  status,
  code,
  note,
  queuedFromMs,
  startedMs,
  attempts,
  shape,
}: CallLane): string {
  const parts = [
    `${id}${tool === '' ? '' : ` ${tool.slice(0, textColumns.title)}`}: ${drawn}, ${status}${code === undefined ? '' : ` (${code})`}`,
    startedMs - queuedFromMs >= 1 ? `waited ${formatMs(startedMs - queuedFromMs)}` : '',
    shape === 'waited' ? '' : `started at ${formatMs(startedMs)}`,
    shape === 'ran' ? note : '',
    attempts > 1 ? `${attempts} attempts` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
