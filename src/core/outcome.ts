import type { JsonObject } from './json.ts';
import type { ToolClass } from './tool.ts';

/** How a call ended, or `pending` while it has not. */
export const statuses = [
  'ok',
  'tool_error',
  'failed',
  'invalid',
  'denied',
  'skipped',
  'timeout',
  'cancelled',
  'pending',
] as const;
export type Status = (typeof statuses)[number];

/** The closed list of error codes, each with the status that a call with it has. */
export const statusOfCode = {
  unknown_tool: 'invalid',
  ambiguous_tool: 'invalid',
  invalid_arguments: 'invalid',
  invalid_reference: 'invalid',
  limit_exceeded: 'invalid',
  denied_by_policy: 'denied',
  approval_declined: 'denied',
  approval_unavailable: 'denied',
  tool_changed: 'denied',
  dependency_failed: 'skipped',
  stopped_after_error: 'skipped',
  predecessor_unknown: 'skipped',
  server_unavailable: 'failed',
  connection_lost: 'failed',
  upstream_error: 'failed',
  idempotency_conflict: 'failed',
  internal: 'failed',
  timeout: 'timeout',
  deadline: 'timeout',
  cancelled: 'cancelled',
} as const satisfies Record<string, Status>;
export type ErrorCode = keyof typeof statusOfCode;

/** Why a call did not succeed, in words that a model or a person can act on; never a stack trace, never a secret. */
export interface CallError {
  code: ErrorCode;
  message: string;
  /** Whether the same call, sent again as it is, could succeed. */
  retryable: boolean;
  /** The id of the call that caused this one not to run. */
  by?: string;
  /** The upstream's own JSON-RPC error, kept for passthrough calls, which hand it on unchanged. */
  rpc?: { code: number; message: string; data?: unknown };
}

/** Whether a call changed anything upstream: `unknown` means that it was sent and its end was not learnt. */
export type Applied = 'no' | 'yes' | 'unknown';

/** What an upstream's answer to one sent call was. `sent: false` says that it is certain that the call was not run. */
export type SendResult =
  | { ok: true; result: JsonObject }
  | {
      ok: false;
      error: CallError;
      sent: boolean;
      /** What kind of trouble it was, where sending the call again could help: the way to the server, or a server that has too much to do (HTTP 429, 503). */
      fault?: 'transport' | 'busy';
      /** How long the server asks to be left alone (`Retry-After`). */
      retryAfterMs?: number;
    };

/** How one call ended. Times are milliseconds of a monotonic clock; `startedMs` counts from the start of its batch. */
export interface Outcome {
  status: Status;
  applied: Applied;
  /** The upstream's `CallToolResult`, untouched. */
  result?: JsonObject;
  error?: CallError;
  /** How often the call was sent. */
  attempts: number;
  /** From the moment the batch was accepted to dispatch (or to the end of a call that never started). */
  queuedMs: number;
  /** From dispatch to the end. */
  runMs: number;
  startedMs: number;
  /** What the call turned out to be once its references were filled; absent where it was known when planned. */
  decided?: { class: ToolClass; reason: string };
  /** `forEach`: how the call for each element ended, in element order. The other fields sum them up. */
  items?: readonly Outcome[];
  /** Id of the identical call that was sent, and whose end this is too. */
  deduplicatedOf?: string;
  /** The result is one from before, and nothing was sent. */
  cached?: true;
  /** What keeps a call from running that is pending, where that takes somebody to do something: in words that follow "waits for". */
  waitsFor?: string;
  /** What the caller should know of how it came about: an earlier write of its key whose effect is not known, a record that failed. */
  warning?: string;
}

/** What was learnt of a call after it had been settled with an unknown effect. */
export interface LateEnd {
  id: string;
  status: Status;
  applied: Applied;
  /** The answer that came after all. */
  result?: JsonObject;
}

/** The outcome of a call that never started. */
export function settleUnsent(error: CallError, queuedMs = 0): Outcome {
  const status = error.code === 'deadline' ? 'skipped' : statusOfCode[error.code];
  return { status, applied: 'no', error, attempts: 0, queuedMs, runMs: 0, startedMs: queuedMs };
}
