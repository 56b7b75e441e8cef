import { type Connection, inTransaction, numberOf, textOf } from '../sqlite/connection.ts';
import { parseCalls } from './stored-calls.ts';

/** What an earlier process left unended. */
export interface Recovered {
  batches: number;
  calls: number;
}

/**
 * Ends what an earlier process left open, as interrupted: calls that had begun (only those that can change something are recorded
 * before they end) with an unknown effect. They count as ended now, when that was noticed.
 */
export function recover(connection: Connection, nowMs: number): Recovered {
  return inTransaction(connection, () => {
    const open = connection.rows('SELECT seq, CAST(calls AS BLOB) FROM j.calls WHERE is_open IS NOT NULL');
    for (const [seq, calls] of open) {
      const ended = parseCalls(textOf(calls) ?? '').map((call) => ({ ...call, status: 'interrupted', endedAt: nowMs }));
      connection.run('UPDATE j.calls SET is_open = NULL, calls = ? WHERE seq = ?', [
        JSON.stringify(ended),
        numberOf(seq) ?? 0,
      ]);
    }
    const batches = numberOf(connection.rows('SELECT count(*) FROM j.batches WHERE ended_at IS NULL')[0]?.[0]) ?? 0;
    connection.run("UPDATE j.batches SET ended_at = ?, status = 'interrupted' WHERE ended_at IS NULL", [nowMs]);
    return { batches, calls: open.length };
  });
}
