import { isIPv4 } from 'node:net';
import { usageFailure } from '../failure.ts';

/** Where to listen. */
export interface Address {
  host: string;
  /** 0: any free one. */
  port: number;
}

/**
 * Reads what `--http` names: a port, on this machine alone unless a host stands before it. Throws a usage failure for what is no
 * address, and without authentication for one that others could reach.
 */
export function parseAddress(written: string, { auth }: { auth: boolean }): Address {
  const [, inBrackets, plain, digits] = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(written) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw usageFailure(`"${written}" is no address to listen on`, 'write a port, such as 8080, or 127.0.0.1:8080');
  }
  const host = (inBrackets ?? plain ?? '').toLowerCase() || defaultHost;
  if (!auth && !isLoopback(host)) {
    throw usageFailure(
      `others could reach "${host}", and without authentication mcp-marshal serves this machine alone`,
      `leave --no-auth out, or write --http ${defaultHost}:${port} --no-auth`,
    );
  }
  return { host, port };
}

const defaultHost = '127.0.0.1';

/** Whether a host is this machine and nobody else's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
