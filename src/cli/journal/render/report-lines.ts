import { formatCount, formatCounted, formatMs } from '../../../batch/reply/format-amount.ts';
import type { RepliedCall } from '../../reply/replied-call.ts';
import { renderCalls } from '../../render/call-lines.ts';
import { renderGantt } from '../../render/gantt.ts';
import { renderTable } from '../../render/table.ts';
import type { Cell } from '../../render/table.ts';
import type { Paint } from '../../terminal/paint.ts';
import { plainLine, plainText } from '../../terminal/plain-text.ts';
import type { Screen } from '../../terminal/screen.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import type { BatchReport } from '../batch-report.ts';
import { formatDay, formatTime } from './local-time.ts';

/** What a person can look after; the log has the rest. */
const maxUnknown = 20;
/** With as many calls as this, the slowest are seen at a glance. */
const fewCalls = 3;

type Look = Screen & { paint: Paint };

/**
 * A batch for people: what it was, then first of all the calls that somebody must look after, what was learnt late, how each call ended,
 * when it ran, and which were slowest.
 */
export function renderReport(report: BatchReport, look: Look): string[] {
  const { batch, calls, timing, unrecorded = 0, slowest } = report;
  const { wrap } = layOut(look);
  const left = `${formatCounted(unrecorded, 'call')} left no record: ${unrecordedWords[batch.status]}`;
  const slow = slowest.map(({ id, tool, runMs }) => plainLine(`${id} ${tool} ${formatMs(runMs)}`));
  return [
    ...wrap(headOf(report)).map(look.paint.bold),
    ...wrap(describeBatch(batch)).map(look.paint.dim),
    ...(unrecorded > 0 ? wrap(left) : []),
    ...renderUnknown(report, look),
    ...renderLate(report, look),
    '',
    ...renderCalls(calls, look),
    ...(calls.length > 0 ? [''] : []),
    ...renderGantt({ calls, timing }, look),
    ...(calls.length > fewCalls && slow.length > 0 ? wrap(`slowest: ${slow.join(', ')}`) : []),
  ];
}

function headOf({ batch, counts }: BatchReport): string {
  const parts = counts.map(([status, count]) => `${formatCount(count)} ${status}`);
  const took = batch.wallMs === undefined ? '' : ` in ${formatMs(batch.wallMs)}`;
  return plainLine(`batch ${batch.batchId}: ${[formatCounted(batch.calls, 'call'), ...parts].join(', ')}${took}`);
}

const endings = {
  completed: 'completed',
  cancelled: 'cancelled',
  running: 'still running',
  interrupted: 'interrupted, since the process that ran it ended',
};

/** Reads are recorded when they end. */
const unrecordedWords = {
  completed: 'never sent',
  cancelled: 'never sent',
  running: 'not sent yet, or reads that have not ended',
  interrupted: 'never sent, or reads that had not ended',
};

function describeBatch({ status, acceptedAt, tool, principal }: BatchReport['batch']): string {
  const time = `${formatDay(acceptedAt)} ${formatTime(acceptedAt).slice(0, 8)}`;
  return plainLine(`${endings[status]}; accepted ${time}, ${tool} of ${principal}`);
}

function renderUnknown({ unknown, batch }: BatchReport, look: Look): string[] {
  if (unknown.length === 0) return [];
  const { wrap, table, paint } = layOut(look);
  const one = unknown.length === 1;
  const head = `effect unknown: ${formatCounted(unknown.length, 'call')} ${one ? 'was' : 'were'} sent, and may have changed something`;
  const more = unknown.length - maxUnknown;
  const rest = `and ${formatCount(more)} more: mcp-marshal log --batch ${plainLine(batch.batchId)} --status unknown`;
  const advice = `see what ${one ? 'it has' : 'they have'} done before ${one ? 'it is' : 'they are'} sent again`;
  return [
    '',
    ...wrap(head).map(paint.bad),
    ...table(unknown.slice(0, maxUnknown).map((call) => unknownRow(call))),
    ...(more > 0 ? wrap(rest) : []),
    ...wrap(advice),
  ];
}

function unknownRow({ id, tool, status, error }: RepliedCall): Cell[] {
  const [line = ''] = plainText(error?.message ?? '').split('\n');
  const code = error === undefined || error.code === status ? '' : ` (${error.code})`;
  const why = `${status}${code}${line === '' ? '' : `: ${line}`}`;
  return [{ text: `  ${plainLine(id)}` }, { text: plainLine(tool) }, { text: plainLine(why) }];
}

function renderLate({ late }: BatchReport, look: Look): string[] {
  if (late.length === 0) return [];
  const { table, wrap } = layOut(look);
  const rows = late.map(({ id, status, applied }) => [
    { text: `  ${plainLine(id)}` },
    { text: plainLine(`${status} after all`) },
    { text: plainLine(`applied: ${applied}`) },
  ]);
  return [
    '',
    ...wrap(`learnt late, of ${formatCounted(late.length, 'call')} whose effect had been unknown:`),
    ...table(rows),
  ];
}

/** A terminal gets lines that it need not break; what reads a pipe finds each of them whole. */
function layOut({ isTerminal, width, unicode, paint }: Look): {
  wrap(text: string): string[];
  table(rows: readonly Cell[][]): string[];
  paint: Paint;
} {
  const most = isTerminal ? width : Infinity;
  return {
    wrap: (text) => wrapText(text, { width: most, indent: 2 }),
    table: (rows) => renderTable(rows, { width: most, mark: unicode ? '…' : '...' }),
    paint,
  };
}
