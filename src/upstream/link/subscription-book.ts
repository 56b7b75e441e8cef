import type { Reply } from '../../core/protocol/rpc.ts';
import { refusal, rpcCode } from '../../core/protocol/rpc.ts';
import type { Instance } from '../instance/instance.ts';
import type { Visitor } from '../instance/visitor.ts';
import { unavailableReply } from '../peer/to-reply.ts';
import type { Router } from './router.ts';

/** Of one client; each is something to remember here and at its server. */
const maxSubscriptions = 1000;

/** The resources that one client has subscribed to, and where. */
export interface SubscriptionBook {
  add(server: string, uri: string): Promise<Reply>;
  remove(server: string, uri: string): Promise<Reply>;
  /** Gives all of them back. */
  close(): void;
}

export function createSubscriptionBook(visitor: Visitor, router: Router): SubscriptionBook {
  const subscribed = new Map<string, { uri: string; home: Promise<Instance | string> }>();
  const keyOf = (server: string, uri: string): string => `${server}\n${uri}`;

  const removeFrom = async (entry: { uri: string; home: Promise<Instance | string> }): Promise<Reply> => {
    const home = await entry.home;
    return typeof home === 'string' ? done : home.subscriptions.remove(visitor, entry.uri);
  };

  return {
    async add(server, uri) {
      const key = keyOf(server, uri);
      const isNew = !subscribed.has(key);
      if (isNew && subscribed.size >= maxSubscriptions) {
        return refusal(rpcCode.invalidParams, `a client may subscribe to ${maxSubscriptions} resources at most`);
      }
      const entry = subscribed.get(key) ?? { uri, home: router.home(server) };
      subscribed.set(key, entry);
      const home = await entry.home;
      const reply =
        typeof home === 'string' ? unavailableReply(server, home) : await home.subscriptions.add(visitor, uri);
      if (!reply.ok && subscribed.get(key) === entry) subscribed.delete(key);
      return reply;
    },
    remove(server, uri) {
      const key = keyOf(server, uri);
      const entry = subscribed.get(key);
      subscribed.delete(key);
      return entry === undefined ? Promise.resolve(done) : removeFrom(entry);
    },
    close() {
      for (const entry of subscribed.values()) void removeFrom(entry);
      subscribed.clear();
    },
  };
}

const done: Reply = { ok: true, result: {} };
