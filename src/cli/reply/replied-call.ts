import { isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { statuses } from '../../core/outcome.ts';
import type { Status } from '../../core/outcome.ts';
import { asList, asNumber, asObject, asText, readError, textFields } from './fields.ts';
import type { RepliedError } from './fields.ts';

/** How a call stands: as replies say it, or, of one whose end was never recorded, as the journal does. */
export type ShownStatus = Status | 'running' | 'interrupted';

/** One call of a structured reply, as far as the command line shows it. Times are milliseconds; `startedMs` counts from the batch's start. */
export interface RepliedCall {
  id: string;
  tool: string;
  server?: string;
  class?: string;
  /** Why it has that class. */
  reason?: string;
  status: ShownStatus;
  applied?: string;
  attempts: number;
  startedMs: number;
  queuedMs: number;
  runMs: number;
  /** Ids of the calls that had to finish first. */
  waitedFor: string[];
  result?: JsonObject;
  /** What `select` took out of the result. */
  selected?: JsonObject;
  /** `forEach`: how the call for each element ended. */
  items?: RepliedCall[];
  /** Id of the identical call that was sent in this one's stead. */
  deduplicatedOf?: string;
  /** The result is one from before. */
  cached?: true;
  error?: RepliedError;
}

/** Whether the call itself was sent; the attempts of one that was not may be those of the call that was sent in its stead. */
export function hasRun(call: Pick<RepliedCall, 'attempts' | 'cached' | 'deduplicatedOf'>): boolean {
  return call.attempts > 0 && call.cached !== true && call.deduplicatedOf === undefined;
}

/** Reads one entry of `results`, or of the `items` of one. */
export function readCall(call: JsonObject): RepliedCall {
  const error = readError(call['error']);
  return {
    id: asText(call['id']),
    tool: asText(call['tool']),
    ...textFields(call, ['server', 'class', 'reason', 'applied', 'deduplicatedOf']),
    status: statuses.find((status) => status === call['status']) ?? 'failed',
    attempts: asNumber(call['attempts']),
    startedMs: asNumber(call['startedMs']),
    queuedMs: asNumber(call['queuedMs']),
    runMs: asNumber(call['runMs']),
    waitedFor: asList(call['waitedFor']).map(asText),
    ...(isJsonObject(call['result']) && { result: call['result'] }),
    ...(isJsonObject(call['selected']) && { selected: call['selected'] }),
    ...(Array.isArray(call['items']) && { items: call['items'].map((item) => readCall(asObject(item))) }),
    ...(call['cached'] === true && { cached: true as const }),
    ...(error !== undefined && { error }),
  };
}
