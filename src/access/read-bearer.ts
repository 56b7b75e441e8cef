import { refused, type Authentication } from './identity.ts';

/** Longer than any token of an issuer that we know of, and shorter than all headers together may be. */
const maxChars = 8192;

/**
 * The bearer token of a request (RFC 6750, 2.1). Only the header counts: a token in the address or the body ends up in logs. Of several
 * such headers none does, since whoever stands between may have looked at another one.
 */
export function readBearer(
  rawHeaders: readonly string[],
): { ok: true; token: string } | (Authentication & { ok: false }) {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'authorization') values.push(rawHeaders[i + 1]!);
  }
  const [value] = values;
  if (value === undefined) return { ok: false, isMissing: true, problem: 'no Authorization header' };
  if (values.length > 1) return refused('more than one Authorization header');
  if (value.length > maxChars) return refused('an Authorization header of more characters than any token has');
  const token = /^bearer +([\w\-.~+/]+=*)$/i.exec(value)?.[1];
  return token === undefined ? refused('an Authorization header that holds no bearer token') : { ok: true, token };
}
