import { join } from 'node:path';
import type { JsonObject } from '../../src/core/json.ts';
import { fixtureServer, readLog, sendBatch } from './support.ts';
import type { CallRow, Launch, LogEvent, TestClient, Workspace } from './support.ts';

/** One result of a structured reply, with all that data flow adds to it. */
export interface FlowRow extends CallRow {
  class?: string;
  error?: { code: string; message: string; by?: string };
  items?: FlowRow[];
  attempts: number;
  deduplicatedOf?: string;
  cached?: boolean;
  truncated?: { chars: number; of: number };
}

/** One call of a planned batch. */
export interface PlanRow {
  id: string;
  class?: string;
  reason?: string;
  locks: string[];
  after: string[];
  why: string[];
  approval: boolean;
  step: number;
  open?: true;
  sameAs?: string;
  error?: { code: string; message: string };
}

export interface FlowReply {
  isError: boolean;
  batchId: string;
  status: string;
  counts: Record<string, number>;
  results: FlowRow[];
  plan?: PlanRow[];
  timing: { wallMs: number; peakParallel: number };
}

/** Sends calls as one `batch_call` and reads the structured reply. */
export async function sendFlow(
  client: Pick<TestClient, 'call'>,
  calls: readonly JsonObject[],
  options: Parameters<typeof sendBatch>[2] = {},
): Promise<FlowReply> {
  return JSON.parse(JSON.stringify(await sendBatch(client, calls, options)));
}

/** How each call ended, and its code where it has one: `ok`, `skipped dependency_failed`. */
export function endsOf(rows: readonly FlowRow[]): string[] {
  return rows.map(({ status, error }) => (error === undefined ? status : `${status} ${error.code}`));
}

/** The scripted server under a policy, and what it wrote down of its calls. */
export interface Scripted {
  server: Launch & { policy: string };
  events: () => LogEvent[];
  /** The calls that reached it, of one key where one is named. */
  starts: (key?: string) => LogEvent[];
}

/** @param log a file's name; servers that share one have one order of events */
export function scriptedUnder(
  workspace: Workspace,
  { name = 'it', log = `${name}.jsonl`, policy = {} }: { name?: string; log?: string; policy?: JsonObject } = {},
): Scripted {
  const file = join(workspace.path, log);
  const written = JSON.stringify({ version: 1, server: name, ...policy });
  const events = (): LogEvent[] => readLog(file);
  return {
    server: {
      ...fixtureServer('scripted.mjs', [], { SCRIPT_LOG: file }),
      policy: workspace.write(`${name}.policy.yaml`, written),
    },
    events,
    starts: (key) => events().filter((line) => line.event === 'start' && (key === undefined || line.key === key)),
  };
}

/** Locks by the argument `key`, so that calls of two keys have nothing to do with each other. */
export const keyLocks: JsonObject = {
  read: { locks: [{ arg: 'key' }] },
  write: { locks: [{ arg: 'key' }] },
};
