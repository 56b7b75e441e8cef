import type { Era } from '../../core/protocol/client.ts';
import type { Upstream } from '../upstream.ts';

/** As much of an upstream as it takes. */
export interface Measurable {
  connection(): { verdict: { kind: Era }; protocolVersion?: string | undefined } | undefined;
  request: Upstream['request'];
}

/** What is known of a connection beside its state. */
export interface Measured {
  /** From a request to its answer, in milliseconds; absent where none came in time. */
  roundTripMs?: number;
  /** As it was agreed upon, such as `2025-11-25`. */
  protocolVersion?: string;
}

/**
 * Sends the smallest request of the server's era and measures how long its answer takes: `ping`, and `server/discover` in the modern
 * era, which has none. A refusal is an answer too. Never rejects; nothing where there is no connection.
 */
export async function measure(upstream: Measurable, limitMs: number): Promise<Measured | undefined> {
  const connection = upstream.connection();
  if (connection === undefined) return undefined;
  const { verdict, protocolVersion } = connection;
  const version = protocolVersion === undefined ? {} : { protocolVersion };
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  const startedMs = performance.now();
  const method = verdict.kind === 'modern' ? 'server/discover' : 'ping';
  try {
    await upstream.request(method, {}, { signal: limit.signal });
  } finally {
    clearTimeout(timer);
  }
  if (limit.signal.aborted) return version;
  return { ...version, roundTripMs: Math.round(performance.now() - startedMs) };
}
