import { hash } from 'node:crypto';
import type { CallEnd, CallHead, LoggedCall } from '../../core/journal.ts';
import { canonicalJson, type JsonObject } from '../../core/json.ts';
import type { Applied, ErrorCode, Outcome } from '../../core/outcome.ts';

/** A call in memory, from the moment that it is about to be sent. Times are milliseconds since the epoch. */
export interface CallRecord {
  head: CallHead;
  readonly startedAt: number;
  end?: RecordedEnd;
  /** Its process gave it up unended at this time. */
  interruptedAt?: number;
  /** Of its arguments, once computed. */
  digest?: string;
}

/** How a call ended, without its result, which may be large. */
export interface RecordedEnd {
  status: Outcome['status'];
  applied: Applied;
  attempts: number;
  runMs: number;
  endedAt: number;
  error?: { code: ErrorCode; message: string };
  isLate?: true;
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
  const stored: StoredCall = {
    callId: head.callId,
    principal: head.principal,
    server: head.server,
    tool: head.tool,
    class: head.class,
    argumentsDigest: record.digest,
    startedAt,
    status: end?.status ?? (interruptedAt === undefined ? 'running' : 'interrupted'),
    applied: end?.applied ?? (head.class === 'read' ? 'no' : 'unknown'),
    attempts: end?.attempts ?? 1,
  };
  const endedAt = end?.endedAt ?? interruptedAt;
  if (endedAt !== undefined) stored.endedAt = endedAt;
  if (options.arguments === 'full' && isKept(head.arguments)) stored.arguments = head.arguments;
  if (end === undefined) return stored;
  // To the microsecond: what is finer is noise, and as long as the rest of the number.
  stored.runMs = Math.round(end.runMs * 1_000) / 1_000;
  if (end.error !== undefined) {
    stored.code = end.error.code;
    stored.message = end.error.message;
  }
  if (end.isLate === true) stored.isLate = true;
  return stored;
}

export function toRecordedEnd({ outcome, isLate }: CallEnd, endedAt: number): RecordedEnd {
  const { status, applied, attempts, runMs, error } = outcome;
  const end: RecordedEnd = { status, applied, attempts, runMs, endedAt };
  if (error !== undefined) end.error = { code: error.code, message: error.message.slice(0, maxMessageChars) };
  if (isLate === true) end.isLate = true;
  return end;
}

/** Lets go of the arguments, which may be large, of a call that may have to wait long before it is written. */
export function dropArguments(record: CallRecord): void {
  record.digest ??= digestOf(record.head.arguments);
  record.head = { ...record.head, arguments: dropped };
}

const dropped: JsonObject = {};

/** SHA-256 of the canonical form; of nothing, where arguments are nested too deep to have one. */
function digestOf(value: JsonObject): string {
  try {
    return hash('sha256', canonicalJson(value));
  } catch {
    return hash('sha256', '');
  }
}

function isKept(value: JsonObject): boolean {
  try {
    return value !== dropped && JSON.stringify(value).length <= maxArgumentsChars;
  } catch {
    return false;
  }
}
