import { refreshAuthorization } from '@modelcontextprotocol/client';
import type { Logger } from '../../../lib/logger.ts';
import { AuthFailure, toAuthFailure } from '../auth-failure.ts';
import { assertOurs, createGuardedFetch } from '../guarded-fetch.ts';
import type { RemoteServer } from '../remote-server.ts';
import type { Renewal, Token, TokenSource } from '../token.ts';
import { readTokens } from '../token.ts';
import { withFileLock } from '../../../lib/files/file-lock.ts';
import type { FoundLogin, LoginStore, StoredLogin } from './login-store.ts';

export interface LoginSourceOptions {
  server: RemoteServer;
  store: LoginStore;
  logger: Pick<Logger, 'warn'>;
  /** Wall clock, in milliseconds since 1970. */
  now?: () => number;
}

/** Two answers of 10 s each, and a margin. */
const lock = { waitMs: 20_000, staleMs: 30_000 };

/** Old ones may still turn up in what a server says. */
const maxSecrets = 24;

/** Tokens that a person has got by logging in. Other processes use the same, and renew them as well. */
export function createLoginSource({ server, store, logger, now = Date.now }: LoginSourceOptions): TokenSource {
  const secrets = new Set<string>();
  let seen = '';
  let found: FoundLogin = { kind: 'none' };
  /** What could not be stored is known here alone, and holds as long as nobody leaves another. */
  let unstored: StoredLogin | undefined;

  const learn = ({ accessToken, refreshToken, client }: StoredLogin): void => {
    for (const secret of [accessToken, refreshToken, client.client_secret, server.auth?.clientSecret]) {
      if (secret !== undefined) secrets.add(secret);
    }
    for (const oldest of [...secrets].slice(0, -maxSecrets)) secrets.delete(oldest);
  };
  const find = (): StoredLogin | undefined => {
    // Before it is read: what is written meanwhile is news.
    const stamp = store.stamp();
    if (stamp !== seen) unstored = undefined;
    seen = stamp;
    found = unstored === undefined ? store.find() : { kind: 'login', login: unstored };
    if (found.kind !== 'login') return undefined;
    learn(found.login);
    return isOfClient(found.login, server) ? found.login : undefined;
  };
  const read = (): Token | undefined => {
    const login = find();
    return login && toToken(login);
  };

  /** Under the lock. */
  const refresh = async (old: Token | undefined): Promise<Renewal> => {
    const login = find();
    if (login === undefined) return { kind: 'refused', reason: absenceOf(found) };
    // Another process has done it.
    if (login.accessToken !== old?.value && !isOver(login, now())) return { kind: 'token', token: toToken(login) };
    if (login.refreshToken === undefined) return { kind: 'refused', reason: 'its login is over' };
    try {
      const stamp = seen;
      const renewed = await exchange(login, server, now);
      // A person who has logged in anew meanwhile, or had it forgotten, has not asked for our lock.
      if (unstored === undefined && store.stamp() !== stamp) {
        const later = find();
        // The same login as before, in a file that was merely copied or touched, has been used up by this.
        if (later?.refreshToken !== login.refreshToken) return toRenewal(later);
      }
      learn(renewed);
      await keep(renewed);
      return { kind: 'token', token: toToken(renewed) };
    } catch (error) {
      const { kind, message, code } = toAuthFailure(error);
      const later = code === 'invalid_grant' ? find() : undefined;
      // One that knows nothing of our lock has used it up, and left another.
      if (later !== undefined && later.refreshToken !== login.refreshToken)
        return { kind: 'token', token: toToken(later) };
      return { kind, reason: code === 'invalid_grant' ? 'its login is over, or was taken back' : message };
    }
  };
  const toRenewal = (login: StoredLogin | undefined): Renewal =>
    login === undefined ? { kind: 'refused', reason: absenceOf(found) } : { kind: 'token', token: toToken(login) };
  const keep = async (login: StoredLogin): Promise<void> => {
    try {
      unstored = login;
      await store.write(login);
      unstored = undefined;
      seen = store.stamp();
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      logger.warn({ server: server.name, reason }, 'the renewed login cannot be stored; it may have to be made again');
    }
  };

  return {
    isEager: false,
    read,
    async renew(old) {
      try {
        const renewal = await withFileLock(`${store.file}.lock`, () => refresh(old), lock);
        return (
          renewal ?? { kind: 'away', reason: 'another process is renewing its login, and does not come to an end' }
        );
      } catch {
        // The folder cannot be written to: alone we can do it all the same.
        return refresh(old);
      }
    },
    absence: () => absenceOf(found),
    remedy: `run mcp-marshal login ${server.name}`,
    secrets: () => [...secrets],
    hasNews: () => store.stamp() !== seen,
  };
}

async function exchange(login: StoredLogin, server: RemoteServer, now: () => number): Promise<StoredLogin> {
  const { issuer, tokenEndpoint, clientAuthMethods, client, refreshToken, resource } = login;
  if (refreshToken === undefined) throw new AuthFailure('its login is over', { kind: 'refused' });
  assertOurs(tokenEndpoint, server, 'names', ' as its token endpoint');
  const secret = client.client_id === server.auth?.clientId ? server.auth.clientSecret : undefined;
  const tokens = await refreshAuthorization(issuer, {
    metadata: {
      issuer,
      token_endpoint: tokenEndpoint,
      authorization_endpoint: tokenEndpoint,
      response_types_supported: ['code'],
      ...(clientAuthMethods && { token_endpoint_auth_methods_supported: clientAuthMethods }),
    },
    clientInformation: { ...client, ...(secret !== undefined && { client_secret: secret }) },
    refreshToken,
    ...(resource !== undefined && { resource }),
    fetchFn: createGuardedFetch(server),
  });
  const { value, ...read } = readTokens(tokens, now());
  const { expiresAtMs: _, ...kept } = login;
  return { ...kept, accessToken: value, ...read, ...(tokens.scope !== undefined && { scope: tokens.scope }) };
}

function toToken({ accessToken, issuedAtMs, expiresAtMs, refreshToken }: StoredLogin): Token {
  return {
    value: accessToken,
    issuedAtMs,
    isRenewable: refreshToken !== undefined,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
}

function isOver({ expiresAtMs }: StoredLogin, nowMs: number): boolean {
  return expiresAtMs !== undefined && nowMs >= expiresAtMs;
}

/** Tokens of another client are of no use to the one that the configuration names. */
function isOfClient({ client }: StoredLogin, { auth }: RemoteServer): boolean {
  return auth?.clientId === undefined || auth.clientId === client.client_id;
}

function absenceOf({ kind }: FoundLogin): string {
  return `it wants a login${unusable[kind]}`;
}

const unusable = {
  none: ' (HTTP 401)',
  elsewhere: ', and the stored one is for another url',
  broken: ', and the stored one cannot be read',
  login: ', and the stored one is of another client than auth.clientId',
} as const;
