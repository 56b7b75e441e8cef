import { Agent, request as httpRequest, validateHeaderName, validateHeaderValue } from 'node:http';
import type { AgentOptions, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { AbortLike } from '../../core/abort.ts';

export interface HttpRequest {
  method: 'POST' | 'GET' | 'DELETE';
  headers: Readonly<Record<string, string>>;
  body?: string;
  signal: AbortLike;
}

/**
 * How far an HTTP request came. `unsent`: for certain, nothing of it left us. `broken`: the connection ended before the answer
 * began, and whether the request arrived is not known. `unsendable`: HTTP has no way to carry it.
 */
export type Opening =
  | { kind: 'response'; response: IncomingMessage }
  | { kind: 'unsent' | 'unsendable'; reason: string }
  | { kind: 'broken'; reason: string }
  | { kind: 'aborted' };

/**
 * The proxy's URL. Speaks plain HTTP rather than `fetch`, which ends a silent exchange after five minutes, follows redirects, and
 * does not tell whether a request that failed had been sent.
 */
export interface Endpoint {
  /** Never rejects. Aborting the signal ends the exchange, the reading of its answer included. */
  open(request: HttpRequest): Promise<Opening>;
  /** Connects, and says why that does not go; nothing if it does. */
  knock(signal: AbortLike): Promise<string | undefined>;
  close(): void;
}

export interface EndpointOptions {
  /** Sent with every request. */
  headers: Readonly<Record<string, string>>;
  /**
   * Connections are looked at before they are used again, unless the server has answered this short a time ago: looking costs a few
   * turns of the event loop.
   */
  trustForMs: number;
}

/** @throws TypeError for a URL that is not HTTP, and for headers that HTTP cannot carry */
export function createEndpoint(address: string, { headers, trustForMs }: EndpointOptions): Endpoint {
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`${url.protocol} is not HTTP`);
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  const isSecure = url.protocol === 'https:';
  const createAgent = (options: AgentOptions): Agent => (isSecure ? new TlsAgent(options) : new Agent(options));
  const agent = createAgent(keptAlive);
  // A stream ends when the proxy does: its connection would be free for others just when it is of no use any more.
  const streamAgent = createAgent({ keepAlive: false });
  const start = isSecure ? httpsRequest : httpRequest;
  let answeredMs = Number.NEGATIVE_INFINITY;

  return {
    async open({ method, headers: own, body, signal }) {
      const isStream = method === 'GET';
      if (!isStream && performance.now() - answeredMs >= trustForMs) await leaveClosedConnections(agent);
      if (signal.aborted) return { kind: 'aborted' };
      const options: RequestOptions = {
        method,
        agent: isStream ? streamAgent : agent,
        headers: { ...headers, ...own, ...lengthOf(body) },
      };
      let request: ClientRequest;
      try {
        request = start(url, options);
      } catch (error) {
        return { kind: 'unsendable', reason: reasonOf(error) };
      }
      return new Promise((resolve) => {
        const abort = (): void => void request.destroy();
        signal.addEventListener('abort', abort);
        request.once('close', () => signal.removeEventListener('abort', abort));
        const wasSent = watchConnection(request, isSecure ? 'secureConnect' : 'connect');
        request.once('response', (response) => {
          // Its reader sees errors too; this one is for a body that nobody reads.
          response.on('error', () => {});
          answeredMs = performance.now();
          resolve({ kind: 'response', response });
        });
        // Stays for errors after the response, which its reader sees too.
        request.on('error', (error) => {
          if (signal.aborted) resolve({ kind: 'aborted' });
          else resolve({ kind: wasSent() ? 'broken' : 'unsent', reason: reasonOf(error) });
        });
        request.end(body);
      });
    },
    knock(signal) {
      if (signal.aborted) return Promise.resolve('aborted');
      const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
      const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
      return new Promise((resolve) => {
        const socket = connect({ host, port, timeout: connectLimitMs });
        const finish = (failure: string | undefined): void => {
          signal.removeEventListener('abort', abort);
          socket.destroy();
          resolve(failure);
        };
        const abort = (): void => finish('aborted');
        signal.addEventListener('abort', abort);
        socket.once('connect', () => finish(undefined));
        socket.once('timeout', () => finish('ETIMEDOUT'));
        socket.on('error', (error) => finish(reasonOf(error)));
      });
    },
    close() {
      agent.destroy();
      streamAgent.destroy();
    },
  };
}

/**
 * A request that is written into a connection which the proxy has closed is lost, and nobody can say whether it arrived. So what the
 * system knows of idle connections is read first, in a few turns of the event loop (the end of an answer, the end of its connection),
 * and those that have ended are taken away from the agent, which would use them until their last event has been handled.
 */
async function leaveClosedConnections({ freeSockets }: Pick<Agent, 'freeSockets'>): Promise<void> {
  if (Object.keys(freeSockets).length === 0) return;
  for (let turn = 0; turn < 4; turn++) await setImmediate();
  for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) {
    if (!socket.destroyed && !socket.readableEnded && socket.writable) continue;
    socket.emit('agentRemove');
    socket.destroy();
  }
}

/** Idle connections are given up before the five seconds are over after which servers usually do, for the same reason. */
const keptAlive: AgentOptions = { keepAlive: true, timeout: 4000 };

const connectLimitMs = 4000;

/** Tells whether the request's connection has stood: until then nothing of it can have been sent. */
function watchConnection(request: ClientRequest, established: 'connect' | 'secureConnect'): () => boolean {
  let hasStood = false;
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once(established, () => (hasStood = true));
    else hasStood = true;
  });
  return () => hasStood;
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
}

/** The system's code where there is one. Never the message of a header's error, which holds its value. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}
