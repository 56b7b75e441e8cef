import { BlockList, isIP } from 'node:net';
import { createBoundedFetch } from '../transport/http/bounded-fetch.ts';
import { AuthFailure } from './auth-failure.ts';
import type { RemoteServer } from './remote-server.ts';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Metadata and tokens are a few kilobytes. */
const maxBytes = 256 * 1024;
/** For one answer, its body included. */
const answerMs = 10_000;

/**
 * A `fetch` for what a server says of its authorization server: it goes to the server's own origin and to that of the configured issuer,
 * and nowhere else, wherever redirects and metadata point. Bounded in bytes and in time.
 */
export function createGuardedFetch(server: RemoteServer, signal?: AbortSignal): Fetch {
  const bounded = createBoundedFetch(() => {}, maxBytes);
  return async (url, init) => {
    assertOurs(String(url), server, 'sends us to');
    const limit = AbortSignal.timeout(answerMs);
    const signals = [limit, signal, init?.signal].filter((one) => one instanceof AbortSignal);
    return bounded(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
  };
}

export const issuerRole = ' as its authorization server';

/**
 * Refuses an address that was learnt from the wire, unless it is of an origin that the configuration names. `verb` goes between the server
 * and the address: `names … as its token endpoint`.
 * @throws AuthFailure that says what to write where that is right
 */
export function assertOurs(address: string, { name, url, auth }: RemoteServer, verb: string, role = ''): void {
  const found = URL.canParse(address) ? new URL(address) : undefined;
  if (found === undefined) throw refused(`${name} ${verb} what is no URL${role}`);
  // Others carry an origin in them, too (`blob:`), or have none to compare.
  if (!/^https?:$/.test(found.protocol))
    throw refused(`${name} ${verb} an address that is not http or https${role}; it is not believed`);
  const own = new URL(url);
  const issuer = auth?.issuer === undefined ? undefined : new URL(auth.issuer);
  if (issuer?.protocol === 'http:' && own.protocol === 'https:') {
    throw refused(`auth.issuer of ${name} is plain http, although the server is https; write https`);
  }
  if (found.origin === own.origin || found.origin === issuer?.origin) return;
  const what = `${name} ${verb} ${found.origin}${role}, which is not its own origin`;
  if (found.protocol !== 'https:' && own.protocol === 'https:')
    throw refused(`${what} and not https; it is not believed`);
  // Where the server is in such a network, its authorization server may be, too; nobody's is link-local, where clouds keep credentials.
  if (isLinkLocal(found.hostname) || (isPrivate(found.hostname) && !isPrivate(own.hostname))) {
    throw refused(`${what} and an address of a private network; it is not believed`);
  }
  if (issuer !== undefined) throw refused(`${what}, and not that of auth.issuer (${issuer.origin}) either`);
  throw refused(
    `${what}; if that is right, write auth: { issuer: ${role === issuerRole ? issuerOf(found) : found.origin} } at ${name} in the configuration`,
  );
}

function refused(message: string): AuthFailure {
  return new AuthFailure(message, { kind: 'refused' });
}

/** As it is to be written: a path belongs to an issuer, a bare origin has none. */
function issuerOf({ origin, pathname }: URL): string {
  return pathname === '/' ? origin : `${origin}${pathname}`;
}

/** Loopback, link-local, and networks that are not on the internet (RFC 6890). */
const privateNetworks = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateNetworks.addSubnet(net, prefix, 'ipv6');
}

function isLinkLocal(hostname: string): boolean {
  return /^169\.254\.|^\[(?:fe[89ab]|::ffff:a9fe:)/.test(hostname);
}

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const family = isIP(host);
  if (family === 0) return !host.includes('.') || /\.(?:localhost|local|internal)$/.test(host);
  return privateNetworks.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
