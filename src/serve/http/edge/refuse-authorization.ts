import { refusedCode, type HttpProblem } from '../http-problem.ts';

/**
 * Whether clients look for an authorization server there. A client that is told of none takes the origin of the endpoint for one (MCP
 * 2025-03-26, authorization, 2.3.3), and shows its user whatever it gets to read.
 */
export function isAuthorizationPath(path: string): boolean {
  return endpoints.has(path) || metadata.test(path);
}

/** What it is told: an error of OAuth (RFC 6749, 5.2), which it can show, with what would let it in. */
export function refuseAuthorization(path: string, issuer: string | undefined): HttpProblem {
  const other = issuer === undefined ? '' : `; ${issuer} is`;
  return {
    // By 404 clients know that no metadata is there; a registration or a token is never to be had.
    status: metadata.test(path) ? 404 : 400,
    code: refusedCode,
    message: `mcp-marshal is no authorization server${other}. Send the header Authorization: Bearer TOKEN, with a token of: mcp-marshal token create NAME`,
    oauthError: 'invalid_request',
  };
}

const endpoints: ReadonlySet<string> = new Set(['/register', '/authorize', '/token']);
/** Also as it is looked for below the path of an endpoint, before or behind it (RFC 8414, 3.1; OpenID Connect Discovery, 4). */
const metadata = /^(?:\/[^/]+)*\/\.well-known\/(?:oauth-authorization-server|openid-configuration)(?:\/|$)/;
