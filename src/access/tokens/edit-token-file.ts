import { withFileLock } from '../../lib/files/file-lock.ts';
import { replaceFile } from '../../lib/files/replace-file.ts';
import { readTokenFile } from './token-file.ts';
import { renderTokens, tokenFileIn, type RevokedName, type TokenRecord } from './token-record.ts';

/** An edit takes milliseconds: a lock that is older was left behind by a process that was killed. */
const staleMs = 10_000;
/** Longer than a lock that was left behind lasts. */
const patienceMs = 12_000;

/** What there is: the tokens, and the names that were taken back of late. */
export interface Tokens {
  tokens: readonly TokenRecord[];
  revoked: readonly RevokedName[];
}

/** What an edit comes to: what there is from now on, or why nothing is changed. */
export type Edit = ({ ok: true } & Tokens) | { ok: false; problem: string };

/**
 * Changes the tokens of a state folder. Of several processes that do so one goes after the other, and whoever reads in between sees
 * the tokens before or after. A file that is broken is left alone. Rejects where the folder cannot be written.
 */
export async function editTokenFile(
  stateDir: string,
  edit: (found: Tokens) => Edit,
): Promise<{ ok: true } | { ok: false; problem: string }> {
  const file = tokenFileIn(stateDir);
  const done = await withFileLock(
    `${file}.lock`,
    async () => {
      const read = await readTokenFile(file);
      if (!read.ok) return read;
      const edited = edit(read);
      if (!edited.ok) return edited;
      await replaceFile(file, renderTokens(edited.tokens, edited.revoked), { isDurable: true });
      return { ok: true } as const;
    },
    { waitMs: patienceMs, staleMs },
  );
  return done ?? { ok: false, problem: `${file} is being changed by another process; try again` };
}
