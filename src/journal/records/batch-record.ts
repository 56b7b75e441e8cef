import { hash } from 'node:crypto';
import type { BatchEnd, BatchHead, KeyedBatch } from '../../core/journal.ts';
import type { JsonObject } from '../../core/json.ts';

/** A batch in memory, while it runs. */
export interface BatchRecord {
  readonly head: BatchHead;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
  /** Where the client has named it. */
  readonly keyed?: { key: string; digest: string };
  end?: { status: BatchEnd['status']; endedAt: number; wallMs: number; report?: string; reply?: string };
}

/** Both come from a reply, whose size has a bound of its own; what is larger is left out. */
const maxEndChars = 8_000_000;

export function endBatch(record: BatchRecord, { status, wallMs, report, reply }: BatchEnd, endedAt: number): void {
  const reportText = toText(report);
  const replyText = record.keyed === undefined || reply === undefined ? undefined : toText(reply);
  record.end = {
    status,
    endedAt,
    wallMs,
    ...(reportText !== undefined && { report: reportText }),
    ...(replyText !== undefined && { reply: replyText }),
  };
}

/** What stands for a key in the file: the digest of it and of whose it is. A client may write anything into a key. */
export function keyOf({ scope, key }: Pick<KeyedBatch, 'scope' | 'key'>): string {
  return hash('sha256', JSON.stringify([scope, key]));
}

function toText(value: JsonObject): string | undefined {
  try {
    const text = JSON.stringify(value);
    return text.length > maxEndChars ? undefined : text;
  } catch {
    return undefined;
  }
}
