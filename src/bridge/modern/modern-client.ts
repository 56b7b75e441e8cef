import { Aborter } from '../../core/abort.ts';
import { limits } from '../limits.ts';
import type { Message, Request } from '../message.ts';
import type { Parts } from '../parts.ts';
import { keepSubscription } from './keep-subscription.ts';
import { createParamHeaderBook } from './param-header-book.ts';
import { relayModernRequest } from './relay-modern-request.ts';
import { requestHeaders } from './request-headers.ts';

/** The side of the bridge that a modern client talks to: there is no session, and every message stands for itself. */
export interface ModernClient {
  request(message: Request): void;
  notify(message: Message): void;
  close(): void;
}

export function createModernClient(parts: Parts): ModernClient {
  const { desk, wire, link, clock } = parts;
  const book = createParamHeaderBook();
  const stop = new Aborter();

  const send = async (message: Message): Promise<void> => {
    const deadlineMs = clock.now() + limits.maxWaitMs;
    while ((await link.whenReachable({ deadlineMs, signal: stop })) === 'passed') {
      const ending = await wire.post(message, {
        headers: requestHeaders(message),
        signal: stop,
        receive: desk.deliver,
      });
      if (ending.kind !== 'unsent') return;
      link.recover(ending.reason);
    }
  };

  return {
    request(message) {
      const request = desk.open(message);
      if (request === undefined) return;
      if (message.method === 'subscriptions/listen') void keepSubscription(request, parts);
      else void relayModernRequest(request, { ...parts, book });
    },
    notify: (message) => void send(message),
    close: () => stop.abort(),
  };
}
