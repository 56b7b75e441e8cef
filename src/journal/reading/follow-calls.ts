import { existsSync, statSync } from 'node:fs';
import type { LoggedCall } from '../../core/journal.ts';
import type { Sqlite } from '../sqlite/load-sqlite.ts';
import { type CallFilter, matches } from './call-filter.ts';
import { openReading } from './open-reading.ts';

export interface FollowOptions {
  sqlite: Sqlite;
  /** Asked each time, since a process that starts may begin a file. */
  files: () => readonly string[];
  filter: CallFilter;
  onCalls: (calls: readonly LoggedCall[]) => void;
  signal: AbortSignal;
}

/** As often as reads are written. */
const pollMs = 250;
/** Calls that may yet change, per file; the oldest are no longer followed. */
const maxOpen = 1_000;

/** What has been seen of a file. */
interface Seen {
  seq: number;
  /** Calls that have not ended, or whose effect may still be learnt, each as it was last reported. */
  open: Map<number, string>;
  /** Of the files as they were last looked at. */
  stamp: string;
}

/**
 * Reports calls as they are recorded from now on, and again as they end or more is learnt of them, until `signal`. Files that have not
 * changed are not opened.
 */
export async function followCalls({ sqlite, files, filter, onCalls, signal }: FollowOptions): Promise<void> {
  const seen = new Map<string, Seen>();
  for (const file of files()) seen.set(file, startAt(sqlite, file));
  while (!signal.aborted) {
    await pause(signal);
    if (signal.aborted) return;
    const calls = files().flatMap((file) => {
      const own = seen.get(file) ?? { seq: 0, open: new Map<number, string>(), stamp: '' };
      seen.set(file, own);
      return look(sqlite, file, own);
    });
    const wanted = calls.filter((call) => matches(call, filter)).sort(byTime);
    if (wanted.length > 0) onCalls(wanted);
  }
}

/** In the order in which they started. */
export function byTime(a: LoggedCall, b: LoggedCall): number {
  return a.startedAt - b.startedAt || a.seq - b.seq;
}

function startAt(sqlite: Sqlite, file: string): Seen {
  const reading = openReading(sqlite, file);
  const nothing: Seen = { seq: 0, open: new Map(), stamp: '' };
  if (reading === undefined || 'kind' in reading) return nothing;
  try {
    const seq = reading.lastSeq();
    // What runs already ends later.
    const running = reading.latest({}, maxOpen).filter((call) => call.seq <= seq && mayChange(call));
    return { ...nothing, seq, open: new Map(running.map((call) => [call.seq, tell(call)])) };
  } catch {
    return nothing;
  } finally {
    reading.close();
  }
}

function look(sqlite: Sqlite, file: string, own: Seen): LoggedCall[] {
  const stamp = stampOf(file);
  // A process that dies changes no file, so that what it ran is looked at in any case.
  if (stamp === own.stamp && own.open.size === 0) return [];
  const reading = openReading(sqlite, file);
  if (reading === undefined || 'kind' in reading) return [];
  try {
    // A file with fewer records than it had is another one: the former was set aside.
    if (reading.lastSeq() < own.seq) {
      own.seq = 0;
      own.open.clear();
    }
    const calls = reading.since(own.seq, [...own.open.keys()]);
    const news = calls.filter((call) => own.open.get(call.seq) !== tell(call));
    for (const call of calls) {
      own.seq = Math.max(own.seq, call.seq);
      own.open.delete(call.seq);
      if (mayChange(call)) own.open.set(call.seq, tell(call));
    }
    for (const oldest of own.open.keys()) {
      if (own.open.size <= maxOpen) break;
      own.open.delete(oldest);
    }
    own.stamp = stamp;
    return news;
  } catch {
    // Another process has it for longer than a query waits: the next look finds the same.
    return [];
  } finally {
    reading.close();
  }
}

function mayChange({ status, applied, isLate }: LoggedCall): boolean {
  return status === 'running' || (status !== 'interrupted' && applied === 'unknown' && isLate !== true);
}

/** What of a call changes. */
function tell({ status, applied, isLate }: LoggedCall): string {
  return `${status} ${applied} ${isLate === true}`;
}

function stampOf(file: string): string {
  return [file, `${file}-wal`]
    .map((path) => (existsSync(path) ? statSync(path) : undefined))
    .map((stats) => (stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`))
    .join();
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, pollMs);
    signal.addEventListener('abort', done);
  });
}
