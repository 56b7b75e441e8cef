import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDirectory } from '../../lib/make-directory.ts';
import { readTokenFile } from './token-file.ts';
import { renderTokens, tokenFileIn, type TokenRecord } from './token-record.ts';

/** An edit takes milliseconds: a lock that is older was left behind by a process that was killed. */
const staleMs = 10_000;
const retryMs = 50;
/** Longer than a lock that was left behind lasts. */
const patienceMs = 12_000;

/** What an edit comes to: the tokens from now on, or why nothing is changed. */
export type Edit = { ok: true; tokens: readonly TokenRecord[] } | { ok: false; problem: string };

/**
 * Changes the tokens of a state folder. Of several processes that do so one goes after the other, and whoever reads in between sees
 * the tokens before or after. A file that is broken is left alone. Rejects where the folder cannot be written.
 */
export async function editTokenFile(
  stateDir: string,
  edit: (tokens: readonly TokenRecord[]) => Edit,
): Promise<{ ok: true } | { ok: false; problem: string }> {
  const file = tokenFileIn(stateDir);
  await makeDirectory(stateDir);
  const release = await lock(`${file}.lock`);
  if (release === undefined) return { ok: false, problem: `${file} is being changed by another process; try again` };
  try {
    const read = await readTokenFile(file);
    if (!read.ok) return read;
    const edited = edit(read.tokens);
    if (!edited.ok) return edited;
    await replaceFile(file, renderTokens(edited.tokens));
    return { ok: true };
  } finally {
    await release();
  }
}

/** Resolves with what gives the lock back; with nothing where others hold it for too long. */
async function lock(file: string): Promise<(() => Promise<void>) | undefined> {
  const deadlineMs = performance.now() + patienceMs;
  while (performance.now() < deadlineMs) {
    try {
      await (await open(file, 'wx', 0o600)).close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const ageMs = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (ageMs > staleMs) await rm(file, { force: true });
    else await sleep(retryMs);
  }
  return undefined;
}

/** Readers see the old file or the new one, never half of one; and what a command has said to be done survives the power's going. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    // Not every system lets a folder be opened; the file itself is written by then.
    const folder = await open(dirname(file), 'r').catch(() => undefined);
    await folder?.sync().catch(() => {});
    await folder?.close();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
