import { findCountProblem, quote } from '../../../batch/input/field-problems.ts';
import { renderRest } from '../../../batch/reply/render-rest.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Engine } from '../../engine.ts';
import { toErrorResult } from '../../passthrough.ts';
import { refuseLater, refuseUnknownBatch, type LaterInput } from './later-input.ts';
import { readLaterRequest, type LaterFields } from './read-later-request.ts';
import { untilOver } from './until-over.ts';

const fields: LaterFields = {
  id: findIdProblem,
  offset(offset) {
    if (offset === undefined || (Number.isSafeInteger(offset) && Number(offset) >= 0)) return undefined;
    return `${quote(offset)} is not a number of characters; write 0 or more`;
  },
  maxChars: findCountProblem,
  timeoutMs: findCountProblem,
};

/**
 * Answers `batch_await`: waits until a batch of this client, or one call of it, has ended, `timeoutMs` at most, and shows the reply as
 * it stands then; or what follows the first `offset` characters of one result. What was learnt late of its calls is shown as well.
 */
export async function awaitBatch(engine: Engine, later: LaterInput): Promise<JsonObject> {
  const { settings } = engine.setup();
  const { principal, signal, onProgress } = later;
  const read = readLaterRequest(later.input, { fields, example: '{ "batchId": …, "id": … }' });
  if (!read.ok) return refuseLater(read.reason);
  const batch = engine.batches.find(principal, read.batchId);
  if (batch === undefined) return refuseUnknownBatch(read.batchId);
  const { id, offset, maxChars, timeoutMs } = read.input;
  const part = {
    ...(typeof id === 'string' && { id }),
    ...(typeof offset === 'number' && { offset }),
    maxChars: typeof maxChars === 'number' ? Math.min(maxChars, settings.maxReplyChars) : settings.maxReplyChars,
  };
  const place = batch.awaits.take(principal);
  if (!place.ok) return toErrorResult({ code: 'limit_exceeded', message: place.reason, retryable: true });
  await untilOver(batch, {
    clock: engine.clock,
    // Clients give up on any request about as soon as on a batch.
    timeoutMs: typeof timeoutMs === 'number' ? Math.min(timeoutMs, settings.deadlineMs) : settings.deadlineMs,
    signal,
    onProgress,
    holds: () => batch.isOver(part.id),
  });
  // A reply may take long to make, and many may be due with the same end.
  await engine.batches.turn();
  place.giveBack();
  batch.secure();
  // Of one call only that is shown: what there is to tell of others waits for a whole reply.
  const learnt = part.id === undefined ? engine.batches.learn(principal, batch) : [];
  const reply = renderRest({ batch: batch.view(), ...part, settings, learnt });
  if (part.id === undefined) batch.reported();
  return reply;
}

function findIdProblem(id: unknown): string | undefined {
  if (id === undefined || (typeof id === 'string' && id !== '')) return undefined;
  return `${quote(id)} is not the id of a call; write "c2", or leave it out for the whole reply`;
}
