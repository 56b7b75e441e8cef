import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { refusedCode, type HttpProblem } from '../http-problem.ts';
import { refuseRaw } from './refuse-raw.ts';

export interface ConnectionLimits {
  maxConnections: number;
  /** Of all connections together: clients may send the next request before the last is answered. */
  maxRequests: number;
}

/** Counts connections and requests, and answers what never becomes a request. */
export interface Connections {
  /** Why a request that has just come is one too many. */
  surplus(request: IncomingMessage): HttpProblem | undefined;
}

export function watchConnections(server: Server, { maxConnections, maxRequests }: ConnectionLimits): Connections {
  const surplusSockets = new WeakSet<Socket>();
  const answers = new WeakMap<object, ServerResponse>();
  let connections = 0;
  let requests = 0;
  const count = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    requests++;
    answers.set(socket, response);
    response.once('close', () => requests--);
  };

  server.maxConnections = maxConnections + toldConnections;
  server.on('connection', (socket) => {
    connections++;
    if (connections > maxConnections) surplusSockets.add(socket);
    socket.once('close', () => connections--);
  });
  server.on('request', count);
  server.on('checkContinue', count);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket);
    refuseRaw(socket, { errorCode: error.code, isAnswering: answer?.headersSent === true && !answer.writableFinished });
  });

  return {
    surplus({ socket }) {
      if (surplusSockets.has(socket)) return tooManyConnections;
      return requests > maxRequests ? tooManyRequests : undefined;
    },
  };
}

/** Connections beyond the limit that are told so; beyond these, Node drops them without a word. */
const toldConnections = 100;

const tooManyConnections: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: too many connections',
  retryAfterS: 10,
  closes: true,
};

const tooManyRequests: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: too many requests are open',
  retryAfterS: 1,
};
