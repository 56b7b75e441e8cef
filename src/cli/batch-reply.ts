import { isJsonObject } from '../core/json.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { statuses } from '../core/outcome.ts';
import type { Status } from '../core/outcome.ts';
import type { Problem } from '../core/place.ts';

/** One call of a structured reply, as far as the command line shows it. */
export interface RepliedCall {
  id: string;
  tool: string;
  status: Status;
  attempts: number;
  startedMs: number;
  runMs: number;
  result?: JsonObject;
  error?: { code: string; message: string };
}

/** A structured reply of a batch, read back from the form in which clients get it. */
export interface RepliedBatch {
  summary: string;
  /** Why nothing was run. */
  refused?: { code: string; message: string };
  /** Each of the reasons for that. */
  problems: Problem[];
  calls: RepliedCall[];
  timing: { wallMs: number; serialMs: number; lowerBoundMs: number; peakParallel: number };
  warnings: string[];
}

/** Reads the tool result of a batch that was asked for in the structured form. */
export function readReply({ content, structuredContent }: JsonObject): RepliedBatch {
  const structured = asObject(structuredContent);
  const timing = asObject(structured['timing']);
  const error = readError(structured['error']);
  return {
    summary: textOf(content),
    ...(error !== undefined && { refused: error }),
    problems: asList(structured['problems']).map((problem) => ({ message: asText(problem) })),
    calls: asList(structured['results']).map((call) => readCall(asObject(call))),
    timing: {
      wallMs: asNumber(timing['wallMs']),
      serialMs: asNumber(timing['serialMs']),
      lowerBoundMs: asNumber(timing['lowerBoundMs']),
      peakParallel: asNumber(timing['peakParallel']),
    },
    warnings: asList(structured['warnings']).map(asText),
  };
}

/** The text blocks of a tool result's content, one after another. */
export function textOf(content: JsonValue | undefined): string {
  return asList(content)
    .flatMap((block) => (isJsonObject(block) && typeof block['text'] === 'string' ? [block['text']] : []))
    .join('\n');
}

function readCall(call: JsonObject): RepliedCall {
  const error = readError(call['error']);
  return {
    id: asText(call['id']),
    tool: asText(call['tool']),
    status: statuses.find((status) => status === call['status']) ?? 'failed',
    attempts: asNumber(call['attempts']),
    startedMs: asNumber(call['startedMs']),
    runMs: asNumber(call['runMs']),
    ...(isJsonObject(call['result']) && { result: call['result'] }),
    ...(error !== undefined && { error }),
  };
}

function readError(error: JsonValue | undefined): { code: string; message: string } | undefined {
  return isJsonObject(error) ? { code: asText(error['code']), message: asText(error['message']) } : undefined;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function asList(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function asText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function asNumber(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}
