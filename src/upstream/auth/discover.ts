import {
  checkResourceAllowed,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  resourceUrlFromServerUrl,
} from '@modelcontextprotocol/client';
import type { AuthorizationServerMetadata, OAuthProtectedResourceMetadata } from '@modelcontextprotocol/client';
import { AuthFailure } from './auth-failure.ts';
import { assertOurs, issuerRole } from './guarded-fetch.ts';
import type { RemoteServer } from './remote-server.ts';

/** What a server said when it refused us (RFC 9728, 5.1). */
export interface Challenge {
  resourceMetadataUrl?: URL | undefined;
  scope?: string | undefined;
}

/** Where tokens for a server come from. */
export interface Discovery {
  /** Its identifier; its metadata says the same. */
  issuer: string;
  metadata: AuthorizationServerMetadata;
  /** What the tokens are for (RFC 8707), where the server says how it is called. */
  resource?: string;
  /** What to ask for. */
  scope?: string;
}

export interface DiscoverOptions {
  /** One that goes to no other origin than those configured. */
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  challenge?: Challenge;
}

/** Finds a server's authorization server (MCP 2025-11-25, authorization server discovery). @throws AuthFailure, and errors of `fetch` */
export async function discover(server: RemoteServer, { fetch, challenge = {} }: DiscoverOptions): Promise<Discovery> {
  const described = await readResource(server, { fetch, challenge });
  const issuer = chooseIssuer(server, described?.authorization_servers ?? []);
  const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn: fetch });
  if (metadata === undefined) {
    throw new AuthFailure(`there is no metadata of an authorization server at ${issuer}`, { kind: 'refused' });
  }
  assertOurs(metadata.token_endpoint ?? '', server, 'names', ' as its token endpoint');
  const scope = chooseScope(server, { challenge, described, metadata });
  const resource = described?.resource;
  return {
    issuer: metadata.issuer,
    metadata,
    ...(resource !== undefined && { resource }),
    ...(scope !== undefined && { scope }),
  };
}

async function readResource(
  server: RemoteServer,
  { fetch, challenge: { resourceMetadataUrl } = {} }: DiscoverOptions,
): Promise<OAuthProtectedResourceMetadata | undefined> {
  const { name, url } = server;
  if (resourceMetadataUrl !== undefined) {
    assertOurs(resourceMetadataUrl.href, server, 'names metadata at');
  }
  let described: OAuthProtectedResourceMetadata;
  try {
    const options = resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl };
    described = await discoverOAuthProtectedResourceMetadata(url, options, fetch);
  } catch (error) {
    const isOfTheWay = error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError');
    if (error instanceof AuthFailure || isOfTheWay) throw error;
    // Servers from before these metadata have none, and are their own authorization server (MCP 2025-03-26).
    if (resourceMetadataUrl === undefined) return undefined;
    throw new AuthFailure(`the metadata that ${name} names cannot be read`, { kind: 'refused' });
  }
  const requestedResource = resourceUrlFromServerUrl(url);
  if (!checkResourceAllowed({ requestedResource, configuredResource: described.resource })) {
    throw new AuthFailure(`the metadata of ${name} is about another resource than its url`, { kind: 'refused' });
  }
  return described;
}

/** The configured one is right whatever the server says of it; among several of its origin the server's word counts. */
function chooseIssuer(server: RemoteServer, named: readonly string[]): string {
  const { url, auth } = server;
  const wanted = auth?.issuer ?? url;
  const ofOrigin = named.filter((issuer) => URL.canParse(issuer) && new URL(issuer).origin === new URL(wanted).origin);
  // One with a path is one of several at its origin: a server has no say in which.
  if (auth?.issuer !== undefined && new URL(auth.issuer).pathname !== '/') {
    const bare = (issuer: string): string => issuer.replace(/\/$/, '');
    return ofOrigin.find((issuer) => bare(issuer) === bare(auth.issuer!)) ?? auth.issuer;
  }
  if (auth?.issuer !== undefined)
    return ofOrigin.find((issuer) => issuer === auth.issuer) ?? ofOrigin[0] ?? auth.issuer;
  const [first] = named;
  if (ofOrigin[0] === undefined && first !== undefined) assertOurs(first, server, 'names', issuerRole);
  return ofOrigin[0] ?? new URL('/', url).href;
}

function chooseScope(
  { auth }: RemoteServer,
  facts: {
    challenge: Challenge;
    described: OAuthProtectedResourceMetadata | undefined;
    metadata: AuthorizationServerMetadata;
  },
): string | undefined {
  if (auth?.scope !== undefined) return auth.scope;
  const { challenge, described, metadata } = facts;
  const asked = challenge.scope ?? described?.scopes_supported?.join(' ');
  if (asked === undefined || asked === '' || auth?.type === 'client_credentials') return asked || undefined;
  // Without it some servers give no refresh token, and a person would have to log in every hour.
  const isMissing =
    metadata.scopes_supported?.includes('offline_access') === true && !asked.split(' ').includes('offline_access');
  return isMissing ? `${asked} offline_access` : asked;
}
