import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isJsonObject } from '../core/json.ts';
import { makeDirectorySync } from '../lib/files/make-directory.ts';
import { replaceFileSync } from '../lib/files/replace-file.ts';

/** What was said yes to, and when (milliseconds since the epoch). */
export interface Yes {
  keyScope: string;
  digest: string;
  grantedAt: number;
}

/** As many as there may be, with the longest names. What is larger was not written here. */
const maxFileBytes = 1_000_000;

/** What the file holds; nothing where there is none. `problem`: why none of it is to be believed, or it could not be read. */
export function readYeses(file: string): { approvals: Yes[] } | { problem: string } {
  let descriptor: number;
  try {
    // Neither a link to somewhere else, nor a pipe that would be waited for.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const reason = reasonOf(error);
    return reason === 'ENOENT' ? { approvals: [] } : { problem: reason };
  }
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) return { problem: 'not a file' };
    if (found.size > maxFileBytes) return { problem: `larger than ${maxFileBytes} bytes` };
    // Windows keeps no such bits; the folder of the user is nobody else's there.
    const isOurs = process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0);
    if (!isOurs) return { problem: 'others can write it' };
    return parse(readFileSync(descriptor, 'utf8'));
  } catch (error) {
    return { problem: reasonOf(error) };
  } finally {
    closeSync(descriptor);
  }
}

function parse(text: string): { approvals: Yes[] } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'not JSON' };
  }
  if (!isJsonObject(value) || value['version'] !== 1 || !Array.isArray(value['approvals'])) {
    return { problem: 'not what mcp-marshal writes' };
  }
  const approvals = value['approvals'].flatMap((one): Yes[] => {
    const { keyScope, digest, grantedAt } = isJsonObject(one) ? one : {};
    const isYes = typeof keyScope === 'string' && typeof digest === 'string' && typeof grantedAt === 'number';
    return isYes && /^[0-9a-f]{64}$/.test(digest) ? [{ keyScope, digest, grantedAt }] : [];
  });
  const isWhole = approvals.length === value['approvals'].length;
  return isWhole ? { approvals } : { problem: 'not what mcp-marshal writes' };
}

/** Puts the file in its place whole. Throws where it cannot be written. */
export function writeYeses({ stateDir, file }: { stateDir: string; file: string }, approvals: readonly Yes[]): void {
  makeDirectorySync(stateDir);
  replaceFileSync(file, `${JSON.stringify({ version: 1, approvals })}\n`);
}

/** Node's word for what went wrong, where it has one. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
