import type { OAuthTokens } from '@modelcontextprotocol/client';
import { AuthFailure } from './auth-failure.ts';

/** What goes into `Authorization`, and how long it holds. Times are of the wall clock, which processes share, in milliseconds since 1970. */
export interface Token {
  value: string;
  issuedAtMs: number;
  /** Absent: nobody has said. */
  expiresAtMs?: number;
  /** Whether another one can be had without a person. */
  isRenewable: boolean;
}

/** Where tokens of one server come from. */
export interface TokenSource {
  /** Whether it can be asked before the server has refused anything. */
  isEager: boolean;
  /** What is known without asking anybody. Looks at what other processes have left. */
  read(): Token | undefined;
  /** Gets another one in the place of `old`. Never rejects. */
  renew(old: Token | undefined): Promise<Renewal>;
  /** Why `read` has found nothing, and what a person can do whenever there is no token. */
  absence(): string;
  remedy: string;
  /** What of it is never to be shown. */
  secrets(): readonly string[];
  /** Whether something has been left since `read` that it has not seen. */
  hasNews(): boolean;
}

export type Renewal = { kind: 'token'; token: Token } | { kind: 'refused' | 'away'; reason: string };

/** As HTTP can carry it, and no longer than any header may be. */
const sendable = /^[\x21-\x7e]{1,16384}$/;

/** Longer is for ever, as dates go. */
const maxLifetimeMs = 10 * 366 * 86_400_000;

/** What the tokens of an answer come to. @throws AuthFailure for those that cannot be sent as `Bearer` */
export function readTokens(tokens: OAuthTokens, nowMs: number): Omit<Token, 'isRenewable'> & { refreshToken?: string } {
  const { access_token: value, token_type: type, expires_in: seconds, refresh_token: refreshToken } = tokens;
  if (type.toLowerCase() !== 'bearer' || !sendable.test(value)) {
    throw new AuthFailure('its authorization server gave a token that cannot be sent', { kind: 'refused' });
  }
  const isTimed = seconds !== undefined && Number.isFinite(seconds) && seconds >= 0;
  return {
    value,
    issuedAtMs: nowMs,
    ...(isTimed && { expiresAtMs: nowMs + Math.min(maxLifetimeMs, seconds * 1000) }),
    ...(refreshToken !== undefined && { refreshToken }),
  };
}

/** From when on another one is fetched while this one still holds: a minute before its end, or in the last tenth of a short life. */
export function isDue({ issuedAtMs, expiresAtMs, isRenewable }: Token, nowMs: number): boolean {
  if (expiresAtMs === undefined || !isRenewable) return false;
  return nowMs >= expiresAtMs - Math.min(60_000, (expiresAtMs - issuedAtMs) / 10);
}

/** For how long after a token has been got a server that refuses it would refuse the next one as well: it is far from its end. */
export function freshMs({ issuedAtMs, expiresAtMs }: Token): number {
  const lifeMs = expiresAtMs === undefined ? Infinity : expiresAtMs - issuedAtMs;
  return Math.min(10_000, lifeMs / 2);
}
