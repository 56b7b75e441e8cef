import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../core/place.ts';
import { makeDirectory } from '../lib/files/make-directory.ts';

/** A dead network drive can hold a write for minutes, and nobody waits for a warning that long. */
const limitMs = 1_000;

/** Creates the state directory, writes a file there and removes it: what is wrong with that, if anything. Takes a second at most. */
export async function probeStateDir(stateDir: string): Promise<Problem | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${limitMs / 1_000} s`), limitMs);
  });
  const reason = await Promise.race([late, tryToWrite(stateDir)]);
  clearTimeout(timer);
  if (reason === undefined) return undefined;
  return { message: `stateDir ${stateDir} cannot be written (${reason}); tool lists are not kept; set stateDir` };
}

async function tryToWrite(stateDir: string): Promise<string | undefined> {
  const file = join(stateDir, `probe-${randomUUID()}`);
  try {
    await makeDirectory(stateDir);
    await writeFile(file, 'written by mcp-marshal check', { mode: 0o600, flag: 'wx' });
    await rm(file);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
