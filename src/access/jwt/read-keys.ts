import type { CryptoKey, JSONWebKeySet, JWTHeaderParameters } from 'jose';
import type { AuthConfig } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Logger } from '../../lib/logger.ts';
import { fetchJson, type Fetched } from './fetch-json.ts';
import { findKeysUrl } from './find-keys-url.ts';
import type { FindKey } from './key-store.ts';

/** Reads the public keys of an issuer, from where they are configured to be or its metadata says. The log is told why not. Never rejects. */
export async function readKeys(
  { issuer, jwks }: Pick<NonNullable<AuthConfig['jwt']>, 'issuer' | 'jwks'>,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<FindKey<JWTHeaderParameters, CryptoKey> | undefined> {
  const fetch = (url: string): Promise<Fetched> => fetchJson(url, clock);
  const where = jwks === undefined ? await findKeysUrl(issuer, fetch) : { ok: true as const, url: jwks };
  const fetched = where.ok ? await fetch(where.url) : where;
  const reason = fetched.ok ? 'what was read is no set of keys' : fetched.reason;
  const find = fetched.ok && isKeySet(fetched.value) ? await toFindKey(fetched.value) : undefined;
  if (find === undefined) logger.warn({ reason }, 'the keys of auth.jwt cannot be read');
  return find;
}

async function toFindKey(keys: JSONWebKeySet): Promise<FindKey<JWTHeaderParameters, CryptoKey> | undefined> {
  const jose = await import('jose');
  try {
    const find = jose.createLocalJWKSet(keys);
    return (header) =>
      find(header).catch((error: unknown) => {
        if (error instanceof jose.errors.JWKSNoMatchingKey) return undefined;
        throw error;
      });
  } catch {
    return undefined;
  }
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return isJsonObject(value) && Array.isArray(value['keys']) && value['keys'].every((key) => isJsonObject(key));
}
