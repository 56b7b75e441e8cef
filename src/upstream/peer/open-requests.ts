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
  /** An answer to something else came in its own stream. */
  isMisanswered?: boolean;
  settle(answer: RawAnswer): void;
}

/**
 * Over HTTP each request has a stream of its own, which is read in the asynchronous context in which the request was sent, after
 * it broke and was taken up again too. Nothing else tells which stream a message came in.
 */
const streams = new AsyncLocalStorage<OpenRequest | undefined>();

/** Of one connection; a server that answers what was cancelled keeps them few, and most servers do not. */
const maxForsaken = 1000;
/** After this long nothing follows a cancelled request any more: its server has ended it, or hangs. */
const forsakenMs = 5 * 60_000;

/** The requests of one connection that have no answer yet, by id. */
export class OpenRequests extends Map<string, OpenRequest> {
  /** Cancelled and not answered: in a shared channel the server may still ask, or tell, for their sake. Oldest first. */
  private readonly forsaken = new Map<string, OpenRequest>();

  /** It was cancelled, in a channel that all requests share. */
  forsake(request: OpenRequest): void {
    if (!isForSomebody(request)) return;
    const [oldest] = this.forsaken.keys();
    if (oldest !== undefined && this.forsaken.size >= maxForsaken) this.forsaken.delete(oldest);
    this.forsaken.set(request.id, request);
    // Nobody may be waiting for the process to end.
    setTimeout(() => this.forsaken.delete(request.id), forsakenMs).unref();
  }

  /** An answer to a cancelled request has come: nothing follows it. */
  forget(id: string): void {
    this.forsaken.delete(id);
  }

  isForsaken({ id }: OpenRequest): boolean {
    return this.forsaken.has(id);
  }

  hasForsaken(): boolean {
    return this.forsaken.size > 0;
  }

  /**
   * Those that the message which is being received may belong to: the one whose response stream it came in, where requests have
   * such, else all, with the cancelled ones of those who have no other open; less those that we sent on our own account. None for a
   * message in the stream of a request that has ended.
   */
  inQuestion(): readonly OpenRequest[] {
    const here = this.concerned();
    if (this.forsaken.size === 0 || this.isInStream()) return here;
    const owners = new Set(here.map(({ context }) => context.owner));
    return [...here, ...[...this.forsaken.values()].filter(({ context }) => !owners.has(context.owner))];
  }

  /**
   * As `inQuestion`, but the cancelled ones only where no other is open. Most servers never answer those: one of them would keep all
   * later messages from whom they are for.
   */
  addressed(): readonly OpenRequest[] {
    const here = this.concerned();
    return here.length > 0 || this.isInStream() ? here : [...this.forsaken.values()];
  }

  /** An answer that nobody waits for has come. */
  misanswer(): void {
    const request = streams.getStore();
    if (request?.among === this) request.isMisanswered = true;
  }

  private isInStream(): boolean {
    return streams.getStore()?.among === this;
  }

  private concerned(): readonly OpenRequest[] {
    const request = streams.getStore();
    if (request?.among !== this) return [...this.values()].filter(isForSomebody);
    return this.get(request.id) === request && isForSomebody(request) ? [request] : [];
  }
}

function isForSomebody({ context: { owner, ask, onNotice } }: OpenRequest): boolean {
  return owner !== undefined || ask !== undefined || onNotice !== undefined;
}

/** Whose requests these are, each once. */
export function ownersOf(requests: readonly OpenRequest[]): RequestOwner[] {
  return [...new Set(requests.flatMap(({ context }) => context.owner ?? []))];
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
