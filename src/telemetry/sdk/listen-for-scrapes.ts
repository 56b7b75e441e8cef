import { createServer, type ServerResponse } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { MetricsAddress } from '../wanted-telemetry.ts';
import { metricsContentType } from './render-metrics.ts';

/** Where metrics are read. */
export interface ScrapeListener {
  url: string;
  close(): Promise<void>;
}

/** A scraper or two, and somebody who looks. */
const maxConnections = 20;
const headMs = 5_000;
const idleMs = 60_000;
/** Heads and requests that take too long are looked for this often; Node's own choice is half a minute. */
const checkMs = 1_000;
/** An answer is taken at once. Who asks and does not read would hold one of few connections for ever. */
const stuckMs = 10_000;

/**
 * Answers `GET /metrics`. On an address of this machine alone, only who asks for this machine by its name is answered: a web page that
 * has talked the browser into taking our address for its own comes under another. Rejects with Node's error where the address cannot
 * be had.
 */
export async function listenForScrapes(
  { host, port }: MetricsAddress,
  read: () => Promise<string>,
  limits: { stuckMs: number } = { stuckMs },
): Promise<ScrapeListener> {
  const isOwn = isThisMachine(host);
  const server = createServer({
    headersTimeout: headMs,
    requestTimeout: headMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: checkMs,
  });
  server.setTimeout(limits.stuckMs);
  server.maxConnections = maxConnections;
  server.on('request', (request, response) => {
    request.resume();
    const { method, url = '' } = request;
    if (isOwn && !isThisMachine(hostNameOf(request.headers.host)))
      return refuse(response, 403, 'Forbidden: another host');
    if (url.split('?')[0] !== '/metrics') return refuse(response, 404, 'Not Found: metrics are at /metrics');
    if (method !== 'GET' && method !== 'HEAD')
      return refuse(response, 405, 'Method Not Allowed', { Allow: 'GET, HEAD' });
    void show(response, read);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // A connection that cannot be taken is no reason to end.
  server.on('error', () => {});
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function show(response: ServerResponse, read: () => Promise<string>): Promise<void> {
  try {
    const text = await read();
    response.writeHead(200, { 'Content-Type': metricsContentType }).end(text);
  } catch {
    refuse(response, 503, 'Service Unavailable: mcp-marshal ends');
  }
}

function refuse(response: ServerResponse, status: number, words: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers }).end(`${words}\n`);
}

/** However it is written: `0:0:0:0:0:0:0:1` and `::ffff:127.0.0.1` are this machine alone as well. */
function isThisMachine(host: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost') return true;
  return isIP(name) !== 0 && ownAddresses.check(name, isIPv4(name) ? 'ipv4' : 'ipv6');
}

const ownAddresses = new BlockList();
ownAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
ownAddresses.addAddress('::1', 'ipv6');

/** Without port and brackets. */
function hostNameOf(header: string | undefined): string {
  const [, inBrackets, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header ?? '') ?? [];
  return (inBrackets ?? plain ?? '').toLowerCase();
}
