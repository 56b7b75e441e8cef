import type { LoggedCall } from '../../core/journal.ts';

/** What became of the calls of one tool. Times are milliseconds; absent where none of the calls has ended. */
export interface ToolTotals {
  server: string;
  tool: string;
  calls: number;
  ok: number;
  /** Ended in any other way, or without a recorded end. */
  errors: number;
  /** Of all calls, those whose effect nobody knows. */
  unknown: number;
  running: number;
  p50Ms?: number;
  p95Ms?: number;
}

/** The totals of each tool that was called, by server, the most called first. */
export function totalTools(calls: readonly LoggedCall[]): ToolTotals[] {
  const groups = new Map<string, LoggedCall[]>();
  for (const call of calls) {
    const key = JSON.stringify([call.server, call.tool]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [call]);
    else group.push(call);
  }
  const totals = [...groups.values()].map(totalTool);
  return totals.sort((a, b) => compare(a.server, b.server) || b.calls - a.calls || compare(a.tool, b.tool));
}

function totalTool(calls: readonly LoggedCall[]): ToolTotals {
  const [first] = calls;
  const running = calls.filter(({ status }) => status === 'running').length;
  const ok = calls.filter(({ status }) => status === 'ok').length;
  const times = calls.flatMap(({ runMs }) => runMs ?? []).sort((a, b) => a - b);
  const [p50Ms, p95Ms] = [percentile(times, 0.5), percentile(times, 0.95)];
  return {
    server: first?.server ?? '',
    tool: first?.tool ?? '',
    calls: calls.length,
    ok,
    errors: calls.length - ok - running,
    unknown: calls.filter(({ applied, status }) => applied === 'unknown' && status !== 'running').length,
    running,
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p95Ms !== undefined && { p95Ms }),
  };
}

/** The nearest rank: a time that a call really took. */
function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
