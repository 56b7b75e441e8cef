import { randomBytes } from 'node:crypto';
import type { LearntLate } from '../../../batch/reply/learnt-late.ts';
import type { Clock } from '../../../core/clock.ts';
import { defaultLimits } from '../../../core/limits.ts';
import type { Limits } from '../../../core/limits.ts';
import { createBackgroundPlaces, type BackgroundPlaces } from './background-places.ts';
import { createKeptBatches } from './kept-batches.ts';
import type { OpenBatch } from './open-batch.ts';
import { createTurns } from './turns.ts';

/** Of other batches in one reply; what is left goes with the next one. */
const maxLearnt = 100;
/** Short, since models repeat it. */
const idBytes = 6;
/** Who can guess it can read the results, where clients cannot be told apart. */
const secretIdBytes = 12;

/** Every batch of the process that its client can come back to: the running ones, and those that have ended not long ago. */
export interface BatchBook {
  /** The batches of one client, while that is there. `isShared`: several clients come under its name. */
  join(options: { isShared: boolean }): ClientBatches;
  /** The process is about to stop: batches end at their deadline from now on, and nobody comes back to them. */
  beginStop(): void;
  /** Ends every batch that runs, and those that come, at once. */
  interrupt(): void;
}

/** The batches of one client. They belong to a principal, which may outlive the connection that they came over, and may not. */
export interface ClientBatches {
  /** An id that no batch here has. */
  newId(): string;
  /** Enters a batch that has begun. Without a `principal` nobody can come back to it. */
  add(batch: OpenBatch, principal: string | undefined): EnteredBatch;
  /** The batch, if it is this principal's and is still there. */
  find(principal: string | undefined, batchId: string): OpenBatch | undefined;
  /** The batch that runs under a key, or ran; now also of this principal, which has shown with the key that it is the same client. */
  share(principal: string | undefined, keyed: { batchId: string; keyDigest: string }): OpenBatch | undefined;
  /** A place for a batch that goes on after its reply. */
  takePlace(principal: string): ReturnType<BackgroundPlaces['take']>;
  /** Resolves when it is this one's turn to make a reply: all clients of the process share the turns. */
  turn(): Promise<void>;
  /**
   * What was learnt late and is to be told with a reply about `batch`: all there is of that, and of the principal's others what it has
   * not been told. From now on it has been.
   */
  learn(principal: string | undefined, batch: OpenBatch): LearntLate[];
  /** Whether a batch that began here has not ended. */
  isBusy(): boolean;
  /** The client has gone: what began here and still runs is cancelled. */
  close(): void;
  /** Whether nobody comes back: the client has gone, or the process is about to stop. */
  hasLeft(): boolean;
}

export interface EnteredBatch {
  /** Whether nobody comes back to it: all its clients have gone, or the process is about to stop. */
  hasLeft(): boolean;
}

/** A batch and who can come back to it. */
export interface BookEntry {
  batch: OpenBatch;
  principals: Set<string>;
  /** When all of them have gone, it ends. */
  owners: Set<object>;
  /** How many of its late ends its client has been told. */
  told: number;
}

export function createBatchBook(clock: Clock, limits: Limits = defaultLimits): BatchBook {
  const running = new Map<string, BookEntry>();
  const kept = createKeptBatches(clock, limits);
  const places = createBackgroundPlaces(limits.backgroundBatches);
  const turn = createTurns();

  const keep = (entry: BookEntry): void => {
    if (!running.delete(entry.batch.batchId)) return;
    if (entry.principals.size > 0) kept.keep(entry);
    else entry.batch.reported();
  };
  /** A batch that has ended counts as such from then on, whoever looks first. */
  const look = (batchId: string): BookEntry | undefined => {
    const entry = running.get(batchId);
    if (entry?.batch.isOver() === true) keep(entry);
    return running.get(batchId) ?? kept.find(batchId);
  };
  let isStopping = false;
  let isInterrupted = false;
  const all = (): BookEntry[] => [...kept.all(), ...running.values()];

  return {
    beginStop: () => void (isStopping = true),
    interrupt() {
      isInterrupted = true;
      for (const { batch } of running.values()) batch.interrupt();
    },
    join({ isShared }) {
      const owner = {};
      let hasLeft = false;
      return {
        newId() {
          for (;;) {
            const batchId = randomBytes(isShared ? secretIdBytes : idBytes).toString('hex');
            if (look(batchId) === undefined) return batchId;
          }
        },
        add(batch, principal) {
          const entry = {
            batch,
            principals: new Set(principal === undefined ? [] : [principal]),
            owners: new Set(hasLeft ? [] : [owner]),
            told: 0,
          };
          running.set(batch.batchId, entry);
          if (isInterrupted) batch.interrupt();
          void batch.ended.then(() => {
            keep(entry);
            // There is nobody left who could be told, and no other client's calls are to wait for that.
            if (entry.owners.size === 0) batch.reported();
          });
          return { hasLeft: () => entry.owners.size === 0 || isStopping };
        },
        find(principal, batchId) {
          const entry = principal === undefined ? undefined : look(batchId);
          return principal !== undefined && entry?.principals.has(principal) === true ? entry.batch : undefined;
        },
        share(principal, { batchId, keyDigest }) {
          const entry = look(batchId);
          // Ids are drawn by chance, and what the journal knows under one may be another batch.
          if (entry?.batch.keyDigest !== keyDigest) return undefined;
          if (principal !== undefined) entry.principals.add(principal);
          entry.owners.add(owner);
          return entry.batch;
        },
        takePlace: (principal) => places.take(principal, { isShared }),
        turn,
        learn(principal, batch) {
          const own = look(batch.batchId);
          const learnt = toLearnt(batch, 0);
          if (own !== undefined) own.told = learnt.length;
          // Where clients cannot be told apart, the id of a batch is all that keeps it from the others.
          if (principal === undefined || isShared) return learnt;
          for (const entry of all()) {
            if (entry === own || !entry.principals.has(principal)) continue;
            const late = toLearnt(entry.batch, entry.told).slice(0, maxLearnt);
            entry.told += late.length;
            learnt.push(...late);
          }
          return learnt;
        },
        isBusy: () => [...running.values()].some((entry) => entry.owners.has(owner)),
        hasLeft: () => hasLeft || isStopping,
        close() {
          hasLeft = true;
          for (const entry of all()) {
            if (!entry.owners.delete(owner) || entry.owners.size > 0) continue;
            entry.batch.cancel();
            entry.batch.reported();
          }
        },
      };
    },
  };
}

function toLearnt(batch: OpenBatch, from: number): LearntLate[] {
  const late = batch.late();
  if (late.length <= from) return [];
  return late.slice(from).map(({ id, status, applied }) => ({ batchId: batch.batchId, id, status, applied }));
}
