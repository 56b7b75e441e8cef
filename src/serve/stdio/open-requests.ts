import type { Clock } from '../../core/clock.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { RequestId } from '../../core/protocol/rpc.ts';
import { createInFlight } from '../http/in-flight.ts';
import { isRequestId } from '../session/read-message.ts';

/** The requests of one client that have no answer yet, in whichever era: as they pass on its streams. */
export interface OpenRequests {
  /** A message of the client that is taken. */
  received(message: JsonObject): void;
  /** A message to the client. */
  sent(message: JsonObject): void;
  ids(): RequestId[];
  /** Resolves when all have their answers or were cancelled, or after `ms`. */
  drained(ms: number): Promise<void>;
  /** The client has gone: it is owed no answer any more. */
  close(): void;
}

export function createOpenRequests(clock: Clock): OpenRequests {
  // Under one id as many as were sent under it: which of them an answer belongs to cannot be told.
  const open = new Map<RequestId, (() => void)[]>();
  const inFlight = createInFlight(clock);

  const settle = (id: unknown): void => {
    if (!isRequestId(id)) return;
    const entries = open.get(id);
    entries?.pop()?.();
    if (entries?.length === 0) open.delete(id);
  };

  return {
    received({ id, method, params }) {
      if (method === 'notifications/cancelled') {
        // Whoever cancels cancels all that were given the id.
        const requestId = isJsonObject(params) ? params['requestId'] : undefined;
        while (isRequestId(requestId) && open.has(requestId)) settle(requestId);
      } else if (typeof method === 'string' && method !== 'subscriptions/listen' && isRequestId(id)) {
        // A subscription is never done.
        open.set(id, [...(open.get(id) ?? []), inFlight.enter()]);
      }
    },
    sent(message) {
      if (!('method' in message)) settle(message['id']);
    },
    ids: () => [...open].flatMap(([id, entries]) => entries.map(() => id)),
    drained: inFlight.drained,
    close() {
      for (const leave of [...open.values()].flat()) leave();
      open.clear();
    },
  };
}
