import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client, RequestContext } from '../../core/protocol/client.ts';
import type { RawAnswer } from './raw-answer.ts';

/** Whose a request is. Compared by identity: what belongs to one of two requests of one owner may be taken for the other's. */
export interface RequestOwner {
  client: Client;
}

/** What a request brings with it, and whose it is. */
export interface OwnedContext extends RequestContext {
  owner?: RequestOwner | undefined;
}

export interface OpenRequest {
  id: string;
  among: OpenRequests;
  context: OwnedContext;
  settle(answer: RawAnswer): void;
}

/**
 * Over HTTP each request has a stream of its own, which is read in the asynchronous context in which the request was sent, after
 * it broke and was taken up again too. Nothing else tells which stream a message came in.
 */
const streams = new AsyncLocalStorage<OpenRequest | undefined>();

/** The requests of one connection that have no answer yet, by id. */
export class OpenRequests extends Map<string, OpenRequest> {
  /**
   * Those that the message which is being received may belong to: the one whose response stream it came in, where requests have
   * such, else all; less those that we sent on our own account. None for a message in the stream of a request that has ended.
   */
  inQuestion(): readonly OpenRequest[] {
    const request = streams.getStore();
    if (request?.among !== this) return [...this.values()].filter(isForSomebody);
    return this.get(request.id) === request && isForSomebody(request) ? [request] : [];
  }
}

function isForSomebody({ context: { owner, ask, onNotice } }: OpenRequest): boolean {
  return owner !== undefined || ask !== undefined || onNotice !== undefined;
}

/** Runs `send`, so that what comes back in its stream is known to belong to `request`, or to none. */
export function sendFor<T>(request: OpenRequest | undefined, send: () => T): T {
  return streams.run(request, send);
}

/** The request that stands for all of these: any where all have one owner, one that can be asked before others. Else none. */
export function soleOwned(requests: readonly OpenRequest[]): OpenRequest | undefined {
  const [first] = requests;
  if (first === undefined) return undefined;
  if (requests.length === 1) return first;
  const { owner } = first.context;
  if (owner === undefined || requests.some(({ context }) => context.owner !== owner)) return undefined;
  return requests.find(({ context }) => context.ask !== undefined) ?? first;
}
