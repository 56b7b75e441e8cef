import type { IncomingMessage } from 'node:http';

/** Whether a host stands for all addresses of this machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** The address of ours that a request came to, as `Host` names it. */
export function ownAddressOf({ socket }: IncomingMessage): string | undefined {
  const { localAddress } = socket;
  if (localAddress === undefined) return undefined;
  // A socket for both families shows addresses of the older one in a form of the newer; a link-local one has its interface behind it.
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return address.includes(':') ? `[${address}]` : address;
}
