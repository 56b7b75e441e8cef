import { resourceAddress } from '../../../catalog/resource-uris.ts';
import type { Reply } from '../../../core/protocol/rpc.ts';

/** A resource that a client watches, under the URI that it used. */
export interface Subscription {
  server: string;
  /** As the server knows it. */
  uri: string;
}

/** What one client watches, by the URI that it used. The server's answer is there for all who come while it is on its way. */
export type Subscriptions = Map<string, { count: number; reply: Promise<Reply>; target: Subscription | undefined }>;

/**
 * Under which URIs a client watches what a server has just called by one: by those it used for it, else by that of a resource that
 * contains it (servers may tell of a part), else as the server calls it.
 */
export function watchedUris(subscriptions: Subscriptions, { server, uri }: Subscription): string[] {
  const own = [...subscriptions].filter(([, { target }]) => target?.server === server);
  const exact = own.filter(([, { target }]) => target?.uri === uri).map(([used]) => used);
  if (exact.length > 0) return exact;
  const whole = own.filter(([, { target }]) => target !== undefined && uri.startsWith(target.uri));
  const isPrefixed = whole.length > 0 && whole.every(([used, { target }]) => used !== target?.uri);
  return [isPrefixed ? resourceAddress({ server, uri }) : uri];
}
