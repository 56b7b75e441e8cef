import { describeFirst, quote } from '../../../batch/input/field-problems.ts';
import { formatCount } from '../../../batch/reply/format-amount.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Engine } from '../../engine.ts';
import type { OpenBatch } from '../book/open-batch.ts';
import { replyAsItStands } from '../reply-as-it-stands.ts';
import { refuseLater, refuseUnknownBatch, type LaterInput } from './later-input.ts';
import { readLaterRequest, type LaterFields } from './read-later-request.ts';
import { untilOver } from './until-over.ts';

// Running writes share a grace of two seconds (scheduling.md §4.4), and their ends take a moment.
const outcomeMs = 3_000;
/** As many as a batch has calls, by default; each is looked up. */
const maxIds = 1_000;

const fields: LaterFields = {
  ids(ids) {
    const isList =
      Array.isArray(ids) &&
      ids.length > 0 &&
      ids.length <= maxIds &&
      ids.every((id) => typeof id === 'string' && id !== '');
    if (ids === undefined || isList) return undefined;
    if (Array.isArray(ids) && ids.length > maxIds) {
      return `found ${formatCount(ids.length)}; write ${formatCount(maxIds)} at most, or leave it out for the whole batch`;
    }
    return `found ${Array.isArray(ids) && ids.length === 0 ? 'none' : quote(ids)}; write a list of ids, such as ["c2"], or leave it out for the whole batch`;
  },
};

/**
 * Answers `batch_cancel`: cancels a batch of this client that runs, or some of its calls, waits for what comes of that, and shows the
 * reply as it stands then. Ids that are not there cancel nothing at all.
 */
export async function cancelBatch(engine: Engine, later: LaterInput): Promise<JsonObject> {
  const { principal, signal, onProgress } = later;
  const read = readLaterRequest(later.input, { fields, example: '{ "batchId": …, "ids": [ … ] }' });
  if (!read.ok) return refuseLater(read.reason);
  const batch = engine.batches.find(principal, read.batchId);
  if (batch === undefined) return refuseUnknownBatch(read.batchId);
  const given = read.input['ids'];
  const ids = Array.isArray(given) ? given.filter((id) => typeof id === 'string') : undefined;
  const unknown = ids === undefined ? [] : findUnknown(batch, ids);
  if (unknown.length > 0) return refuseLater(describeUnknown(batch, unknown));
  const before = batch.isOver() ? ['it had ended before: nothing was cancelled'] : cancel(batch, ids);
  await untilOver(batch, {
    clock: engine.clock,
    timeoutMs: outcomeMs,
    signal,
    onProgress,
    holds: () => (ids === undefined ? batch.isOver() : batch.openOf(ids).length === 0),
  });
  const { settings } = engine.setup();
  return replyAsItStands(engine, { batch, principal, settings, notes: before });
}

function cancel(batch: OpenBatch, ids: readonly string[] | undefined): string[] {
  const open = new Set(ids === undefined ? [] : batch.openOf(ids));
  const ended = [...new Set(ids)].filter((id) => !open.has(id));
  batch.cancel(ids === undefined ? undefined : [...open]);
  return ended.length === 0 ? [] : [`${ended.join(', ')} had ended before`];
}

function findUnknown({ plan, view }: OpenBatch, ids: readonly string[]): string[] {
  const { outcomes } = view();
  const indexes = new Map(idsOf(plan).map((id, index) => [id, index]));
  return ids.filter((id) => {
    const [, callId = id, number] = /^(.*)\[(\d+)\]$/.exec(id) ?? [];
    const index = indexes.get(callId);
    return index === undefined || (number !== undefined && outcomes[index]?.items?.[Number(number)] === undefined);
  });
}

function describeUnknown({ batchId, plan }: OpenBatch, unknown: readonly string[]): string {
  const named = describeFirst(unknown, quote).join(', ');
  return `batch ${batchId} has no call ${named}; it has ${describeFirst(idsOf(plan), (id) => id, 20).join(', ')}; nothing was cancelled`;
}

function idsOf(plan: OpenBatch['plan']): string[] {
  return plan.entries.map((entry) => (entry.kind === 'run' ? entry.call.id : entry.id));
}
