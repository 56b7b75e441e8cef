import { resourceAddress } from '../../../catalog/resource-uris.ts';
import type { Reply } from '../../../core/protocol/rpc.ts';

/** A resource that a client watches, under the URI that it used. */
export interface Subscription {
  server: string;
  /** As the server knows it. */
  uri: string;
}

/** What one client watches. */
export interface Subscriptions {
  /** By the URI that it used. The server's answer is there for all who come while it is on its way. */
  open: Map<string, { count: number; reply: Promise<Reply>; target: Subscription | undefined }>;
  /** By the resource at its server: the URIs that it used for it, once the server has agreed. */
  used: Map<string, Set<string>>;
}

export function createSubscriptions(): Subscriptions {
  return { open: new Map(), used: new Map() };
}

/** No server's name holds a line break. */
export function targetKey({ server, uri }: Subscription): string {
  return `${server}\n${uri}`;
}

/**
 * Under which URIs a client watches what a server has just called by one: by those it used for it, else by that of a resource that
 * contains it (servers may tell of a part), else as the server calls it.
 */
export function watchedUris({ open, used }: Subscriptions, { server, uri }: Subscription): string[] {
  const exact = used.get(targetKey({ server, uri }));
  if (exact !== undefined) return [...exact];
  let isPrefixed = false;
  for (const [usedUri, { target }] of open) {
    if (target?.server !== server || !uri.startsWith(target.uri)) continue;
    if (usedUri === target.uri) return [uri];
    isPrefixed = true;
  }
  return [isPrefixed ? resourceAddress({ server, uri }) : uri];
}
