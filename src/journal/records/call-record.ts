import { hash } from 'node:crypto';
import type { CallEnd, CallHead, LoggedCall } from '../../core/journal.ts';
import { canonicalJson, type JsonObject } from '../../core/json.ts';

/** A call in memory, from the moment that it is about to be sent. Times are milliseconds since the epoch. */
export interface CallRecord {
  readonly head: CallHead;
  readonly startedAt: number;
  end?: CallEnd & { endedAt: number };
  /** Its process gave it up unended at this time. */
  interruptedAt?: number;
  /** Of its arguments, once computed. */
  digest?: string;
}

/** A call as it stands in the file; the rest of a `LoggedCall` is in columns. */
export type StoredCall = Omit<LoggedCall, 'seq' | 'batchId'>;

/** Errors' messages are for people; nobody reads more of one. */
const maxMessageChars = 2_000;
/** Arguments as text; a few megabytes of them may be sent, and a journal holds thousands of calls. */
const maxArgumentsChars = 1_000_000;

export interface StoredCallOptions {
  arguments: 'digest' | 'full';
}

export function toStoredCall(record: CallRecord, options: StoredCallOptions): StoredCall {
  const { head, startedAt, end, interruptedAt } = record;
  record.digest ??= digestOf(head.arguments);
  const isRead = head.class === 'read';
  const stored: StoredCall = {
    callId: head.callId,
    principal: head.principal,
    server: head.server,
    tool: head.tool,
    class: head.class,
    argumentsDigest: record.digest,
    startedAt,
    status: end?.outcome.status ?? (interruptedAt === undefined ? 'running' : 'interrupted'),
    applied: end?.outcome.applied ?? (isRead ? 'no' : 'unknown'),
    attempts: end?.outcome.attempts ?? 1,
  };
  const endedAt = end?.endedAt ?? interruptedAt;
  if (endedAt !== undefined) stored.endedAt = endedAt;
  if (options.arguments === 'full' && isKept(head.arguments)) stored.arguments = head.arguments;
  return end === undefined ? stored : describeEnd(stored, end);
}

/** SHA-256 of the canonical form; of nothing, where arguments are nested too deep to have one. */
export function digestOf(value: JsonObject): string {
  try {
    return hash('sha256', canonicalJson(value));
  } catch {
    return hash('sha256', '');
  }
}

function describeEnd(stored: StoredCall, { outcome, isLate }: CallEnd): StoredCall {
  // To the microsecond: what is finer is noise, and as long as the rest of the number.
  stored.runMs = Math.round(outcome.runMs * 1_000) / 1_000;
  if (outcome.error !== undefined) {
    stored.code = outcome.error.code;
    stored.message = outcome.error.message.slice(0, maxMessageChars);
  }
  if (isLate === true) stored.isLate = true;
  return stored;
}

function isKept(value: JsonObject): boolean {
  try {
    return JSON.stringify(value).length <= maxArgumentsChars;
  } catch {
    return false;
  }
}
