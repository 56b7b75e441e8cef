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
  const subscribed = new Map<string, { instance: Instance; uri: string }>();
  const keyOf = (server: string, uri: string): string => `${server}\n${uri}`;

  return {
    async add(server, uri) {
      const key = keyOf(server, uri);
      if (subscribed.has(key)) return done;
      if (subscribed.size >= maxSubscriptions) {
        return refusal(rpcCode.invalidParams, `a client may subscribe to ${maxSubscriptions} resources at most`);
      }
      const instance = await router.home(server);
      if (typeof instance === 'string') return unavailableReply(server, instance);
      subscribed.set(key, { instance, uri });
      const reply = await instance.subscriptions.add(visitor, uri);
      if (!reply.ok) subscribed.delete(key);
      return reply;
    },
    remove(server, uri) {
      const key = keyOf(server, uri);
      const found = subscribed.get(key);
      subscribed.delete(key);
      return found?.instance.subscriptions.remove(visitor, uri) ?? Promise.resolve(done);
    },
    close() {
      for (const { instance, uri } of subscribed.values()) void instance.subscriptions.remove(visitor, uri);
      subscribed.clear();
    },
  };
}

const done: Reply = { ok: true, result: {} };
