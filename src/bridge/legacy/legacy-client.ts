import { cancelledIdOf, type Answer, type Notification, type Request } from '../message.ts';
import type { Desk, OpenRequest } from '../desk.ts';
import { limits } from '../limits.ts';
import { within } from '../link/within.ts';
import { openSession } from './open-session.ts';
import { createOutbox } from './outbox.ts';
import { relayRequest } from './relay-request.ts';
import { createSessionKeeper, type SessionKeeper, type SessionKeeperOptions } from './session/session-keeper.ts';

/** The side of the bridge that a legacy client talks to: one session for as long as it lives. */
export interface LegacyClient {
  request(message: Request): void;
  notify(message: Notification): void;
  answer(message: Answer): void;
  restore: SessionKeeper['restore'];
  close(): Promise<void>;
}

export function createLegacyClient(parts: SessionKeeperOptions): LegacyClient {
  const { desk, clock, logger } = parts;
  const keeper = createSessionKeeper(parts);
  const outbox = createOutbox({ ...parts, keeper });
  const graces = new Map<OpenRequest, () => void>();
  let opening: Promise<unknown> = Promise.resolve();

  const finish = (request: OpenRequest): void => {
    graces.get(request)?.();
    graces.delete(request);
  };

  return {
    request(message) {
      const request = desk.open(message);
      if (request === undefined) return;
      if (message.method === 'initialize') opening = openSession(request, { ...parts, keeper });
      else void relayRequest(request, { ...parts, keeper }).then(() => finish(request));
    },
    notify(message) {
      const request = cancelledRequest(message, desk);
      if (request === undefined) return outbox.notify(message, opening);
      // The proxy has never heard of it.
      if (!request.wasSent) return request.drop();
      request.isCancelled = true;
      if (!graces.has(request)) graces.set(request, clock.after(limits.cancelGraceMs, request.drop));
      // On a connection of its own the news could come before what it is about.
      outbox.notify(message, within(limits.arrivalMs, { clock, work: request.arrival }));
    },
    answer(message) {
      const id = keeper.takeQuestion(message.id);
      if (id === undefined) logger.debug({}, 'the client answered a question that nobody asks any more; passed over');
      else outbox.answer(id === message.id ? message : { ...message, id });
    },
    restore: keeper.restore,
    close() {
      outbox.close();
      for (const cancelTimer of graces.values()) cancelTimer();
      return keeper.close();
    },
  };
}

function cancelledRequest(message: Notification, desk: Desk): OpenRequest | undefined {
  const id = cancelledIdOf(message);
  return id === undefined ? undefined : desk.find(id);
}
