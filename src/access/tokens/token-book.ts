import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { refused, type Authentication, type Standing } from '../identity.ts';
import { readStamp, readTokenFile } from './token-file.ts';
import { hashToken, type TokenRecord } from './token-record.ts';

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
  let tokens: readonly TokenRecord[] = [];
  let stamp: string | undefined;
  let checkedMs = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;
  let told: string | undefined;

  const read = async (): Promise<void> => {
    if (stamp === undefined || (await readStamp(file)) !== stamp) {
      const found = await readTokenFile(file);
      // Of a broken file nobody can tell whose tokens were taken back.
      tokens = found.ok ? found.tokens : [];
      stamp = found.stamp;
      const problem = found.ok ? undefined : found.problem;
      // One that cannot be opened is tried again with every request.
      if (problem !== undefined && problem !== told) logger.error({ reason: problem }, 'no token is accepted');
      told = problem;
    }
    checkedMs = clock.now();
  };
  const current = async (maxAgeMs = recheckMs): Promise<readonly TokenRecord[]> => {
    if (clock.now() - checkedMs >= maxAgeMs) {
      checking ??= read().finally(() => (checking = undefined));
      await checking;
    }
    return tokens;
  };
  const standingOf = async ({ sha256, expiresMs }: TokenRecord): Promise<Standing> => {
    const isKept = (await current()).some((token) => token.sha256 === sha256);
    if (!isKept) return 'revoked';
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
function findAmong(tokens: readonly TokenRecord[], hash: Buffer): TokenRecord | undefined {
  let found: TokenRecord | undefined;
  for (const record of tokens) if (timingSafeEqual(hash, Buffer.from(record.sha256, 'hex'))) found = record;
  return found;
}
