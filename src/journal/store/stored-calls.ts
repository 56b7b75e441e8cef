import type { LoggedCall } from '../../core/journal.ts';
import { isJsonObject } from '../../core/json.ts';
import type { StoredCall } from '../records/call-record.ts';
import { type Cell, numberOf, textOf } from '../sqlite/connection.ts';

/** What a query for `toLoggedCalls` selects. */
export const callColumns = 'seq, CAST(batch_id AS BLOB), is_open, CAST(calls AS BLOB)';

/** The calls of a row, in order; none where it is damaged. */
export function toLoggedCalls([key, batchCell, , calls]: readonly Cell[]): LoggedCall[] {
  const last = numberOf(key) ?? 0;
  const batchId = textOf(batchCell);
  const stored = parseCalls(textOf(calls) ?? '');
  return stored.map((call, index) => ({
    seq: last - stored.length + 1 + index,
    ...(batchId !== undefined && { batchId }),
    ...call,
  }));
}

export function parseCalls(text: string): StoredCall[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isStoredCall) : [];
  } catch {
    return [];
  }
}

/** We wrote it; this keeps out what damage or another hand could have left. */
function isStoredCall(value: unknown): value is StoredCall {
  if (!isJsonObject(value)) return false;
  return (
    ['callId', 'principal', 'server', 'tool', 'class', 'argumentsDigest', 'status', 'applied'].every(
      (key) => typeof value[key] === 'string',
    ) && typeof value['startedAt'] === 'number'
  );
}
