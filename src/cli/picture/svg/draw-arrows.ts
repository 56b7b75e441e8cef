import type { CallLane, Lane } from '../to-lanes.ts';
import { round, xOf, yOf } from './frame.ts';
import type { Frame } from './frame.ts';

/** More than this is a thicket that shows nothing. */
const maxArrows = 200;
/** Of one call: those that ended last are the ones that it has really waited for. */
const maxOfCall = 4;

interface End {
  lane: CallLane;
  row: number;
}

/** An arrow from every call to those that had to wait for it, and strong ones along the critical path. */
export function drawArrows(lanes: readonly Lane[], criticalPath: readonly string[], frame: Frame): string {
  const byId = new Map<string, End>();
  lanes.forEach((lane, row) => {
    if (lane.kind !== 'fold') byId.set(lane.id, { lane, row });
  });
  const critical = criticalPath.flatMap((id) => byId.get(id) ?? []);
  const way = critical.slice(1).map((to, index) => arrowOf(critical[index]!, to, frame));
  const isOnWay = new Set(critical.slice(1).map((to, index) => `${critical[index]!.lane.id}>${to.lane.id}`));
  const others = [...byId.values()]
    .filter(({ lane }) => lane.shape !== 'waited')
    .flatMap((to) => {
      const before = to.lane.waitedFor.flatMap((id) => byId.get(id) ?? []).filter((from) => from.row !== to.row);
      return before
        .sort((a, b) => b.lane.endMs - a.lane.endMs)
        .slice(0, maxOfCall)
        .filter((from) => !isOnWay.has(`${from.lane.id}>${to.lane.id}`))
        .map((from) => arrowOf(from, to, frame));
    })
    .slice(0, maxArrows);
  return [drawAll(others, ['dep', 'tip']), drawAll(way, ['way', 'waytip'])].filter((part) => part !== '').join('\n');
}

interface Arrow {
  line: string;
  tip: string;
}

/** Along the row that it comes from, then down or up to the beginning of the bar. */
function arrowOf(from: End, to: End, frame: Frame): Arrow {
  const [x1, y1] = [xOf(frame, from.lane.endMs), yOf(frame, from.row)];
  const x2 = round(xOf(frame, to.lane.startedMs) + 2);
  const isDown = to.row > from.row;
  const edge = (frame.barHeight / 2 + 1) * (isDown ? -1 : 1);
  const y2 = round(yOf(frame, to.row) + edge);
  const back = isDown ? -4 : 4;
  return {
    line: `M${x1} ${y1}H${x2}V${round(y2 + back)}`,
    tip: `M${x2} ${y2}l-3 ${back}h6z`,
  };
}

function drawAll(arrows: readonly Arrow[], [line, tip]: readonly [line: string, tip: string]): string {
  if (arrows.length === 0) return '';
  const lines = arrows.map((arrow) => arrow.line).join('');
  return `<path class="${line}" d="${lines}"/><path class="${tip}" d="${arrows.map((arrow) => arrow.tip).join('')}"/>`;
}
