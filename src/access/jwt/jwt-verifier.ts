import type { JWTPayload } from 'jose';
import type { AuthConfig } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import { toolClasses, type ToolClass } from '../../core/tool.ts';
import type { Logger } from '../../lib/logger.ts';
import { refused, type Authentication } from '../identity.ts';
import { createKeyStore } from './key-store.ts';
import { readKeys } from './read-keys.ts';

export interface JwtVerifierOptions {
  jwt: NonNullable<AuthConfig['jwt']>;
  clock: Clock;
  /** Milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
}

export interface JwtVerifier {
  identify(token: string): Promise<Authentication>;
}

/** Signatures that only the issuer can make. With a shared secret, or none, its public keys would be all it takes to forge one. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** What clocks that are set over the network differ by. */
const clockToleranceS = 5;
/** Of a subject; as long as OpenID Connect lets one be. It is refused rather than cut: two could begin alike. */
const maxSubjectChars = 255;

/** Accepts tokens that one issuer has signed for one audience (RFC 7519, RFC 9068). What a token says of where its keys are is nothing to us. */
export function createJwtVerifier({ jwt, clock, now, logger }: JwtVerifierOptions): JwtVerifier {
  const { issuer, audience, scopesClaim } = jwt;
  const findKey = createKeyStore({ clock, read: () => readKeys(jwt, { clock, logger }) });

  return {
    async identify(token) {
      const jose = await import('jose');
      try {
        const { payload } = await jose.jwtVerify(
          token,
          async (header) => (await findKey(header)) ?? Promise.reject(new jose.errors.JWKSNoMatchingKey()),
          {
            issuer,
            audience,
            algorithms,
            clockTolerance: clockToleranceS,
            requiredClaims: ['exp', 'sub'],
            currentDate: new Date(now()),
          },
        );
        return toIdentity(payload, { issuer, scopesClaim, now });
      } catch (error) {
        if (!(error instanceof jose.errors.JOSEError)) throw error;
        const claim = 'claim' in error ? ` ${String(error.claim)}` : '';
        return refused(`a JWT that is not accepted (${error.code}${claim})`);
      }
    },
  };
}

function toIdentity(
  payload: JWTPayload,
  { issuer, scopesClaim, now }: { issuer: string; scopesClaim: string; now: () => number },
): Authentication {
  const { sub, exp } = payload;
  // oxlint-disable-next-line no-control-regex -- they would steer the terminal of who reads the journal
  if (typeof sub !== 'string' || sub === '' || sub.length > maxSubjectChars || /[\u0000-\u001f\u007f]/.test(sub)) {
    return refused('a JWT whose sub is missing or cannot be a name');
  }
  const endsMs = ((exp ?? 0) + clockToleranceS) * 1000;
  return {
    ok: true,
    identity: {
      principal: `jwt/${issuer}/${sub}`,
      scopes: readScopes(payload[scopesClaim]),
      standing: () => Promise.resolve(now() < endsMs ? 'valid' : 'expired'),
    },
  };
}

/** Words with spaces between (RFC 8693, 4.2), or a list, as several issuers write it. Words that are none of ours say nothing. */
function readScopes(claim: unknown): ReadonlySet<ToolClass> {
  const words: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return new Set(toolClasses.filter((known) => words.includes(known)));
}
