import { isJsonObject } from '../core/json.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Problem } from '../core/place.ts';
import { asList, asNumber, asObject, asText, readError, textFields } from './reply/fields.ts';
import type { RepliedError } from './reply/fields.ts';
import { readRow } from './plan/planned-row.ts';
import type { PlannedRow } from './plan/planned-row.ts';
import { readCall } from './reply/replied-call.ts';
import type { RepliedCall } from './reply/replied-call.ts';

/** How long a batch took, in milliseconds, and how long it had to take. */
export interface RepliedTiming {
  wallMs: number;
  serialMs: number;
  lowerBoundMs: number;
  /** What makes the lower bound: `critical path`, `batch`, `process`, `server NAME` or `server NAME writes`. */
  bound?: string;
  /** Ids of the calls on the longest chain. */
  criticalPath: string[];
  peakParallel: number;
}

/** A structured reply of a batch, read back from the form in which clients get it. */
export interface RepliedBatch {
  batchId: string;
  summary: string;
  /** Why nothing was run. */
  refused?: RepliedError;
  /** Each of the reasons for that. */
  problems: Problem[];
  calls: RepliedCall[];
  /** What would run: there for a batch that was to be planned only. */
  plan?: PlannedRow[];
  timing: RepliedTiming;
  warnings: string[];
}

/** Reads the tool result of a batch that was asked for in the structured form. */
export function readReply({ content, structuredContent }: JsonObject): RepliedBatch {
  const structured = asObject(structuredContent);
  const timing = asObject(structured['timing']);
  const error = readError(structured['error']);
  return {
    batchId: asText(structured['batchId']),
    summary: textOf(content),
    ...(error !== undefined && { refused: error }),
    problems: asList(structured['problems']).map((problem) => ({ message: asText(problem) })),
    calls: asList(structured['results']).map((call) => readCall(asObject(call))),
    ...(structured['status'] === 'planned' && {
      plan: asList(structured['plan']).map((row) => readRow(asObject(row))),
    }),
    timing: {
      wallMs: asNumber(timing['wallMs']),
      serialMs: asNumber(timing['serialMs']),
      lowerBoundMs: asNumber(timing['lowerBoundMs']),
      ...textFields(timing, ['bound']),
      criticalPath: asList(timing['criticalPath']).map(asText),
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
