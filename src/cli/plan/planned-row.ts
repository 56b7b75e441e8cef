import type { JsonObject } from '../../core/json.ts';
import { statusOfCode } from '../../core/outcome.ts';
import type { Status } from '../../core/outcome.ts';
import { asList, asNumber, asText, readError, textFields } from '../reply/fields.ts';
import type { RepliedError } from '../reply/fields.ts';

/** One call of a plan, as far as the command line shows it. */
export interface PlannedRow {
  id: string;
  tool: string;
  class?: string;
  /** As the planner writes them: `X files/notes.md`. */
  locks: string[];
  /** The calls that it waits for, and why. */
  after: { id: string; why: string }[];
  /** How many calls it waits for, which may be more than are named. */
  afterCount: number;
  approval: boolean;
  /** Why it needs approval, where that is known. */
  approvalReason?: string;
  /** When it could start at the earliest if each call took one step; from 1. */
  step: number;
  /** Its arguments are filled when it runs, so that class and locks are the widest that it could have. */
  open: boolean;
  /** Id of the identical call that would be sent in its stead. */
  sameAs?: string;
  /** Why it would not run. */
  error?: RepliedError;
}

/** Reads one entry of `plan`. */
export function readRow(row: JsonObject): PlannedRow {
  const why = asList(row['why']).map(asText);
  const error = readError(row['error']);
  const after = asList(row['after']).map((id, index) => ({ id: asText(id), why: why[index] ?? '' }));
  return {
    id: asText(row['id']),
    tool: asText(row['tool']),
    ...textFields(row, ['class', 'sameAs', 'approvalReason']),
    locks: asList(row['locks']).map(asText),
    after,
    afterCount: Math.max(after.length, asNumber(row['afterCount'])),
    approval: row['approval'] === true,
    step: Math.max(1, Math.floor(asNumber(row['step']))),
    open: row['open'] === true,
    ...(error !== undefined && { error }),
  };
}

/** How the call would end as far as the plan knows: `ok` where nothing keeps it from running. */
export function fateOf({ error }: Pick<PlannedRow, 'error'>): Status {
  if (error === undefined) return 'ok';
  const known = Object.entries(statusOfCode).find(([code]) => code === error.code);
  return known?.[1] ?? 'failed';
}
