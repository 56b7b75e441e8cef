import type { AuthConfig } from '../config/config.ts';
import { isTrustworthyUrl } from './jwt/trustworthy-url.ts';
import { readTokenFile } from './tokens/token-file.ts';
import { tokenFileIn } from './tokens/token-record.ts';

export interface AccessCheck {
  /** Whether anybody could be let in: a token that is valid, or an issuer. */
  isOpenToAnybody: boolean;
  /** What is wrong with what there is, in words for the person who has set it up. */
  problems: readonly string[];
}

/** Looks at what would let clients in, before anything listens. Asks no issuer. */
export async function checkAccess({
  auth,
  stateDir,
  nowMs,
}: {
  auth: Pick<AuthConfig, 'tokens' | 'jwt'>;
  stateDir: string;
  nowMs: number;
}): Promise<AccessCheck> {
  const problems: string[] = [];
  const { issuer, jwks } = auth.jwt ?? {};
  for (const [key, url] of Object.entries({ issuer, jwks })) {
    if (url !== undefined && !isTrustworthyUrl(url)) {
      problems.push(
        `auth.jwt.${key} is read in the clear, so anybody on the way could let themselves in; write https://`,
      );
    }
  }
  const read = auth.tokens ? await readTokenFile(tokenFileIn(stateDir)) : undefined;
  if (read?.ok === false) problems.push(read.problem);
  const tokens = read?.ok === true ? read.tokens : [];
  const hasToken = tokens.some(({ expiresMs }) => expiresMs === undefined || expiresMs > nowMs);
  return { isOpenToAnybody: hasToken || auth.jwt !== undefined, problems };
}
