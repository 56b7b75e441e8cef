import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import { Aborter, type AbortLike } from '../../../core/abort.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import type { Notice } from '../../../core/protocol/client.ts';
import { rpcCode, type RequestId } from '../../../core/protocol/rpc.ts';
import type { Engine } from '../../engine.ts';
import { watchChanges } from '../../features/client-changes.ts';
import { serverCapabilities } from '../../features/server-capabilities.ts';
import { subscribeResource, unsubscribeResource } from '../../features/subscribe-resource.ts';
import { errorAnswer, toModernResult } from '../answers.ts';
import { acceptsNotice, narrowFilter, readFilter, type ListenFilter } from './listen-filter.ts';
import type { Exchange } from '../session.ts';

/** Open subscriptions of all clients together. */
const maxOpen = 1024;
/** Of one client that has proved who it is: there is room for another. */
const maxOfClient = maxOpen / 2;

/** The request that opens a subscription. */
export interface ListenRequest {
  id: RequestId;
  params: JsonObject;
  exchange: Exchange;
}

/** Serves `subscriptions/listen`: requests that stay open and bring changes, each marked with the request's id. */
export interface ListenDesk {
  /** Resolves when the subscription is over, by whichever side. */
  serve(engine: Engine, request: ListenRequest): Promise<void>;
  /** Ends all of them with their results. */
  close(): void;
}

export function createListenDesk({ serverInfo }: { serverInfo: JsonObject }): ListenDesk {
  const open = new Map<Aborter, string | undefined>();
  const isCrowded = ({ principal, scopes }: Exchange): boolean => {
    if (open.size >= maxOpen) return true;
    if (scopes === undefined || open.size < maxOfClient) return false;
    return [...open.values()].filter((owner) => owner === principal).length >= maxOfClient;
  };
  return {
    async serve(engine, request) {
      const { id, params, exchange } = request;
      const refuse = (code: number, message: string): void => exchange.send(errorAnswer(id, { code, message }));
      if (isCrowded(exchange)) return refuse(rpcCode.internalError, 'Subscription limit reached');
      const wanted = readFilter(params['notifications']);
      if (wanted === undefined) {
        return refuse(
          rpcCode.invalidParams,
          "Invalid params: 'notifications' must be a filter of subscriptions/listen",
        );
      }
      const filter = narrowFilter(wanted, serverCapabilities(engine, 'modern'));
      const ended = new Aborter();
      open.set(ended, exchange.principal);
      const subscription = await openSubscription(engine, { id, exchange, filter });
      if (!subscription.isEmpty) await firstAbort(exchange.signal, ended);
      open.delete(ended);
      subscription.stop();
      // A client that has closed the stream itself gets nothing of this.
      const result = toModernResult(
        { _meta: { [SUBSCRIPTION_ID_META_KEY]: id } },
        { method: 'subscriptions/listen', serverInfo },
      );
      exchange.send({ jsonrpc: '2.0', id, result });
    },
    close() {
      for (const ended of open.keys()) ended.abort();
    },
  };
}

/**
 * First the acknowledgement with what of the filter is honoured: servers that refuse to tell of a resource take it out. Then every
 * change that the filter wants.
 */
async function openSubscription(
  engine: Engine,
  { id, exchange, filter }: { id: RequestId; exchange: Exchange; filter: ListenFilter },
): Promise<{ isEmpty: boolean; stop: () => void }> {
  const send = ({ method, params }: Notice): void => {
    const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
    const stamped = { ...params, _meta: { ...meta, [SUBSCRIPTION_ID_META_KEY]: id } };
    exchange.send({ jsonrpc: '2.0', method, params: stamped });
  };
  // Watched before the servers are asked, so that no change falls between the two. What comes early waits for the acknowledgement.
  const early: Notice[] = [];
  let isAcknowledged = false;
  const stopWatching = watchChanges(engine, (notice) => {
    if (!acceptsNotice(filter, notice)) return;
    if (isAcknowledged) send(notice);
    else early.push(notice);
  });
  const { resourceSubscriptions = [], ...lists } = filter;
  const replies = await Promise.all(
    resourceSubscriptions.map((uri) => subscribeResource(engine, uri, { era: 'modern' })),
  );
  const uris = resourceSubscriptions.filter((_uri, index) => replies[index]?.ok);
  const notifications: JsonObject = { ...lists, ...(uris.length > 0 && { resourceSubscriptions: uris }) };
  send({ method: 'notifications/subscriptions/acknowledged', params: { notifications } });
  isAcknowledged = true;
  for (const notice of early) send(notice);
  return {
    isEmpty: Object.keys(notifications).length === 0,
    stop() {
      stopWatching();
      for (const uri of uris) void unsubscribeResource(engine, uri);
    },
  };
}

function firstAbort(...signals: readonly AbortLike[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', resolve, { once: true });
    }
  });
}
