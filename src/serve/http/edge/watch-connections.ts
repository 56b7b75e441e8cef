import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { refusedCode, type HttpProblem } from '../http-problem.ts';
import { refuseRaw } from './refuse-raw.ts';

export interface ConnectionLimits {
  maxConnections: number;
  /** Of all connections together: clients may send the next request before the last is answered. */
  maxRequests: number;
  /** Of one connection, sent ahead of their answers. */
  maxConnectionRequests: number;
}

/** Counts connections and requests, and answers what never becomes a request. */
export interface Connections {
  /** Why a request that has just come is one too many. */
  surplus(request: IncomingMessage): HttpProblem | undefined;
}

export function watchConnections(
  server: Server,
  { maxConnections, maxRequests, maxConnectionRequests }: ConnectionLimits,
): Connections {
  const surplusSockets = new WeakSet<Socket>();
  const openOn = new WeakMap<object, Set<ServerResponse>>();
  let connections = 0;
  let requests = 0;
  const isCrowded = (socket: Socket): boolean => (openOn.get(socket)?.size ?? 0) > maxConnectionRequests;
  const count = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    const open = openOn.get(socket);
    open?.add(response);
    // What its own connection has too many of is answered at once, and takes nothing from the others.
    const isCounted = !isCrowded(socket);
    if (isCounted) requests++;
    response.once('close', () => {
      open?.delete(response);
      if (isCounted) requests--;
    });
  };

  server.maxConnections = maxConnections + toldConnections;
  // Requests over TLS come by the socket that has unpacked them.
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections++;
    if (connections > maxConnections) surplusSockets.add(socket);
    const open = new Set<ServerResponse>();
    openOn.set(socket, open);
    socket.once('close', () => {
      connections--;
      // Once Node has closed the one response whose turn it was: those of requests sent ahead would never hear of it.
      process.nextTick(() => open.forEach(leave));
    });
  });
  server.on('request', count);
  server.on('checkContinue', count);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswering = [...(openOn.get(socket) ?? [])].some((open) => open.headersSent && !open.writableFinished);
    refuseRaw(socket, { errorCode: error.code, isAnswering });
  });

  return {
    surplus({ socket }) {
      if (surplusSockets.has(socket)) return tooManyConnections;
      if (isCrowded(socket)) return tooManyOnConnection;
      return requests > maxRequests ? tooManyRequests : undefined;
    },
  };
}

/** Lets everybody who waits for the end of a response know that its connection has gone. */
function leave(response: ServerResponse): void {
  if (response.closed) return;
  response.destroy();
  response.emit('close');
}

/** Connections beyond the limit that are told so; beyond these, Node drops them without a word. */
const toldConnections = 100;

const tooManyConnections: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: too many connections (limits.connections); come back',
  retryAfterS: 10,
  closes: true,
};

const tooManyOnConnection: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: too many requests were sent ahead on this connection; wait for their answers',
  retryAfterS: 1,
};

const tooManyRequests: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: too many requests are open (limits.openRequests); come back',
  retryAfterS: 1,
};
