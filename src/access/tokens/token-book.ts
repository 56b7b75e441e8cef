import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { refused, type Authentication, type Standing } from '../identity.ts';
import { readStamp, readTokenFile } from './token-file.ts';
import { hashToken, type TokenRecord } from './token-record.ts';

/**
 * While the file cannot be read for a reason that passes, what was begun goes on for so long: nobody has taken anything back. After that
 * somebody may have.
 */
const graceMs = 30_000;

/** Whom the tokens of a file let in, as it is now: what is revoked while we run counts no more within this. */
const recheckMs = 250;

export interface TokenBook {
  /** Never tells in its own time how near a token came to one that counts. */
  identify(token: string): Promise<Authentication>;
}

export interface TokenBookOptions {
  file: string;
  clock: Clock;
  /** Milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
}

export function createTokenBook({ file, clock, now, logger }: TokenBookOptions): TokenBook {
  let tokens: readonly Known[] = [];
  /** Those of the last time that the file could be read, and since when it cannot, where that may pass. */
  let past: { tokens: readonly Known[]; sinceMs: number } | undefined;
  let stamp: string | undefined;
  let checkedMs = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;
  let told: string | undefined;

  const read = async (): Promise<void> => {
    if (stamp === undefined || (await readStamp(file)) !== stamp) {
      const found = await readTokenFile(file);
      // Of a broken file nobody can tell whose tokens were taken back.
      const isPassing = !found.ok && found.isPassing;
      past = isPassing ? (past ?? { tokens, sinceMs: clock.now() }) : undefined;
      tokens = found.ok ? found.tokens.map(toKnown) : [];
      stamp = isPassing ? undefined : found.stamp;
      const problem = found.ok ? undefined : found.problem;
      // One that cannot be opened is tried again with every request.
      if (problem !== undefined && problem !== told) logger.error({ reason: problem }, 'no token is accepted');
      told = problem;
    }
    checkedMs = clock.now();
  };
  const current = async (maxAgeMs = recheckMs): Promise<readonly Known[]> => {
    if (clock.now() - checkedMs >= maxAgeMs) {
      checking ??= read().finally(() => (checking = undefined));
      await checking;
    }
    return tokens;
  };
  const standingOf = async ({ sha256, expiresMs }: TokenRecord): Promise<Standing> => {
    const isIn = (known: readonly Known[]): boolean => known.some(({ record }) => record.sha256 === sha256);
    const isKept = isIn(await current());
    const isLeft = past !== undefined && clock.now() - past.sinceMs < graceMs && isIn(past.tokens);
    if (!isKept && !isLeft) return 'revoked';
    return expiresMs !== undefined && expiresMs <= now() ? 'expired' : 'valid';
  };

  return {
    async identify(token) {
      const hash = hashToken(token);
      // One that was just created is used at once.
      const found = findAmong(await current(), hash) ?? findAmong(await current(0), hash);
      if (found === undefined) return refused('a token that is not known, or was revoked');
      if ((await standingOf(found)) !== 'valid') return refused(`the token ${found.name} has run out`);
      return {
        ok: true,
        identity: {
          principal: `token/${found.name}`,
          scopes: new Set(found.scopes),
          standing: () => standingOf(found),
        },
      };
    },
  };
}

/** Looks at all of them, whichever it is. */
function findAmong(tokens: readonly Known[], hash: Buffer): TokenRecord | undefined {
  let found: TokenRecord | undefined;
  for (const { record, hash: other } of tokens) if (timingSafeEqual(hash, other)) found = record;
  return found;
}

/** A token with its hash as it is compared, at every request. */
interface Known {
  record: TokenRecord;
  hash: Buffer;
}

function toKnown(record: TokenRecord): Known {
  return { record, hash: Buffer.from(record.sha256, 'hex') };
}
