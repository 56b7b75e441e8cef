import { formatCount, formatMs } from '../../batch/reply/format-amount.ts';
import { hasRun } from '../reply/replied-call.ts';
import type { ShownStatus } from '../reply/replied-call.ts';
import { plainLine } from '../terminal/plain-text.ts';

/** When one call ran. Times are milliseconds from the start of the batch. */
export interface GanttCall {
  id: string;
  tool: string;
  status: ShownStatus;
  attempts: number;
  startedMs: number;
  runMs: number;
  /** `forEach`: the call for each element. */
  items?: readonly GanttCall[];
  deduplicatedOf?: string;
  cached?: true;
}

/** One line of a chart. */
export interface GanttRow {
  label: string;
  isCritical: boolean;
  status: ShownStatus;
  startedMs: number;
  runMs: number;
  /** `span`: not a call itself, but its elements, from the first to the last. `blank`: it stands for rows that are left out. */
  kind: 'ran' | 'span' | 'waited' | 'blank';
  /** What stands behind the picture. */
  end: string;
}

/** As many elements show how a call went through its list; the rest would push the other calls off the screen. */
const maxItems = 8;

/**
 * A row per call, in the order asked, and under a call for each element of a list, rows for its elements. Ids are filled up to the
 * longest, so that names stand one below the other; one longer than `idWidth` does not count.
 */
export function toGanttRows(
  calls: readonly GanttCall[],
  { criticalPath, mark, idWidth: most }: { criticalPath: readonly string[]; mark: string; idWidth: number },
): GanttRow[] {
  const critical = new Set(criticalPath);
  const idWidth = Math.max(0, ...calls.map(({ id }) => id.length).filter((chars) => chars <= most));
  return calls.flatMap((call) => {
    const { items = [] } = call;
    const row = items.length > 0 ? toSpan({ call, items, idWidth }) : toRow(call, labelOf(call, idWidth));
    const isCritical = [call, ...items].some(({ id }) => critical.has(id));
    const elements = items
      .slice(0, maxItems)
      .map((item) => ({ ...toRow(item, item.id), isCritical: critical.has(item.id) }))
      .map((element) => ({ ...element, label: `  ${element.label}` }));
    return [{ ...row, isCritical }, ...elements, ...restOf(call, { count: items.length - maxItems, mark })];
  });
}

function labelOf({ id, tool }: GanttCall, idWidth: number): string {
  return `${id.padEnd(idWidth)} ${tool}`;
}

function toRow(call: GanttCall, label: string): GanttRow {
  const { status, startedMs, runMs } = call;
  const kind = hasRun(call) ? 'ran' : 'waited';
  const words = [
    status === 'ok' ? '' : status,
    // How long one ran that was interrupted, nobody knows.
    kind === 'ran' && status !== 'interrupted' ? formatMs(runMs) : '',
    call.cached === true ? 'cached' : '',
    call.deduplicatedOf === undefined ? '' : `same as ${plainLine(call.deduplicatedOf)}`,
  ];
  const end = words.filter((word) => word !== '').join(' ');
  return { label: plainLine(label), isCritical: false, status, startedMs, runMs, kind, end };
}

/** A call for each element takes from the start of the first of them to the end of the last. */
function toSpan(bag: { call: GanttCall; items: readonly GanttCall[]; idWidth: number }): GanttRow {
  const { call, items, idWidth } = bag;
  const ran = items.filter(hasRun);
  const row = toRow({ ...call, attempts: 0 }, labelOf(call, idWidth));
  if (ran.length === 0) return row;
  const startedMs = ran.reduce((least, item) => Math.min(least, item.startedMs), Infinity);
  const runMs = endOf(ran) - startedMs;
  return { ...row, kind: 'span', startedMs, runMs, end: `${row.end} ${formatMs(runMs)}`.trimStart() };
}

function restOf({ status }: GanttCall, { count, mark }: { count: number; mark: string }): GanttRow[] {
  if (count <= 0) return [];
  const label = `  ${mark} and ${formatCount(count)} more`;
  return [{ label, isCritical: false, status, startedMs: 0, runMs: 0, kind: 'blank', end: '' }];
}

/** When the last of these calls, or of their elements, has ended. */
export function endOf(calls: readonly GanttCall[]): number {
  return calls.reduce(
    (end, { startedMs, runMs, items = [] }) => Math.max(end, startedMs + (items.length > 0 ? 0 : runMs), endOf(items)),
    0,
  );
}
