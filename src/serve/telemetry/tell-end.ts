import type { JsonObject } from '../../core/json.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { PlanEntry, PlannedCall } from '../../core/plan.ts';
import type { PlannedSending, Telemetry } from '../../core/telemetry.ts';

/** Tells of a call of a plan that has ended. */
export function tellEnd(
  telemetry: Telemetry | undefined,
  {
    entry,
    outcome,
    meta,
    batchId,
  }: { entry: PlanEntry | undefined; outcome: Outcome; meta: JsonObject | undefined; batchId?: string },
): void {
  if (telemetry === undefined || entry === undefined) return;
  if (entry.kind === 'run') {
    const { id, server, class: toolClass, exposedName } = entry.call;
    telemetry.callEnded({ meta, batchId, id, outcome, server, class: toolClass, tool: exposedName });
  } else {
    // What the caller wrote may name nothing; with a server it was found.
    const { id, server, class: toolClass, tool } = entry;
    const found = server === undefined ? undefined : tool;
    telemetry.callEnded({ meta, batchId, id, outcome, server, class: toolClass, tool: found });
  }
}

/** What the plan of a batch said of a call that is sent now. Elements of a `forEach` call wait where their call does. */
export function describeSending(
  call: PlannedCall,
  { entries, batchId, queuedMs }: { entries: readonly PlanEntry[]; batchId: string; queuedMs: number },
): PlannedSending {
  const entry = entries[call.index];
  const planned = entry?.kind === 'run' && entry.call.id === call.id ? entry.call : undefined;
  const indices = planned === undefined ? [] : [...planned.after, ...planned.needs.map(({ index }) => index)];
  const ids = new Set(indices.map((index) => idOf(entries[index])).filter((id) => id !== undefined));
  return { call, queuedMs, batchId, waitedFor: [...ids] };
}

function idOf(entry: PlanEntry | undefined): string | undefined {
  return entry?.kind === 'run' ? entry.call.id : entry?.id;
}
