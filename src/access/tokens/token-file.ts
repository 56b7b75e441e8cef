import { open, stat, type FileHandle } from 'node:fs/promises';
import { parseTokens, type RevokedName, type TokenRecord } from './token-record.ts';

/** A thousand tokens are a quarter of this. */
const maxBytes = 1024 * 1024;

/** What a file holds, and what tells it from the next one in its place; or why nobody can be let in by it. */
export type TokenFile =
  | { ok: true; tokens: readonly TokenRecord[]; revoked: readonly RevokedName[]; stamp: string }
  /** `isPassing`: it was not the file that was wrong, and the next attempt may read it. */
  | { ok: false; problem: string; isPassing: boolean; stamp: string };

/** Want of descriptors or memory, and what disks and networks say while they are away. */
const passingCodes: ReadonlySet<string | undefined> = new Set([
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ESTALE',
  'ETIMEDOUT',
]);

/** Reads the tokens. One that is not there holds none. Never rejects. */
export async function readTokenFile(file: string): Promise<TokenFile> {
  let handle: FileHandle | undefined;
  let stamp = '';
  const fail = (reason: string, isPassing = false): TokenFile => ({
    ok: false,
    problem: `${file} ${reason}`,
    isPassing,
    stamp,
  });
  try {
    handle = await open(file, 'r');
    const found = await handle.stat({ bigint: true });
    stamp = stampOf(found);
    if (!found.isFile()) return fail('is no file');
    // Whoever may write there can let themselves in.
    if (!belongsToUs(found)) return fail('can be written by others than its user; make it yours alone: chmod 600');
    if (found.size > maxBytes) return fail(`is larger than ${maxBytes} bytes`);
    const parsed = parseTokens(await handle.readFile('utf8'));
    return parsed === undefined
      ? fail('is not as mcp-marshal writes it, so no token in it counts; remove it and create the tokens anew')
      : { ok: true, ...parsed, stamp };
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { ok: true, tokens: [], revoked: [], stamp }
      : fail(`cannot be read (${code ?? 'unknown error'})`, passingCodes.has(code));
  } finally {
    await handle?.close();
  }
}

/** The stamp of what stands in the file's place now. Never rejects. */
export async function readStamp(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(stampOf, () => '');
}

interface Found {
  ino: bigint;
  size: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  mode: bigint;
  uid: bigint;
}

function stampOf({ ino, size, mtimeNs, ctimeNs }: Found): string {
  return [ino, size, mtimeNs, ctimeNs].join('-');
}

/** Where users have no numbers, files have no modes either. */
function belongsToUs({ mode, uid }: Found): boolean {
  const own = process.getuid?.();
  if (own === undefined) return true;
  return (uid === BigInt(own) || uid === 0n) && (mode & 0o022n) === 0n;
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
