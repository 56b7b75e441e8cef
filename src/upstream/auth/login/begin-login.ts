import {
  exchangeAuthorization,
  extractWWWAuthenticateParams,
  registerClient,
  startAuthorization,
} from '@modelcontextprotocol/client';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { AuthFailure, toAuthFailure } from '../auth-failure.ts';
import type { Challenge, Discovery } from '../discover.ts';
import { discover } from '../discover.ts';
import { assertOurs, createGuardedFetch } from '../guarded-fetch.ts';
import type { RemoteServer } from '../remote-server.ts';
import { readTokens } from '../token.ts';
import type { StoredLogin } from './login-store.ts';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** A login that a person has to go on with, in a browser. */
export interface BegunLogin {
  /** Of the page to be opened; http or https. */
  pageUrl: string;
  /** Whether these are the parameters of the answer to this login, and to no other. In constant time. */
  isOurs(answer: URLSearchParams): boolean;
  /** Exchanges the answer for tokens. @throws AuthFailure */
  finish(answer: URLSearchParams): Promise<StoredLogin>;
}

export interface BeginLoginOptions {
  /** Where the browser is sent back to. */
  redirectUrl: string;
  signal: AbortSignal;
}

/** Authorization code with PKCE (MCP 2025-11-25, authorization). @throws AuthFailure */
export async function beginLogin(
  server: RemoteServer,
  { redirectUrl, signal }: BeginLoginOptions,
): Promise<BegunLogin> {
  try {
    return await begin(server, { redirectUrl, fetch: createGuardedFetch(server, signal) });
  } catch (error) {
    throw toAuthFailure(error);
  }
}

async function begin(
  server: RemoteServer,
  { redirectUrl, fetch }: { redirectUrl: string; fetch: Fetch },
): Promise<BegunLogin> {
  const challenge = await knock(server, fetch);
  const discovery = await discover(server, { fetch, challenge: challenge ?? {} }).catch((error: unknown) => {
    if (challenge !== undefined || server.auth !== undefined) throw error;
    throw new AuthFailure('it does not ask for a login', { kind: 'refused' });
  });
  const { metadata, issuer, scope, resource } = discovery;
  assertOurs(metadata.authorization_endpoint, server, 'names', ' as its page for logging in');
  // Who does not say that it checks it may not check it (MCP 2025-11-25, authorization code protection).
  if (metadata.code_challenge_methods_supported?.includes('S256') !== true) {
    throw new AuthFailure('its authorization server does not say that it supports PKCE (S256)', { kind: 'refused' });
  }
  const client = await clientOf(server, { redirectUrl, discovery, fetch });
  const state = randomBytes(32).toString('base64url');
  const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, {
    metadata,
    clientInformation: client,
    redirectUrl,
    state,
    ...(scope !== undefined && { scope }),
    ...(resource !== undefined && { resource }),
  });
  return {
    pageUrl: authorizationUrl.href,
    isOurs: (answer) => isEqual(answer.get('state') ?? '', state),
    async finish(answer) {
      try {
        const iss = answer.get('iss');
        const tokens = await exchangeAuthorization(issuer, {
          metadata,
          clientInformation: client,
          authorizationCode: codeOf(answer),
          ...(iss !== null && { iss }),
          codeVerifier,
          redirectUri: redirectUrl,
          fetchFn: fetch,
          ...(resource !== undefined && { resource }),
        });
        const { value, ...read } = readTokens(tokens, Date.now());
        const granted = tokens.scope ?? scope;
        const methods = metadata.token_endpoint_auth_methods_supported;
        return {
          url: server.url,
          issuer,
          tokenEndpoint: metadata.token_endpoint,
          ...(methods !== undefined && { clientAuthMethods: methods }),
          client: storable(client, server),
          ...(resource !== undefined && { resource }),
          ...(granted !== undefined && { scope: granted }),
          accessToken: value,
          ...read,
        };
      } catch (error) {
        throw toAuthFailure(error);
      }
    },
  };
}

/** What the server says to somebody whom it does not know; nothing where it does not mind. */
async function knock({ url, type, headers }: RemoteServer, fetch: Fetch): Promise<Challenge | undefined> {
  const init =
    type === 'sse'
      ? { headers: { ...headers, accept: 'text/event-stream' } }
      : {
          method: 'POST',
          headers: { ...headers, accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
        };
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    const failure = toAuthFailure(error);
    if (failure.kind === 'refused') throw failure;
    throw new AuthFailure(failure.message.replace('its authorization server', 'it'), { kind: 'away' });
  }
  await response.body?.cancel();
  return response.status === 401 ? extractWWWAuthenticateParams(response) : undefined;
}

interface Client {
  client_id: string;
  client_secret?: string | undefined;
  token_endpoint_auth_method?: string | undefined;
}

async function clientOf(
  server: RemoteServer,
  { redirectUrl, discovery, fetch }: { redirectUrl: string; discovery: Discovery; fetch: Fetch },
): Promise<Client> {
  const { clientId, clientSecret } = server.auth ?? {};
  if (clientId !== undefined) {
    return { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }) };
  }
  const { metadata, issuer, scope } = discovery;
  if (metadata.registration_endpoint === undefined) {
    const mend = `register mcp-marshal there by hand, with ${new URL(redirectUrl).pathname} at http://127.0.0.1 (any port) to come back to`;
    const said = `its authorization server lets nobody register; ${mend}, and write auth: { clientId: … }`;
    throw new AuthFailure(said, { kind: 'refused' });
  }
  assertOurs(metadata.registration_endpoint, server, 'names', ' as its registration endpoint');
  return registerClient(issuer, {
    metadata,
    clientMetadata: {
      client_name: 'mcp-marshal',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    ...(scope !== undefined && { scope }),
    fetchFn: fetch,
  });
}

/** Without what the configuration holds: that is read there again, each time. */
function storable(client: Client, { auth }: RemoteServer): StoredLogin['client'] {
  const { client_id, client_secret, token_endpoint_auth_method } = client;
  if (auth?.clientId !== undefined) return { client_id };
  return {
    client_id,
    ...(client_secret !== undefined && { client_secret }),
    ...(token_endpoint_auth_method !== undefined && { token_endpoint_auth_method }),
  };
}

function codeOf(answer: URLSearchParams): string {
  const code = answer.get('code');
  if (code !== null && code !== '') return code;
  const error = answer.get('error') ?? '';
  if (error === 'access_denied') throw new AuthFailure('the login was declined', { kind: 'refused', code: error });
  const said = /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : '';
  throw new AuthFailure(`the login failed${said}`, { kind: 'refused' });
}

function isEqual(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
