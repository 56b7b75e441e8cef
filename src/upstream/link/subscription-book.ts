import type { Reply } from '../../core/protocol/rpc.ts';
import { refusal, rpcCode } from '../../core/protocol/rpc.ts';
import type { Instance } from '../instance/instance.ts';
import type { Visitor } from '../instance/visitor.ts';
import { unavailableReply } from '../peer/to-reply.ts';
import type { Router } from './router.ts';

/** Of one link, which may be many clients of the modern era; each is something to remember here and at its server. */
const maxSubscriptions = 20_000;

/** The resources that one client has subscribed to, and where. */
export interface SubscriptionBook {
  add(server: string, uri: string): Promise<Reply>;
  remove(server: string, uri: string): Promise<Reply>;
  /** Gives all of them back. */
  close(): void;
}

interface Entry {
  server: string;
  uri: string;
  home: Promise<Instance | string>;
}

export function createSubscriptionBook(visitor: Visitor, router: Router): SubscriptionBook {
  const subscribed = new Map<string, Entry>();
  const keyOf = (server: string, uri: string): string => `${server}\n${uri}`;

  const removeFrom = async (entry: Entry): Promise<Reply> => {
    const home = await entry.home;
    return typeof home === 'string' ? done : home.subscriptions.remove(visitor, entry.uri);
  };

  /** What is changed over the client's own connection is told there alone. */
  const follow = async (entry: Entry): Promise<void> => {
    const { home } = entry;
    const before = await home;
    const own = router.mine(entry.server);
    if (entry.home !== home || own === undefined || own === before || typeof before === 'string') return;
    entry.home = Promise.resolve(own);
    await own.subscriptions.add(visitor, entry.uri);
    await before.subscriptions.remove(visitor, entry.uri);
  };
  /** Asks again on the connection that has taken the place of another. What was missed in between is told as a change. */
  const renew = async (entry: Entry): Promise<void> => {
    const { server, uri } = entry;
    const home = router.home(server);
    entry.home = home;
    const renewed = await home;
    if (typeof renewed === 'string' || entry.home !== home) return;
    const reply = await renewed.subscriptions.add(visitor, uri);
    if (reply.ok) visitor.hear(server, { method: 'notifications/resources/updated', params: { uri } });
  };
  const stopFollowing = router.onChange(() => {
    for (const entry of subscribed.values()) void follow(entry);
  });
  const stopRenewing = router.onRenewed((names) => {
    for (const entry of subscribed.values()) if (names.has(entry.server)) void renew(entry);
  });

  return {
    async add(server, uri) {
      const key = keyOf(server, uri);
      const isNew = !subscribed.has(key);
      if (isNew && subscribed.size >= maxSubscriptions) {
        return refusal(rpcCode.invalidParams, `a client may subscribe to ${maxSubscriptions} resources at most`);
      }
      const entry = subscribed.get(key) ?? { server, uri, home: router.home(server) };
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
      stopFollowing();
      stopRenewing();
      for (const entry of subscribed.values()) void removeFrom(entry);
      subscribed.clear();
    },
  };
}

const done: Reply = { ok: true, result: {} };
