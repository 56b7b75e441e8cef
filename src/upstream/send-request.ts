import type { JsonObject } from '../core/json.ts';
import type { Connection } from './connection/open-connection.ts';
import type { ConnectionGate } from './connection/connection-gate.ts';
import type { RawAnswer } from './peer/raw-answer.ts';
import type { RawRequestOptions } from './peer/raw-peer.ts';

/** What a request brings with it beside its params. */
export interface SendOptions extends RawRequestOptions {
  /** Told `true` while the request waits for a connection, `false` before it is sent. */
  setWaiting?: ((isWaiting: boolean) => void) | undefined;
  /** Looked at right before it is sent, whatever it has waited for: one that is withheld ends as if it had been cancelled. */
  isWithheld?: (() => boolean) | undefined;
}

export interface OutgoingRequest<T> {
  method: string;
  params: JsonObject;
  options: SendOptions;
  /** Headers of this request, as the connection wants them that it will go over. */
  headers?: (() => Readonly<Record<string, string>> | undefined) | undefined;
  /** What a request that has ended is for its sender. */
  toEnd(answer: RawAnswer): T;
}

export interface RequestSender {
  gate: ConnectionGate;
  /** How long a request waits for a connection. */
  waitMs: number;
  /** Why nothing is sent now; absent where it is. */
  refusal(): string | undefined;
  /** Hears every answer, with the connection that it came over, and when its request was sent (monotonic). */
  heed(connection: Connection, answer: RawAnswer, begunMs: number): void;
}

/** Sends a request as soon as there is a connection. Never rejects, and never sends twice what may have been run. */
export async function sendRequest<T>(
  { gate, waitMs, refusal, heed }: RequestSender,
  { method, params, options, headers, toEnd }: OutgoingRequest<T>,
): Promise<T> {
  const { signal, setWaiting, isWithheld } = options;
  for (let attempt = 1; ; attempt += 1) {
    if (signal?.aborted) return toEnd({ kind: 'cancelled', sent: false });
    const refused = refusal();
    if (refused !== undefined) return toEnd({ kind: 'lost', reason: refused, sent: false, endsConnection: false });
    let current: Connection | string | undefined = gate.connection();
    if (current === undefined) {
      setWaiting?.(true);
      current = await gate.wait(waitMs, signal);
    }
    if (signal?.aborted || isWithheld?.() === true) return toEnd({ kind: 'cancelled', sent: false });
    setWaiting?.(false);
    if (typeof current === 'string')
      return toEnd({ kind: 'lost', reason: current, sent: false, endsConnection: false });
    const given = headers === undefined ? options : { ...options, headers: headers() };
    const begunMs = performance.now();
    const answer = await current.peer.request(method, params, given);
    heed(current, answer, begunMs);
    // The connection had ended unnoticed, or the session, and nothing was run: the next one will do as well.
    const isUnsent = answer.kind === 'lost' && !answer.sent && answer.endsConnection;
    if (!isUnsent || attempt > 1) return toEnd(answer);
  }
}
