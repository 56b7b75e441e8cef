import { formatMs } from '../../batch/reply/format-amount.ts';
import { toolClasses } from '../../core/tool.ts';
import type { ToolClass } from '../../core/tool.ts';
import { endOf } from '../render/gantt-rows.ts';
import { hasRun } from '../reply/replied-call.ts';
import type { ShownStatus } from '../reply/replied-call.ts';
import type { PicturedCall } from './picture-call.ts';

/** One line of a picture. Times are milliseconds from the start of the batch. */
export type Lane = CallLane | FoldedLane;

export interface CallLane {
  kind: 'call' | 'element';
  id: string;
  tool: string;
  class: ToolClass | 'unknown';
  status: ShownStatus;
  isCritical: boolean;
  /** `span`: not a call itself, but its elements, from the first to the last. `waited`: it was never sent. */
  shape: 'ran' | 'span' | 'waited';
  queuedFromMs: number;
  startedMs: number;
  endMs: number;
  attempts: number;
  waitedFor: readonly string[];
  /** What stands behind the picture. */
  note: string;
  code?: string;
}

/** Calls that are drawn as one: how many of them ran when. */
export interface FoldedLane {
  kind: 'fold';
  calls: number;
  elements: number;
  runs: readonly { startedMs: number; endMs: number }[];
}

/** More of a list's elements say nothing new of how the call went through it. */
const maxElements = 8;
/** What still can be read in one look, and a page of a blog has room for. */
const maxLanes = 80;
/** Of those, calls by themselves; between any two of them there may be a fold. */
const maxKept = maxLanes / 2;

/** The calls of a batch as lanes, in the order asked; of very many, those that matter, and the others folded between them. */
export function toLanes(calls: readonly PicturedCall[], criticalPath: readonly string[]): Lane[] {
  const critical = new Set(criticalPath);
  return fold(calls.flatMap((call) => lanesOf(call, critical)));
}

/** A call, its first elements, and the others as one. */
function lanesOf(call: PicturedCall, critical: ReadonlySet<string>): Lane[] {
  const { items = [], class: toolClass } = call;
  if (items.length === 0) return [toLane(call, { kind: 'call', isCritical: critical.has(call.id) })];
  const ran = items.filter(hasRun);
  const isCritical = [call, ...items].some(({ id }) => critical.has(id));
  const whole = toLane(call, { kind: 'call', isCritical });
  const startedMs = Math.min(...ran.map((item) => item.startedMs), Infinity);
  const span: CallLane =
    ran.length === 0
      ? { ...whole, shape: 'waited' }
      : { ...whole, shape: 'span', startedMs, endMs: endOf(ran), note: noteOf(call, endOf(ran) - startedMs) };
  const elements = items
    .map((item) => ({ ...item, tool: '', ...(toolClass !== undefined && { class: toolClass }) }))
    .map((item) => toLane(item, { kind: 'element', isCritical: critical.has(item.id) }));
  const rest = elements.slice(maxElements);
  return [span, ...elements.slice(0, maxElements), ...(rest.length > 0 ? [foldLanes(rest)] : [])];
}

function toLane(call: PicturedCall, { kind, isCritical }: Pick<CallLane, 'kind' | 'isCritical'>): CallLane {
  const { id, tool, status, attempts, startedMs, queuedMs, runMs, waitedFor, error } = call;
  const ran = hasRun(call);
  return {
    kind,
    id,
    tool,
    class: toolClasses.find((known) => known === call.class) ?? 'unknown',
    status,
    isCritical,
    shape: ran ? 'ran' : 'waited',
    queuedFromMs: Math.max(0, startedMs - queuedMs),
    startedMs,
    endMs: startedMs + (ran ? runMs : 0),
    attempts,
    waitedFor,
    // How long one ran that was interrupted, nobody knows.
    note: noteOf(call, ran && status !== 'interrupted' ? runMs : undefined),
    ...(error !== undefined && { code: error.code }),
  };
}

function noteOf({ status, cached, deduplicatedOf }: PicturedCall, runMs: number | undefined): string {
  const words = [
    status === 'ok' ? '' : status.replace('_', ' '),
    runMs === undefined ? '' : formatMs(runMs),
    cached === true ? 'cached' : '',
    deduplicatedOf === undefined ? '' : `same as ${deduplicatedOf}`,
  ];
  return words.filter((word) => word !== '').join(' ');
}

function fold(lanes: readonly Lane[]): Lane[] {
  if (lanes.length <= maxLanes) return [...lanes];
  const kept = new Set(
    lanes
      .filter((lane) => lane.kind !== 'fold')
      // `sort` is stable: of equals, those that were asked for first.
      .sort((a, b) => weightOf(b) - weightOf(a) || b.endMs - b.startedMs - (a.endMs - a.startedMs))
      .slice(0, maxKept),
  );
  const shown: Lane[] = [];
  let folded: Lane[] = [];
  const close = (): void => {
    const [only] = folded;
    if (folded.length === 1 && only !== undefined) shown.push(only);
    else if (folded.length > 1) shown.push(foldLanes(folded));
    folded = [];
  };
  for (const lane of lanes) {
    if (lane.kind === 'fold' || !kept.has(lane)) {
      folded.push(lane);
      continue;
    }
    close();
    shown.push(lane);
  }
  close();
  return shown;
}

/** Who looks for what went wrong, or for what made it slow, finds it whatever the number of calls. */
function weightOf({ status, isCritical, class: toolClass }: CallLane): number {
  const trouble = status === 'ok' ? 0 : status === 'skipped' ? 1 : 3;
  return (isCritical ? 4 : 0) + trouble + (toolClass === 'destructive' ? 2 : toolClass === 'write' ? 0.5 : 0);
}

function foldLanes(lanes: readonly Lane[]): FoldedLane {
  const folds = lanes.filter((lane) => lane.kind === 'fold');
  const alone = lanes.filter((lane) => lane.kind !== 'fold');
  const count = (kind: CallLane['kind']): number => alone.filter((lane) => lane.kind === kind).length;
  return {
    kind: 'fold',
    calls: count('call') + folds.reduce((sum, { calls }) => sum + calls, 0),
    elements: count('element') + folds.reduce((sum, { elements }) => sum + elements, 0),
    runs: [
      ...alone.filter(({ shape }) => shape === 'ran').map(({ startedMs, endMs }) => ({ startedMs, endMs })),
      ...folds.flatMap(({ runs }) => runs),
    ],
  };
}
