import type { LoggedCall } from '../../core/journal.ts';
import type { Bindable } from '../sqlite/connection.ts';

/** Which calls are wanted; what is absent does not matter. */
export interface CallFilter {
  batchId?: string;
  server?: string;
  /** The tool's name at its server. */
  tool?: string;
  status?: LoggedCall['status'];
  /** Started then or later; milliseconds since the epoch. */
  since?: number;
  /** Asked of every call that passes the rest. */
  where?: (call: LoggedCall) => boolean;
}

export function matches(call: LoggedCall, { batchId, server, tool, status, since, where }: CallFilter): boolean {
  return (
    (batchId === undefined || call.batchId === batchId) &&
    (server === undefined || call.server === server) &&
    (tool === undefined || call.tool === tool) &&
    (status === undefined || call.status === status) &&
    (since === undefined || call.startedAt >= since) &&
    (where === undefined || where(call))
  );
}

/** What a row must hold for one of its calls to match: it leaves out rows that need not be parsed, and `matches` decides. */
export function toCondition({ batchId, server, tool, since }: CallFilter): { sql: string; values: Bindable[] } {
  const conditions: { sql: string; value: Bindable }[] = [];
  if (batchId !== undefined) conditions.push({ sql: 'batch_id = ?', value: batchId });
  if (since !== undefined) conditions.push({ sql: 'at >= ?', value: since });
  // As they stand in the text, which JSON.stringify has written.
  if (server !== undefined)
    conditions.push({ sql: 'instr(calls, ?) > 0', value: `"server":${JSON.stringify(server)}` });
  if (tool !== undefined) conditions.push({ sql: 'instr(calls, ?) > 0', value: `"tool":${JSON.stringify(tool)}` });
  return {
    sql: ['1', ...conditions.map(({ sql }) => sql)].join(' AND '),
    values: conditions.map(({ value }) => value),
  };
}
