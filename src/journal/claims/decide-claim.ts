import type { Claim, KeyedBatch, RecoveredCall } from '../../core/journal.ts';
import type { KeyHolder } from './find-key.ts';

/** A holder of a key, and what has become of it: `here` and `elsewhere` for one that runs, in this process or in another that lives. */
export type JudgedHolder = Omit<KeyHolder, 'state'> & { state: 'here' | 'elsewhere' | 'interrupted' | 'ended' };

/** What a batch is told that asks for a key which these batches have, or had. */
export function decideClaim({ digest }: Pick<KeyedBatch, 'digest'>, holders: readonly JudgedHolder[]): Claim {
  const ordered = [...holders].sort((a, b) => a.acceptedAt - b.acceptedAt);
  // Not by time alone: clocks are set back, and what has ended or runs is never run again.
  const last = ordered.findLast(({ state }) => state !== 'interrupted') ?? ordered.at(-1);
  if (last === undefined) return { kind: 'new' };
  const { batchId } = last;
  if (last.digest !== digest || last.state === 'elsewhere') return { kind: 'conflict', batchId };
  if (last.state === 'here') return { kind: 'running', batchId };
  if (last.state === 'ended') return { kind: 'finished', batchId, ...(last.reply && { reply: last.reply }) };
  // It may have been interrupted several times: what ran the first time was not sent again the second, and is known from the first.
  const calls = new Map<string, RecoveredCall>();
  for (const holder of ordered) {
    if (holder.state !== 'interrupted' || holder.digest !== digest) continue;
    for (const [callId, call] of holder.calls) calls.set(callId, call);
  }
  return { kind: 'interrupted', batchId, calls };
}
