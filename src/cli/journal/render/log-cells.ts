import { formatCounted, formatMs } from '../../../batch/reply/format-amount.ts';
import type { LoggedCall } from '../../../core/journal.ts';
import { plainLine, plainText } from '../../terminal/plain-text.ts';
import type { LogColumn } from './log-columns.ts';
import { formatDay, formatTime } from './local-time.ts';

/** What the columns say of one call; nothing in it can steer a terminal. */
export function toLogCells(call: LoggedCall, { withDay }: { withDay: boolean }): Record<LogColumn, string> {
  const { startedAt, status, runMs, server, tool, batchId, callId } = call;
  const time = formatTime(startedAt);
  return {
    time: withDay ? `${formatDay(startedAt)} ${time}` : time,
    status,
    applied: describeApplied(call),
    took: runMs === undefined || status === 'running' || status === 'interrupted' ? '-' : formatMs(runMs),
    tool: plainLine(`${server}__${tool}`),
    // A call that a client made by itself is named as its tool is.
    call: batchId === undefined ? '-' : plainLine(`${batchId} ${callId}`),
    note: describeEnd(call),
  };
}

/** Reads change nothing, and of a call that runs nobody can know yet. */
function describeApplied({ class: toolClass, status, applied }: LoggedCall): string {
  return (toolClass === 'read' && applied !== 'unknown') || status === 'running' ? '-' : applied;
}

function describeEnd({ code, message, attempts, isLate }: LoggedCall): string {
  const [line = ''] = plainText(message ?? '')
    .trim()
    .split('\n');
  // What is short and tells most comes first: little room may be left.
  const words = [
    code ?? '',
    isLate === true ? 'learnt late' : '',
    attempts > 1 ? formatCounted(attempts, 'attempt') : '',
  ];
  const said = words.filter((word) => word !== '').join(', ');
  return [said, plainLine(line)].filter((part) => part !== '').join(': ');
}
