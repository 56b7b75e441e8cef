import { createHash } from 'node:crypto';
import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../lib/files/make-directory.ts';

/** Where the proxies of a state folder are found by whoever answers questions: one socket for each process. */
export interface QueuePlace {
  folder: string;
  /** The address of a process; with `suffix` where another one goes by the same number, as in two containers. */
  addressOf(pid: number, suffix?: string): string;
  /** Whether a name of the folder is such an address. */
  isAddress(name: string): boolean;
}

/** What every system takes as the path of a socket (macOS: 104 bytes with the final zero). */
const maxSocketBytes = 103;
const longestName = 'approvals-9999999999-ffff.sock';

/**
 * The folder `run` of the state folder; where that makes too long a path for a socket, a folder of this user in `/tmp`, which is the
 * same whatever environment a client has given to the proxy. On Windows named pipes: those are made so that other users can read from
 * one but not write to it, which is not enough to connect.
 */
export function queuePlaceOf(stateDir: string): QueuePlace {
  const hash = createHash('sha256').update(stateDir).digest('hex').slice(0, 12);
  const nameOf = (pid: number, suffix?: string): string =>
    `approvals-${pid}${suffix === undefined ? '' : `-${suffix}`}`;
  if (process.platform === 'win32') {
    const folder = '\\\\.\\pipe\\';
    const prefix = `mcp-marshal-${hash}-`;
    return {
      folder,
      addressOf: (pid, suffix) => `${folder}${prefix}${nameOf(pid, suffix)}`,
      isAddress: (name) => name.startsWith(`${prefix}approvals-`),
    };
  }
  const usual = join(stateDir, 'run');
  const isLong = Buffer.byteLength(join(usual, longestName)) > maxSocketBytes;
  const folder = isLong ? `/tmp/mcp-marshal-${process.getuid?.() ?? 0}-${hash}` : usual;
  return {
    folder,
    addressOf: (pid, suffix) => join(folder, `${nameOf(pid, suffix)}.sock`),
    isAddress: (name) => /^approvals-\d{1,10}(?:-[0-9a-f]{4})?\.sock$/.test(name),
  };
}

/** Makes the folder for this user alone. Rejects where somebody else could put something there. */
export async function makeQueueFolder({ folder }: QueuePlace): Promise<void> {
  if (process.platform === 'win32') return;
  await makeDirectory(folder);
  await refuseForeign(folder);
  await chmod(folder, 0o700);
}

/** The addresses in the folder; none where there is no folder. Rejects where somebody else could have put them there. */
export async function listAddresses({ folder, isAddress }: QueuePlace): Promise<string[]> {
  try {
    if (process.platform !== 'win32') await refuseForeign(folder);
    return (await readdir(folder))
      .filter(isAddress)
      .map((name) => (process.platform === 'win32' ? folder + name : join(folder, name)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function refuseForeign(folder: string): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
  if (found.uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user`);
}
