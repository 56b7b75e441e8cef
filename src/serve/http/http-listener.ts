import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import type { Authenticate } from '../../access/identity.ts';
import type { Clock } from '../../core/clock.ts';
import { createCors } from './access/cors.ts';
import { createDoor } from './access/door.ts';
import type { HttpAuth } from './access/http-auth.ts';
import { isWildcard, ownAddressOf } from './access/own-address.ts';
import { createStandingWatch } from './access/standing-watch.ts';
import { createTlsServer } from './access/tls-server.ts';
import { createEndpoints, type EndpointParts } from './create-endpoints.ts';
import { createHandler } from './create-handler.ts';
import { createSourceCheck, loopbackNames } from './edge/check-source.ts';
import { mcpPath } from './edge/find-route.ts';
import { createBodyReader } from './edge/read-body.ts';
import { watchConnections } from './edge/watch-connections.ts';
import { createHealth, type Readiness } from './health.ts';
import { httpLimits, type HttpLimits } from './http-limits.ts';
import { stopped, stopping } from './http-problem.ts';

/** A server that listens. */
export interface HttpListener {
  /** Where clients find the endpoint. */
  url: string;
  /** Resolves when nothing is open any more. */
  closed: Promise<void>;
  /** Takes nothing new, and resolves when what is being answered has its answers, or after `ms`. */
  drain(ms: number): Promise<void>;
  /** Takes nothing new, waits a moment for what is being answered where nobody has drained it, ends what is open, and resolves when it has ended. */
  close(): Promise<void>;
}

export interface HttpListenerOptions extends EndpointParts {
  host: string;
  /** 0: any free one. */
  port: number;
  readiness: () => Readiness;
  /** Whether trace context of HTTP requests is that of their messages, where they bring none of their own. */
  isTraced?: boolean;
  /** Absent: nobody has to prove who they are. */
  authenticate?: Authenticate | undefined;
  /** Absent: no TLS, no other name, no page but those of this machine. */
  auth?: HttpAuth | undefined;
  /** What differs from the defaults. */
  limits?: Partial<HttpLimits>;
}

/** Listens for clients of both eras. Rejects with Node's error where the address cannot be had, and with TlsFilesError. */
export async function openHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const { logger, clock, host, authenticate, auth = anybody } = options;
  const limits = { ...httpLimits, ...options.limits };
  const hostName = host.includes(':') ? `[${host}]` : host;
  const serverOptions: ServerOptions = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.idleConnectionMs,
    connectionsCheckingInterval: checkEveryMs,
  };
  const scheme = auth.tls === undefined ? 'http' : 'https';
  const server: Server =
    auth.tls === undefined
      ? createServer(serverOptions)
      : await createTlsServer(auth.tls, serverOptions, { clock, logger });
  server.timeout = limits.stalledMs;
  const connections = watchConnections(server, limits);
  const watch = createStandingWatch(clock);
  const endpoints = createEndpoints({ ...options, watch }, limits);
  const pages = new Set(auth.origins.map((page) => new URL(page).origin));
  let isClosing = false;
  let isEnding = false;

  const handle = createHandler({
    ...endpoints,
    checkSource: createSourceCheck(namesOf({ host, hostName, url: auth.url }), pages),
    door:
      authenticate &&
      createDoor({ ...limits, authenticate, auth, scheme, watch, onRevoked: endpoints.revoke, clock, logger }),
    cors: createCors(pages),
    ownAddressOf: isWildcard(host) ? ownAddressOf : () => undefined,
    readBody: createBodyReader({ maxBytes: limits.maxBodyBytes, maxTotalBytes: limits.maxTotalBodyBytes }),
    isTraced: options.isTraced === true,
    maxBytes: limits.maxBodyBytes,
    unwelcome: (request) => (isClosing ? stopping : connections.surplus(request)),
    ending: () => (isClosing ? stopping : undefined),
    health: createHealth(options.readiness),
    logger,
    onUnread: (request) => linger(request, { clock, lingerMs: limits.lingerMs }),
  });
  server.on('request', (request, response) => handle(request, response));
  server.on('checkContinue', (request, response) => handle(request, response, true));

  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  await listen(server, options);
  server.on('error', (error) => logger.warn({ reason: error.message }, 'a connection could not be taken'));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  // Nobody comes by the name that stands for all addresses: it is refused as a host.
  const reached = isWildcard(host) ? (host === '::' ? '[::1]' : '127.0.0.1') : hostName;
  const url = `${scheme}://${reached}:${port}${mcpPath}`;
  logger.info({ url, ...(isWildcard(host) && { host }) }, 'listening');

  const drain = (ms: number): Promise<void> => {
    if (!isClosing) server.close();
    isClosing = true;
    return endpoints.drained(ms);
  };

  return {
    url,
    closed,
    drain,
    async close() {
      if (!isEnding) {
        isEnding = true;
        if (!isClosing) await drain(drainMs);
        watch.close();
        await endpoints.close(stopped);
        // What was just ended is still on its way to its client.
        const cancel = clock.after(closeGraceMs, () => server.closeAllConnections());
        void closed.then(cancel);
      }
      await closed;
    },
  };
}

const anybody: HttpAuth = { origins: [], limits: { maxParallel: Number.POSITIVE_INFINITY } };

/** Under what names clients come, without ports. That of all addresses is nobody's name, though browsers take it for this machine's. */
function namesOf({ host, hostName, url }: { host: string; hostName: string; url: string | undefined }): string[] {
  return [
    ...loopbackNames,
    ...(isWildcard(host) ? [] : [hostName]),
    ...(url === undefined ? [] : [new URL(url).hostname]),
  ];
}

/** How exactly the limits for heads and bodies hold. */
const checkEveryMs = 1000;

/** For who has not drained it: most calls are done by then. */
const drainMs = 3000;

/** A last answer takes a moment to leave; a client that does not read has none. */
const closeGraceMs = 250;

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Throws the rest of a body away, so that its sender gets to read the refusal; but not for long. */
function linger(request: IncomingMessage, { clock, lingerMs }: { clock: Clock; lingerMs: number }): void {
  const cancel = clock.after(lingerMs, () => void request.socket.destroy());
  request.once('close', cancel);
  request.resume();
}
