import type { Clock } from '../../core/clock.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import type { LockTable } from '../locks/lock-table.ts';
import type { UnknownKeys } from '../locks/unknown-keys.ts';
import type { TurnGate } from '../rate/turn-gate.ts';
import type { ReadyQueue } from '../slots/ready-queue.ts';
import type { SlotBook } from '../slots/slot-book.ts';
import type { AdmittedCall } from './admitted-call.ts';

/** What all calls of the process share. */
export interface Floor {
  clock: Clock;
  /** 0 to 1, for the jitter of retries. */
  random: () => number;
  locks: LockTable;
  gate: TurnGate;
  queue: ReadyQueue;
  book: SlotBook;
  cache: ResultCache;
  unknown: UnknownKeys;
  /** Calls that are not under way, so that those of a server that goes away can be ended. */
  waiting: Set<AdmittedCall>;
  /** Has what is free given out, once all that happens now has happened. */
  pumpSoon(): void;
}
