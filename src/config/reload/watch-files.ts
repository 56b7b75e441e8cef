import { basename, dirname } from 'node:path';
import { signatureOf } from './signature-of.ts';
import { watchFolder, type FolderWatch } from './watch-folder.ts';

/** Files, watched whether or not they are there. */
export interface FileWatch {
  /**
   * Watches these from now on, in the place of those so far. Files that are watched already keep what is known of them; of others it is
   * found out what they are now, and the promise resolves when it is known.
   */
  follow(files: Iterable<string>): Promise<void>;
  close(): void;
}

/** Durations in milliseconds; only tests shorten them. */
export interface WatchTimings {
  /** Files are left alone for so long before their change is told: one save is several changes. */
  settleMs: number;
  /** A change is told after so long even where there is always another one. */
  longestMs: number;
  /** How often files are looked at that nothing is heard of: file systems of networks and containers say nothing. */
  pollMs: number;
}

const defaultTimings: WatchTimings = { settleMs: 250, longestMs: 2_000, pollMs: 2_000 };

/** Each folder takes something of the system's; files in more folders than these are found by looking alone. */
const maxFolders = 64;

/**
 * Calls `onChange` a moment after some of the files that are followed have changed, also where one is replaced, removed or made, and be
 * it with its folder. What is written while `onChange` does its work leads to another call.
 */
export function watchFiles(onChange: () => void, timings: Partial<WatchTimings> = {}): FileWatch {
  const { settleMs, longestMs, pollMs } = { ...defaultTimings, ...timings };
  /** What each file was when it was last looked at; absent before that. */
  const seen = new Map<string, string | undefined>();
  const folders = new Map<string, FolderWatch>();
  let looking: Promise<void> | undefined;
  const life = new AbortController();
  let settling: NodeJS.Timeout | undefined;
  let firstMs: number | undefined;
  let wishes = 0;

  const settle = (): void => {
    firstMs ??= performance.now();
    clearTimeout(settling);
    const leftMs = firstMs + longestMs - performance.now();
    settling = setTimeout(
      () => {
        firstMs = undefined;
        onChange();
      },
      Math.max(0, Math.min(settleMs, leftMs)),
    );
  };
  const lookOnce = async (): Promise<void> => {
    const now = await Promise.all([...seen.keys()].map(async (file) => [file, await signatureOf(file)] as const));
    if (life.signal.aborted) return;
    // A file that is not followed any more is nobody's business, and one that was never looked at has not changed.
    const changed = now.filter(([file, signature]) => seen.has(file) && seen.get(file) !== signature);
    const isNews = changed.some(([file]) => seen.get(file) !== undefined);
    for (const [file, signature] of changed) seen.set(file, signature);
    if (isNews) settle();
  };
  /** What changes during a look leads to another one. */
  const lookUntilSeen = async (): Promise<void> => {
    for (let met = 0; met < wishes && !life.signal.aborted;) {
      met = wishes;
      await lookOnce();
    }
    looking = undefined;
  };
  const look = (): Promise<void> => {
    wishes += 1;
    looking ??= lookUntilSeen();
    return looking;
  };
  const isFollowed = (folder: string, name: string | null): boolean =>
    name === null || [...seen.keys()].some((file) => dirname(file) === folder && basename(file) === name);

  const follow = async (next: Iterable<string>): Promise<void> => {
    const wanted = new Set(next);
    for (const file of seen.keys()) if (!wanted.has(file)) seen.delete(file);
    for (const file of wanted) if (!seen.has(file)) seen.set(file, undefined);
    const parents = new Set([...wanted].map((file) => dirname(file)));
    for (const [folder, watch] of folders) {
      if (parents.has(folder)) continue;
      folders.delete(folder);
      watch.close();
    }
    for (const folder of parents) {
      if (folders.has(folder) || folders.size >= maxFolders) continue;
      folders.set(
        folder,
        watchFolder(folder, (name) => {
          if (isFollowed(folder, name)) void look();
        }),
      );
    }
    await lookAround();
  };
  /** Listens first, so that nothing falls in between. */
  const lookAround = async (): Promise<void> => {
    await Promise.all([...folders.values()].map((watch) => watch.refresh()));
    await look();
  };
  const polling = setInterval(() => void lookAround(), pollMs).unref();

  return {
    follow,
    close() {
      life.abort();
      clearInterval(polling);
      clearTimeout(settling);
      for (const watch of folders.values()) watch.close();
    },
  };
}
