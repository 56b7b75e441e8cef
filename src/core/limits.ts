/**
 * How much of everything there may be, so that no client and no server can take the process from the others. Every one is a key of
 * `limits` in the configuration, and named in the error of whoever meets it; `docs/limits.md` says what happens there.
 */
export interface Limits extends ServerLimits {
  /** One message of a client: a line over stdio, a request body over HTTP. */
  requestBytes: number;
  /** What a client over stdio may leave unread before it counts as gone. */
  unreadBytes: number;
  /** The same of one stream over HTTP, before the next message. */
  streamBytes: number;
  /** HTTP: connections, requests open at once, and bytes of request bodies that are being read, over all clients. */
  connections: number;
  openRequests: number;
  uploadBytes: number;
  /** HTTP: sessions of legacy clients, how long one may be idle, and requests open in one. */
  sessions: number;
  sessionIdleMs: number;
  sessionRequests: number;
  /** HTTP: what is kept of one session's messages for a stream that breaks off. */
  replayEvents: number;
  replayChars: number;
  /** Calls by themselves, in flight in the whole process. */
  passthroughCalls: number;
  /** Calls of batches that wait to be started, in the whole process. */
  queuedCalls: number;
  /** Resources that one client may watch at once. */
  subscriptions: number;
  /** Batches that go on after their reply. */
  backgroundBatches: number;
  /** Batches that have ended and can be read again, and the characters of all of them. */
  keptBatches: number;
  keptChars: number;
}

/** Those of one server. */
export interface ServerLimits {
  /** One message of a server over stdio. */
  messageBytes: number;
  /** One answer of a server over HTTP, or one event of a stream. */
  responseBytes: number;
  /** What may wait for a server over stdio that does not read. */
  queuedBytes: number;
  /** The last lines of a server's stderr, kept for the error of a server that ends. */
  stderrLines: number;
}

const megabyte = 1024 * 1024;

export const defaultLimits: Limits = {
  // A client cannot show a tenth of it.
  messageBytes: 10 * megabyte,
  responseBytes: 64 * megabyte,
  queuedBytes: 64 * megabyte,
  // Enough to hold the stack trace that a dying program leaves.
  stderrLines: 20,
  // Far above any batch: a thousand calls of 30 kB each.
  requestBytes: 32 * megabyte,
  unreadBytes: 64 * megabyte,
  streamBytes: 16 * megabyte,
  connections: 2_000,
  openRequests: 4_000,
  // A few of the largest.
  uploadBytes: 128 * megabyte,
  sessions: 1_000,
  sessionIdleMs: 30 * 60_000,
  sessionRequests: 1_000,
  replayEvents: 1_000,
  replayChars: 4 * megabyte,
  passthroughCalls: 1_024,
  // Ten of the largest batches.
  queuedCalls: 10_000,
  subscriptions: 1_000,
  backgroundBatches: 64,
  keptBatches: 100,
  keptChars: 32_000_000,
};

/** Those that hold for each server, of those of the process. */
export function serverLimits({ messageBytes, responseBytes, queuedBytes, stderrLines }: Limits): ServerLimits {
  return { messageBytes, responseBytes, queuedBytes, stderrLines };
}

/** A number of bytes as messages say it: `10 MiB`. */
export function showBytes(bytes: number): string {
  return bytes % megabyte === 0 ? `${bytes / megabyte} MiB` : `${bytes.toLocaleString('en-US')} bytes`;
}
