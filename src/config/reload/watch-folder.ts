import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

/** A folder that is listened to, from the first `refresh` on, as long as it is there. What cannot be listened to is silent: somebody has to look now and then. */
export interface FolderWatch {
  /** Listens to the folder that is there now, where it is not listened to yet or is another one. Never rejects. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Calls `onEvent` with the name of each entry that has come, gone or changed; `null` where the system does not say which. A folder, not
 * the file itself: who listens to a file hears nothing any more once it was replaced.
 */
export function watchFolder(folder: string, onEvent: (name: string | null) => void): FolderWatch {
  let watcher: FSWatcher | undefined;
  /** Of the folder that is listened to. */
  let identity: string | undefined;
  let isClosed = false;

  const drop = (): void => {
    watcher?.close();
    watcher = undefined;
    identity = undefined;
  };
  const listen = (): FSWatcher | undefined => {
    try {
      const made = watch(folder, { persistent: false }, (_event, name) => {
        // It may be the folder itself that has gone; nothing is heard of another one in its place.
        if (name === basename(folder)) void refresh();
        onEvent(name);
      });
      // The folder has gone, or the system has no more to give.
      return made.on('error', drop);
    } catch {
      return undefined;
    }
  };
  const refresh = async (): Promise<void> => {
    const now = await identify(folder);
    if (isClosed || (now === identity && watcher !== undefined)) return;
    drop();
    if (now === undefined) return;
    watcher = listen();
    identity = now;
  };

  return {
    refresh,
    close() {
      isClosed = true;
      drop();
    },
  };
}

async function identify(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino, birthtimeNs } = await stat(folder, { bigint: true });
    return [dev, ino, birthtimeNs].join(' ');
  } catch {
    return undefined;
  }
}
