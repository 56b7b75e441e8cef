import { existsSync } from 'node:fs';
import type { LoggedBatch, LoggedCall } from '../core/journal.ts';
import { existingFiles, journalFolder } from './file/journal-files.ts';
import type { CallFilter } from './reading/call-filter.ts';
import { byTime, followCalls } from './reading/follow-calls.ts';
import { type BatchFilter, openReading, type Reading } from './reading/open-reading.ts';
import { withoutRepeated } from './reading/without-repeated.ts';
import { loadSqlite } from './sqlite/load-sqlite.ts';

/** The journals of a state folder, read while other processes write them. Nothing in here throws or changes a record. */
export interface JournalReader {
  /** Where it looks: the folder, or the one file. */
  readonly place: string;
  /** Whether there is any journal. */
  readonly isThere: boolean;
  /** The latest that match, at most `limit`, in the order in which they started. */
  calls(filter: CallFilter & { limit: number }): readonly LoggedCall[];
  batch(batchId: string): LoggedBatch | undefined;
  /** The latest that match, the newest first. */
  batches(filter: BatchFilter): readonly LoggedBatch[];
  /** In the order in which they started. */
  callsOf(batchId: string): readonly LoggedCall[];
  /** Reports calls as they are recorded from now on, and again as they end, four times a second at most. Resolves at the abortion. */
  follow(filter: CallFilter, onCalls: (calls: readonly LoggedCall[]) => void, signal: AbortSignal): Promise<void>;
  /** What could not be read since the reader was made, and why. */
  problems(): readonly string[];
  close(): void;
}

export interface ReadOptions {
  stateDir: string;
  /** The one file of the configuration; absent: all those in the state folder. */
  file?: string;
}

/** Batches whose ids begin with another's. */
const maxAlike = 100;

export function readJournals({ stateDir, file }: ReadOptions): JournalReader {
  const sqlite = loadSqlite();
  const problems = new Set<string>();
  const closing = new AbortController();
  if ('kind' in sqlite) problems.add(sqlite.message);
  const files = (): readonly string[] => (file === undefined ? existingFiles(stateDir) : [file].filter(existsSync));

  /** From each file, opened anew: it may have been set aside, or begun, since the last time. */
  const fromEach = <T>(read: (reading: Reading) => T): T[] =>
    files().flatMap((path) => {
      const reading = 'kind' in sqlite ? undefined : openReading(sqlite, path);
      if (reading === undefined) return [];
      if ('kind' in reading) {
        problems.add(reading.message);
        return [];
      }
      try {
        return [read(reading)];
      } catch (error) {
        problems.add(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      } finally {
        reading.close();
      }
    });

  const latest = (filter: CallFilter, limit: number): LoggedCall[] =>
    withoutRepeated(fromEach((reading) => reading.latest(filter, limit)).flat(), keyOfCall)
      .sort(byTime)
      .slice(-limit);

  const batches = (filter: BatchFilter): LoggedBatch[] =>
    withoutRepeated(fromEach((reading) => reading.batches(filter)).flat(), keyOfBatch)
      .sort((a, b) => b.acceptedAt - a.acceptedAt)
      .slice(0, filter.limit);

  return {
    place: file ?? journalFolder(stateDir),
    get isThere() {
      return files().length > 0;
    },
    calls: ({ limit, ...filter }) => (limit > 0 ? latest(filter, limit) : []),
    // Ids are of one length, but a shorter one may begin like a longer.
    batch: (batchId) => batches({ idPrefix: batchId, limit: maxAlike }).find((batch) => batch.batchId === batchId),
    batches,
    callsOf: (batchId) => latest({ batchId }, Number.MAX_SAFE_INTEGER),
    follow(filter, onCalls, signal) {
      if ('kind' in sqlite) return Promise.resolve();
      return followCalls({ sqlite, files, filter, onCalls, signal: AbortSignal.any([signal, closing.signal]) });
    },
    problems: () => [...problems],
    close: () => closing.abort(),
  };
}

function keyOfBatch({ batchId, acceptedAt }: LoggedBatch): string {
  return `${batchId} ${acceptedAt}`;
}

/** Calls without a batch have no name of their own. */
function keyOfCall({ batchId, callId, startedAt }: LoggedCall): string | undefined {
  return batchId === undefined ? undefined : `${batchId} ${callId} ${startedAt}`;
}
