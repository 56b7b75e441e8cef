import { isIPv4 } from 'node:net';
import { parseListenAddress } from '../../config/schema/listen-address.ts';
import type { ListenAddress } from '../../config/schema/listen-address.ts';
import { usageFailure } from '../failure.ts';

/**
 * Reads what `--http` names: a port, on this machine alone unless a host stands before it. Throws a usage failure for what is no
 * address, and without authentication for one that others could reach.
 */
export function parseAddress(written: string, { auth }: { auth: boolean }): ListenAddress {
  const address = parseListenAddress(written);
  if (address === undefined) {
    throw usageFailure(`"${written}" is no address to listen on`, 'write a port, such as 8080, or 127.0.0.1:8080');
  }
  if (!auth && !isLoopback(address.host)) {
    throw usageFailure(
      `others could reach "${address.host}", and without authentication mcp-marshal serves this machine alone`,
      `leave --no-auth out, or write --http 127.0.0.1:${address.port} --no-auth`,
    );
  }
  return address;
}

/** Whether a host is this machine and nobody else's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
