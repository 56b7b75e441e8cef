import { defaultLimits } from '../../core/limits.ts';
import type { Limits } from '../../core/limits.ts';

/** How much, and how long. Every one of them is there so that no client can take from the others. */
export interface HttpLimits {
  /** Of a request body. As of a message over stdio: far above any batch, a thousand calls of 30 kB each. */
  maxBodyBytes: number;
  /** Of all bodies that are being read at once, a few of the largest. Beyond, small ones alone are still taken. */
  maxTotalBodyBytes: number;
  /** Clients keep one to a few connections each. Beyond, a request is answered with 503. */
  maxConnections: number;
  /** Requests that are open at once, over all connections. */
  maxRequests: number;
  /** Of one connection, whose answers leave one after another: clients of MCP open another connection rather than send ahead. */
  maxConnectionRequests: number;
  /** A head is sent in one piece; only who means to hold a connection needs longer. */
  headersTimeoutMs: number;
  /** From the first byte of a request to the last of its body: the largest body at half a megabyte a second. */
  requestTimeoutMs: number;
  /** How long an idle connection is kept for the next request. Node tells clients, which then do not use it a moment too late. */
  idleConnectionMs: number;
  /** A connection on which nothing has moved for so long has a client that does not read. Streams move every `keepAliveMs`. */
  stalledMs: number;
  keepAliveMs: number;
  /** How long the rest of a body that was refused is read and thrown away, so that its sender gets to read why. */
  lingerMs: number;
  /** A client that leaves this much unread of a stream, before the next message, has stopped reading: its stream is cut. */
  maxUnreadBytes: number;
  maxSessions: number;
  sessionIdleMs: number;
  /** Of one session: far more than any client has, so that one which never waits for an answer harms itself alone. */
  maxSessionRequests: number;
  /** What is kept of a session's messages for streams that break off. */
  maxEvents: number;
  maxEventChars: number;
  /** Of all sessions together. */
  maxTotalEventChars: number;
}

export const httpLimits: HttpLimits = {
  ...toHttpLimits(defaultLimits),
  maxConnectionRequests: 100,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  idleConnectionMs: 60_000,
  stalledMs: 120_000,
  keepAliveMs: 15_000,
  lingerMs: 2000,
  maxTotalEventChars: 8 * 1024 * 1024,
};

/** What the configuration says of them. */
export function toHttpLimits(limits: Limits): Pick<HttpLimits, Configured> {
  return {
    maxBodyBytes: limits.requestBytes,
    maxTotalBodyBytes: limits.uploadBytes,
    maxConnections: limits.connections,
    maxRequests: limits.openRequests,
    maxUnreadBytes: limits.streamBytes,
    maxSessions: limits.sessions,
    sessionIdleMs: limits.sessionIdleMs,
    maxSessionRequests: limits.sessionRequests,
    maxEvents: limits.replayEvents,
    maxEventChars: limits.replayChars,
  };
}

type Configured =
  | 'maxBodyBytes'
  | 'maxTotalBodyBytes'
  | 'maxConnections'
  | 'maxRequests'
  | 'maxUnreadBytes'
  | 'maxSessions'
  | 'sessionIdleMs'
  | 'maxSessionRequests'
  | 'maxEvents'
  | 'maxEventChars';
