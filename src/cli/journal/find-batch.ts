import { formatCounted } from '../../batch/reply/format-amount.ts';
import type { LoggedBatch } from '../../core/journal.ts';
import { nearestNames } from '../../policy/nearest-names.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { formatDay, formatTime } from './render/local-time.ts';
import type { JournalReader } from './journal-reader.ts';

/** Enough to tell candidates from each other; who sees more types one more letter. */
const maxCandidates = 5;
/** A typing mistake is in an id that somebody has just seen. */
const maxRecent = 1_000;

/** The batch with this id, or the one whose id begins so. Throws a usage failure where there is none, or more than one. */
export function findBatch(reader: JournalReader, asked: string): LoggedBatch {
  // Ids are letters and digits, and nothing else may reach a pattern.
  const begun = /^[\w-]+$/.test(asked) ? reader.batches({ idPrefix: asked, limit: maxCandidates + 1 }) : [];
  const exact = begun.find(({ batchId }) => batchId === asked);
  if (exact !== undefined) return exact;
  const [only, second] = begun;
  if (only === undefined) throw unknownBatch(reader, asked);
  if (second === undefined) return only;
  const listed = begun.slice(0, maxCandidates).map(describe);
  const more = begun.length > maxCandidates ? ', and more' : '';
  throw failure(`several batches begin with "${asked}": ${listed.join(', ')}${more}`, 'write more of the id');
}

function unknownBatch(reader: JournalReader, asked: string): CliFailure {
  const recent = reader.batches({ limit: maxRecent });
  const near = nearestNames(
    asked,
    recent.map(({ batchId }) => batchId),
  );
  const last = recent[0] === undefined ? 'no batch is recorded yet' : `the last one is ${describe(recent[0])}`;
  return failure(
    `there is no batch "${asked}" in ${reader.place}`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : last,
  );
}

function describe({ batchId, acceptedAt, calls }: LoggedBatch): string {
  return `${batchId} (${formatDay(acceptedAt)} ${formatTime(acceptedAt).slice(0, 8)}, ${formatCounted(calls, 'call')})`;
}

function failure(message: string, fix: string): CliFailure {
  return new CliFailure(message, { exitCode: exitCodes.usage, code: 'unknown_batch', fix });
}
