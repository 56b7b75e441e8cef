import { hash } from 'node:crypto';
import type { RecoveredCalls } from '../../batch/plan/recovery/find-fate.ts';
import { markReplay, replayWords } from '../../batch/reply/mark-replay.ts';
import { canonicalJson, isJsonObject, isTooDeep, maxDepth, type JsonObject } from '../../core/json.ts';
import type { BatchHead, Claim } from '../../core/journal.ts';
import type { CallError } from '../../core/outcome.ts';
import type { Engine } from '../engine.ts';
import { localPrincipal, type BatchInput } from './batch-input.ts';
import type { OpenBatch } from './book/open-batch.ts';

/** What a batch with an idempotency key comes to. */
export type Claimed =
  /** It runs. `calls`: what is known of them from before, where it was interrupted. */
  | { kind: 'run'; keyDigest?: string; calls?: RecoveredCalls; notes: string[] }
  /** It is running, or its results are kept. */
  | { kind: 'joined'; batch: OpenBatch; notes: string[] }
  | { kind: 'replayed'; reply: JsonObject }
  | { kind: 'refused'; error: CallError };

/** Claims the key of a batch, before anything of it runs (scheduling.md §4.9). What cannot be promised is refused. */
export function claimBatch(
  engine: Engine,
  { head, key, batch }: { head: BatchHead; key: string; batch: BatchInput },
): Claimed {
  const { input, principal, keyScope = localPrincipal } = batch;
  if (isTooDeep(input)) {
    const message = `a batch with an idempotencyKey is nested at most ${maxDepth} levels deep`;
    return refuse({ code: 'limit_exceeded', message, retryable: false });
  }
  const digest = digestOf(head.tool, input);
  const keyDigest = hash('sha256', JSON.stringify([keyScope, key, digest]));
  const claim = engine.journal.claim({ ...head, key, scope: keyScope, digest });
  const { batchId = head.batchId } = claim.kind === 'unrecorded' || claim.kind === 'new' ? {} : claim;
  const open =
    claim.kind === 'running' || claim.kind === 'finished'
      ? engine.batches.share(principal, { batchId, keyDigest })
      : undefined;
  if (open !== undefined) return { kind: 'joined', batch: open, notes: open.isOver() ? [replayWords(batchId)] : [] };
  const claimed = toClaimed(claim, batchId);
  return claimed.kind === 'run' ? { ...claimed, keyDigest } : claimed;
}

function toClaimed(claim: Claim, batchId: string): Claimed {
  if (claim.kind === 'new') return { kind: 'run', notes: [] };
  if (claim.kind === 'interrupted') {
    const note = `run again: as batch ${batchId} it was interrupted; calls that had ended keep their ends, and none whose effect is not known is sent again`;
    return { kind: 'run', calls: claim.calls, notes: [note] };
  }
  if (claim.kind === 'unrecorded') {
    const message = `an idempotencyKey cannot be kept now: ${claim.reason}; nothing was run; mend that, or leave the key out`;
    return refuse({ code: 'internal', message, retryable: true });
  }
  if (claim.kind !== 'finished') {
    const message = `the idempotencyKey is that of another batch, or of this one where that still runs in another process; write a new key for a new batch`;
    return refuse({ code: 'idempotency_conflict', message, retryable: false });
  }
  if (claim.reply !== undefined) return { kind: 'replayed', reply: markReplay(claim.reply, batchId) };
  const message = `batch ${batchId} ran to its end under this idempotencyKey; its reply was too large to be kept, and it is not run again`;
  return refuse({ code: 'limit_exceeded', message, retryable: false });
}

function refuse(error: CallError): Claimed {
  return { kind: 'refused', error };
}

/** Of all that was asked for but the key. */
function digestOf(tool: string, input: unknown): string {
  const { idempotencyKey: _, ...asked } = isJsonObject(input) ? input : {};
  return hash('sha256', canonicalJson({ tool, asked }));
}
