import { isJsonObject } from '../../core/json.ts';
import type { Fetched } from './fetch-json.ts';

/**
 * Where an issuer's public keys are, by its own metadata (RFC 8414, 3; OpenID Connect Discovery, 4). Both are read at the issuer's own
 * origin alone: keys that lie elsewhere have to be configured.
 */
export async function findKeysUrl(
  issuer: string,
  fetchJson: (url: string) => Promise<Fetched>,
): Promise<{ ok: true; url: string } | { ok: false; reason: string }> {
  const reasons: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const fetched = await fetchJson(url);
    if (!fetched.ok) {
      reasons.push(fetched.reason);
      continue;
    }
    const { issuer: named, jwks_uri: keys } = isJsonObject(fetched.value) ? fetched.value : {};
    // Metadata of another issuer is what an attacker would have us read (RFC 8414, 3.3).
    if (named !== issuer) reasons.push(`${url} is the metadata of another issuer`);
    else if (typeof keys !== 'string' || !URL.canParse(keys)) reasons.push(`${url} names no jwks_uri`);
    else if (new URL(keys).origin !== new URL(issuer).origin) {
      reasons.push(
        `${url} names keys at ${new URL(keys).origin}; if they are the right ones, write them as auth.jwt.jwks`,
      );
    } else return { ok: true, url: keys };
  }
  return { ok: false, reason: reasons.join('; ') };
}

/** In the order in which MCP has clients try them (2025-11-25, authorization server metadata discovery). */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(urls)];
}
