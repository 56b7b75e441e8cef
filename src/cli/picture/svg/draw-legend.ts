import { textWidth } from '../../terminal/text-width.ts';
import type { Lane } from '../to-lanes.ts';
import type { Frame } from './frame.ts';
import { fillOf } from './gantt-style.ts';
import { markOf } from './status-mark.ts';

const rowHeight = 20;
/** Of the words' font, a little generous: nobody knows which one there is. */
const unitsPerColumn = 6.6;
const signWidth = 26;
const gap = 18;

interface Entry {
  sign: string;
  word: string;
}

/** What the signs in these lanes mean, in as many rows as it takes. */
export function drawLegend(lanes: readonly Lane[], y: number, frame: Frame): { svg: string; height: number } {
  let [x, row] = [frame.left, 0];
  const parts = entriesOf(lanes).map(({ sign, word }) => {
    const width = signWidth + textWidth(word) * unitsPerColumn;
    if (x > frame.left && x + width > frame.width - frame.left) [x, row] = [frame.left, row + 1];
    const at = `<g transform="translate(${Math.round(x)} ${y + row * rowHeight})">${sign}<text class="words quiet" x="${signWidth}" y="4">${word}</text></g>`;
    x += width + gap;
    return at;
  });
  return { svg: parts.join('\n'), height: (row + 1) * rowHeight };
}

function entriesOf(lanes: readonly Lane[]): Entry[] {
  const calls = lanes.flatMap((lane) => (lane.kind === 'fold' ? [] : lane));
  const ran = calls.filter(({ shape }) => shape !== 'waited');
  const classes = (['read', 'write', 'destructive', 'unknown'] as const)
    .filter((drawn) => ran.some((lane) => lane.class === drawn))
    .map((drawn) => ({
      sign: `<rect ${fillOf(drawn, 'bar')} y="-6" width="20" height="12" rx="2"/>`,
      word: drawn === 'unknown' ? 'class not recorded' : drawn,
    }));
  const marks = [...new Set(calls.map(({ status }) => status))].flatMap((status) => {
    const mark = markOf(status);
    return mark === undefined
      ? []
      : { sign: `<path class="mark ${mark.tone}" transform="translate(12 0)" d="${mark.path}"/>`, word: mark.word };
  });
  const waits = calls.some(({ queuedFromMs, startedMs }) => startedMs - queuedFromMs >= 1);
  const follows = ran.some(({ waitedFor }) => waitedFor.length > 0);
  return [
    ...classes,
    ...(waits ? [{ sign: '<path class="wait" d="M0 0H20"/>', word: 'waiting' }] : []),
    ...(follows
      ? [{ sign: '<path class="dep" d="M2-6H14V1"/><path class="tip" d="M14 5l-3-4h6z"/>', word: 'had to end first' }]
      : []),
    ...(calls.length > 1 && calls.some(({ isCritical }) => isCritical)
      ? [
          {
            sign: '<rect class="bar critical" x="1" y="-5" width="18" height="10" rx="2" fill="none"/>',
            word: 'critical path',
          },
        ]
      : []),
    ...marks,
  ];
}
