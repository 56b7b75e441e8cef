import { toolClasses } from '../../../core/tool.ts';
import { mcpPath } from '../edge/find-route.ts';
import type { HttpAuth } from './http-auth.ts';

/** What clients that may not in are told of how they could (RFC 9728). */
export interface ResourceMetadata {
  /** Where it is found. */
  paths: ReadonlySet<string>;
  /** `host` as the request names us; it has been checked. */
  document(host: string): object;
  /** For the header `WWW-Authenticate`. */
  challenge(host: string): string;
}

/**
 * The endpoint is called as it is configured, or else as the client calls it: of several names that reach us, a client believes the
 * metadata of the one that it has asked.
 */
export function createResourceMetadata(
  auth: Pick<HttpAuth, 'url' | 'jwt'>,
  scheme: 'http' | 'https',
): ResourceMetadata {
  // The host alone, whatever else stands in the header.
  const resourceOf = (host: string): string =>
    auth.url ?? `${scheme}://${new URL(`${scheme}://${host}`).host}${mcpPath}`;
  const ownPath = auth.url === undefined ? mcpPath : new URL(auth.url).pathname;
  return {
    paths: new Set([wellKnown, wellKnown + mcpPath, wellKnown + ownPath.replace(/\/$/, '')]),
    document: (host) => ({
      resource: resourceOf(host),
      ...(auth.jwt !== undefined && { authorization_servers: [auth.jwt.issuer] }),
      scopes_supported: toolClasses,
      bearer_methods_supported: ['header'],
      resource_name: 'mcp-marshal',
    }),
    challenge(host) {
      const { origin, pathname } = new URL(resourceOf(host));
      return `Bearer resource_metadata="${origin}${wellKnown}${pathname.replace(/\/$/, '')}"`;
    },
  };
}

const wellKnown = '/.well-known/oauth-protected-resource';
