import { readRegularFile } from './read-bytes.ts';
import type { ReadFile } from './read-bytes.ts';

/** Told of a file before it is read. */
export type OnFile = (file: string) => void;

/** A file as text, or why it is not, in a phrase that follows the file's name. */
export type ReadText = { ok: true; text: string } | { ok: false; code: string; reason: string };

/** Reads a text file of at most `maxBytes` bytes of UTF-8; a regular one, unless `readFile` takes others. Never rejects. */
export async function readText(
  file: string,
  maxBytes: number,
  readFile: ReadFile = readRegularFile,
): Promise<ReadText> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file, maxBytes);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    return { ok: false, code, reason: reasonOf(code) };
  }
  if (bytes.length > maxBytes) {
    return { ok: false, code: 'TOO_BIG', reason: `is larger than ${maxBytes / 1024} KiB; make it smaller` };
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    return { ok: false, code: 'BINARY', reason: `is not text (byte ${nul + 1} is zero); write it as UTF-8 text` };
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, code: 'BINARY', reason: 'is not UTF-8 text; save it as UTF-8' };
  }
}

function reasonOf(code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist; create it or correct the path';
    case 'EISDIR':
      return 'is a directory; name a file in it';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user; change its permissions';
    case 'ENOTREG':
    case 'ENXIO':
      return 'is a pipe, a device or a socket; name a regular file';
    case 'ETIMEDOUT':
      return 'is a pipe or a device, and gave nothing for 5 s, or did not come to an end; check what writes to it';
    default:
      return `could not be read (${code}); check the path`;
  }
}
