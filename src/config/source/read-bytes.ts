import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Reads a file's bytes; may stop after `maxBytes + 1` of them, which is enough to know that there are too many. */
export type ReadFile = (file: string, maxBytes: number) => Promise<Uint8Array>;

/** How long a pipe may give nothing, and how long it may take altogether, in milliseconds. */
const pipeLimits = { idleMs: 5_000, wholeMs: 60_000 };
/** Nobody notices, and it costs nothing. */
const lookEveryMs = 20;

/** Reads a regular file. Rejects with `code` ENOTREG for a pipe, a device or a socket: one may have no end, or keep its reader waiting for ever. */
export const readRegularFile: ReadFile = (file, maxBytes) =>
  withFile(file, async (handle) => {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw withCode('EISDIR');
    if (!stats.isFile()) throw withCode('ENOTREG');
    return readStart(maxBytes, (bytes, at) => readInto(handle, bytes, at));
  });

/**
 * Reads a file, or what comes out of a pipe, as a shell makes one of a command's output. Rejects with `code` ETIMEDOUT where nothing comes
 * for 5 s, or the end not within a minute. Never waits inside the system, so a signal is heard meanwhile.
 */
export function readFileOrPipe(
  file: string,
  maxBytes: number,
  { idleMs, wholeMs }: typeof pipeLimits = pipeLimits,
): Promise<Uint8Array> {
  return withFile(file, async (handle) => {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw withCode('EISDIR');
    const endMs = performance.now() + wholeMs;
    return readStart(maxBytes, async (bytes, at) => {
      const limitMs = Math.min(endMs, performance.now() + idleMs);
      for (;;) {
        const count = await readInto(handle, bytes, at);
        // A named pipe that nobody has opened for writing yet reads as one at its end.
        const isPending = count === undefined || (count === 0 && at === 0 && stats.isFIFO());
        if (!isPending) return count;
        if (performance.now() >= limitMs) throw withCode('ETIMEDOUT');
        await pause(lookEveryMs);
      }
    });
  });
}

/** Opened so that a pipe without a writer keeps nobody waiting; of a regular file it makes no difference. */
async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/** Until `read` says 0, or there are more bytes than the limit. */
async function readStart(
  maxBytes: number,
  read: (bytes: Uint8Array, at: number) => Promise<number | undefined>,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(maxBytes + 1);
  let length = 0;
  while (length < bytes.length) {
    const count = await read(bytes, length);
    if (count === undefined || count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/** How many bytes came; `undefined`: none yet. */
async function readInto(handle: FileHandle, bytes: Uint8Array, at: number): Promise<number | undefined> {
  try {
    return (await handle.read(bytes, at, bytes.length - at)).bytesRead;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
