import type { AuthConfig } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { refused, type Authenticate } from './identity.ts';
import { createJwtVerifier } from './jwt/jwt-verifier.ts';
import { readBearer } from './read-bearer.ts';
import { createTokenBook } from './tokens/token-book.ts';
import { tokenFileIn, tokenPrefix } from './tokens/token-record.ts';

export interface AuthenticatorOptions {
  auth: Pick<AuthConfig, 'tokens' | 'jwt'>;
  /** Where the tokens lie. */
  stateDir: string;
  clock: Clock;
  /** Milliseconds since the epoch: tokens run out by the calendar. */
  now: () => number;
  logger: Logger;
}

/** Who may in, by the tokens of `mcp-marshal token create` and by JSON Web Tokens of one issuer, as far as each is configured. */
export function createAuthenticator({ auth, stateDir, ...shared }: AuthenticatorOptions): Authenticate {
  const book = auth.tokens ? createTokenBook({ ...shared, file: tokenFileIn(stateDir) }) : undefined;
  const verifier = auth.jwt === undefined ? undefined : createJwtVerifier({ ...shared, jwt: auth.jwt });

  return async (rawHeaders) => {
    try {
      const bearer = readBearer(rawHeaders);
      if (!bearer.ok) return bearer;
      // One of ours is never looked at as anything else, nor the other way round.
      const checks = bearer.token.startsWith(tokenPrefix) ? book : verifier;
      return (await checks?.identify(bearer.token)) ?? refused('a kind of token that auth does not accept');
    } catch (error) {
      // Whoever could make us fail must not be let in by it.
      shared.logger.error({ reason: nameOf(error) }, 'checking a token failed inside mcp-marshal');
      return refused('an internal error');
    }
  };
}

/** Never the message, which may quote what was being read. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
