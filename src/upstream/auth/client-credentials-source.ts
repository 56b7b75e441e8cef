import { fetchToken } from '@modelcontextprotocol/client';
import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import { AuthFailure, toAuthFailure } from './auth-failure.ts';
import type { Discovery } from './discover.ts';
import { discover } from './discover.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import type { RemoteServer } from './remote-server.ts';
import type { Token, TokenSource } from './token.ts';
import { readTokens } from './token.ts';

/** Tokens that this program gets by itself (RFC 6749, 4.4), kept in memory: another process gets its own. */
export function createClientCredentialsSource(server: RemoteServer, now: () => number = Date.now): TokenSource {
  const { clientId, clientSecret } = server.auth ?? {};
  const secrets = new Set(clientSecret === undefined ? [] : [clientSecret]);
  let discovery: Discovery | undefined;
  let token: Token | undefined;

  const obtain = async (): Promise<Token> => {
    if (clientId === undefined || clientSecret === undefined) {
      throw new AuthFailure('auth.clientId or auth.clientSecret is missing', { kind: 'refused' });
    }
    const fetch = createGuardedFetch(server);
    discovery ??= await discover(server, { fetch });
    const { issuer, metadata, resource, scope } = discovery;
    const provider = providerOf({ clientId, clientSecret, scope });
    const tokens = await fetchToken(provider, issuer, {
      metadata,
      fetchFn: fetch,
      ...(resource !== undefined && { resource }),
      ...(scope !== undefined && { scope }),
    });
    // Whoever has the secret needs no other token to get the next one.
    const { refreshToken: _, ...read } = readTokens(tokens, now());
    return { ...read, isRenewable: true };
  };

  return {
    isEager: true,
    read: () => token,
    async renew() {
      try {
        token = await obtain();
        for (const oldest of [...secrets].slice(1, -maxTokens)) secrets.delete(oldest);
        secrets.add(token.value);
        return { kind: 'token', token };
      } catch (error) {
        // It may have moved.
        discovery = undefined;
        const { kind, message } = toAuthFailure(error);
        return { kind, reason: message };
      }
    },
    absence: () => 'it wants a token (HTTP 401)',
    remedy: `correct auth at ${server.name} in the configuration`,
    secrets: () => [...secrets],
    hasNews: () => false,
  };
}

/** Those before may still turn up in what a server says. */
const maxTokens = 8;

/** What the SDK asks of a client; nothing of it is stored, and nobody is sent anywhere. */
function providerOf({
  clientId,
  clientSecret,
  scope,
}: {
  clientId: string;
  clientSecret: string;
  scope: string | undefined;
}): OAuthClientProvider {
  return {
    redirectUrl: undefined,
    clientMetadata: { redirect_uris: [], grant_types: ['client_credentials'] },
    clientInformation: () => ({ client_id: clientId, client_secret: clientSecret }),
    tokens: () => undefined,
    saveTokens() {},
    redirectToAuthorization() {},
    saveCodeVerifier() {},
    codeVerifier: () => '',
    prepareTokenRequest(asked = scope) {
      const params = new URLSearchParams({ grant_type: 'client_credentials' });
      if (asked !== undefined) params.set('scope', asked);
      return params;
    },
  };
}
