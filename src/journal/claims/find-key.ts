import type { Outcome } from '../../core/outcome.ts';
import { statuses } from '../../core/outcome.ts';
import type { RecoveredCall } from '../../core/journal.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { type Connection, numberOf, textOf } from '../sqlite/connection.ts';
import { callColumns, toLoggedCalls } from '../store/stored-calls.ts';

/** A batch that has, or had, a key. */
export interface KeyHolder {
  batchId: string;
  digest: string;
  acceptedAt: number;
  /** `open`: no end is recorded, which says nothing about whether its process lives. */
  state: 'open' | 'interrupted' | 'ended';
  reply?: JsonObject;
  /** Of a batch that has not ended: its calls that were sent. */
  calls: ReadonlyMap<string, RecoveredCall>;
}

/** Those in one file that are open, or ended since then. */
export function findKey(connection: Connection, { key, sinceMs }: { key: string; sinceMs: number }): KeyHolder[] {
  const rows = connection.rows(keySql, [key, sinceMs]);
  return rows.map(([batchCell, digest, acceptedAt, endedAt, status, reply]) => {
    const batchId = textOf(batchCell) ?? '';
    const state = endedAt === null ? 'open' : textOf(status) === 'interrupted' ? 'interrupted' : 'ended';
    const parsed = parse(textOf(reply));
    return {
      batchId,
      digest: textOf(digest) ?? '',
      acceptedAt: numberOf(acceptedAt) ?? 0,
      state,
      ...(isJsonObject(parsed) && { reply: parsed }),
      calls: state === 'ended' ? new Map() : findCalls(connection, batchId),
    };
  });
}

const keySql = `
SELECT CAST(batch_id AS BLOB), CAST(digest AS BLOB), accepted_at, ended_at, CAST(status AS BLOB), CAST(reply AS BLOB)
FROM j.batches WHERE key = ? AND (ended_at IS NULL OR ended_at >= ?)`;

function findCalls(connection: Connection, batchId: string): Map<string, RecoveredCall> {
  const outcomes = new Map<string, Outcome>();
  const kept = connection.rows(
    'SELECT CAST(call_id AS BLOB), CAST(outcome AS BLOB) FROM j.outcomes WHERE batch_id = ?',
    [batchId],
  );
  for (const [callId, text] of kept) {
    const outcome = parse(textOf(text));
    if (isOutcome(outcome)) outcomes.set(textOf(callId) ?? '', outcome);
  }
  const rows = connection.rows(`SELECT ${callColumns} FROM j.calls WHERE batch_id = ? ORDER BY seq`, [batchId]);
  const calls = new Map(
    rows.flatMap(toLoggedCalls).map((call): [string, RecoveredCall] => {
      const outcome = outcomes.get(call.callId);
      return [call.callId, { class: call.class, ...(outcome !== undefined && { outcome }) }];
    }),
  );
  // Reads are recorded later than their outcomes are kept.
  for (const [callId, outcome] of outcomes) {
    if (!calls.has(callId)) calls.set(callId, { class: outcome.applied === 'no' ? 'read' : 'write', outcome });
  }
  return calls;
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null || !('status' in value) || !('attempts' in value)) return false;
  return statuses.some((status) => status === value.status);
}
