import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/client';
import type { JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/client';
import type { AbortLike } from '../../core/abort.ts';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject, isTooDeep } from '../../core/json.ts';
import { explainSendFailure } from './send-failure.ts';

/** A JSON-RPC error as the upstream sent it. */
interface RpcError {
  code: number;
  message: string;
  data?: unknown;
}

/**
 * How a request ended. `malformed`: an answer came that is none. `lost`: the connection, or the answer's stream, ended first, or
 * the request could not be sent. `cancelled`: by our own signal. `sent: false` is said only where nothing reached the upstream.
 */
export type RawAnswer =
  | { kind: 'result'; result: JsonObject }
  | { kind: 'error'; error: RpcError }
  | { kind: 'malformed'; reason: string }
  | { kind: 'lost'; reason: string; sent: boolean; endsConnection: boolean }
  | { kind: 'cancelled'; sent: boolean };

interface RawRequestOptions {
  /** Called with the whole params of each progress notification, in order, also for those that come together with the answer. */
  onProgress?: ((params: JsonObject) => void) | undefined;
  /** Aborting it cancels the request upstream and settles it at once. */
  signal?: AbortLike | undefined;
  /** Headers of this request alone; only HTTP has such. */
  headers?: Readonly<Record<string, string>> | undefined;
}

export interface RawPeer {
  /** Sends one request and resolves when it has ended; never rejects. The result is the upstream's object, untouched but for its identity. */
  request(method: string, params: JsonObject, options?: RawRequestOptions): Promise<RawAnswer>;
  /** Ends one open request as `malformed`; unknown ids are passed over. */
  refuse(id: string, reason: string): void;
  /** Answers that nobody waits for: late, double, or to ids we never gave. */
  strayAnswers(): number;
}

export interface RawPeerOptions {
  /** The envelope that each request of the modern era carries in `_meta`; absent on a legacy connection. */
  envelope?: JsonObject | undefined;
  /** Sees every notification before the SDK client does. */
  onNotification?: (method: string) => void;
}

interface OpenRequest {
  settle(answer: RawAnswer): void;
  onProgress: ((params: JsonObject) => void) | undefined;
}

/**
 * A peer on a transport that an SDK client has connected and still owns: our requests go beside the client's, under string ids
 * that it never uses, and come back as they are. What is not for us goes on to the client.
 */
export function createRawPeer(transport: Transport, { envelope, onNotification }: RawPeerOptions = {}): RawPeer {
  const open = new Map<string, OpenRequest>();
  let lastId = 0;
  let strayAnswers = 0;
  let isClosed = false;

  const takeAnswer = (id: string, message: object): void => {
    const request = open.get(id);
    if (request === undefined) strayAnswers += 1;
    else request.settle(toAnswer(message));
  };

  const passOn = transport.onmessage;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
  transport.onmessage = (message, extra) => {
    if ('method' in message) {
      if (!('id' in message)) {
        if (message.method === 'notifications/progress') {
          const { params } = message;
          const token = params?.['progressToken'];
          if (isJsonObject(params) && typeof token === 'string' && isOurs(token)) {
            if (!isTooDeep(params)) open.get(token)?.onProgress?.(params);
            return;
          }
        }
        onNotification?.(message.method);
      }
    } else if (typeof message.id === 'string' && isOurs(message.id)) {
      takeAnswer(message.id, message);
      return;
    }
    passOn?.(message, extra);
  };

  const closeNext = transport.onclose;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- as above
  transport.onclose = () => {
    isClosed = true;
    for (const request of open.values()) request.settle(connectionEnded(true));
    closeNext?.();
  };

  const cancelUpstream = (id: string): void => {
    const message: JSONRPCMessage = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: id, reason: 'the call is not wanted any more', ...(envelope && { _meta: { ...envelope } }) },
    };
    // The request has ended for us; if the news cannot be sent, the upstream merely works in vain.
    transport.send(message).catch(() => {});
  };

  return {
    request: (method, params, { onProgress, signal, headers } = {}) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve({ kind: 'cancelled', sent: false });
        if (isClosed) return resolve(connectionEnded(false));
        const id = `${idPrefix}${++lastId}`;
        // One HTTP exchange per request can be given up alone; a shared channel has no such thing.
        const exchange = transport.hasPerRequestStream ? new AbortController() : undefined;
        const onAbort = (): void => {
          // Legacy: closing the stream is no cancellation. Modern HTTP: it is the cancellation.
          if (envelope === undefined || exchange === undefined) cancelUpstream(id);
          settle({ kind: 'cancelled', sent: true });
          exchange?.abort();
        };
        const settle = (answer: RawAnswer): void => {
          if (!open.delete(id)) return;
          signal?.removeEventListener('abort', onAbort);
          resolve(answer);
        };
        open.set(id, { settle, onProgress });
        signal?.addEventListener('abort', onAbort, { once: true });
        const sendOptions: TransportSendOptions | undefined = exchange && {
          requestSignal: exchange.signal,
          onRequestStreamEnd: () => settle(answerMissing),
          headers,
        };
        const message = { jsonrpc: '2.0', id, method, params: withMeta(params, envelope, onProgress && id) } as const;
        transport.send(message as JSONRPCMessage, sendOptions).catch((error: unknown) => settle(toFailure(error)));
      }),
    refuse(id, reason) {
      open.get(id)?.settle({ kind: 'malformed', reason });
    },
    strayAnswers: () => strayAnswers,
  };
}

const idPrefix = 'm:';

const answerMissing: RawAnswer = {
  kind: 'lost',
  reason: 'the response ended without an answer',
  sent: true,
  endsConnection: false,
};

function connectionEnded(sent: boolean): RawAnswer {
  return { kind: 'lost', reason: 'the connection ended', sent, endsConnection: true };
}

function toFailure(error: unknown): RawAnswer {
  const { rpc, sent, endsConnection, reason } = explainSendFailure(error);
  return rpc === undefined ? { kind: 'lost', reason, sent, endsConnection } : { kind: 'error', error: rpc };
}

function isOurs(id: string): boolean {
  return id.startsWith(idPrefix);
}

/** Keys that say who *we* are and what we can do: those of the client in front would promise what is not carried through. */
const envelopeKeys = [PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY];

/** The client's own `_meta` (trace context and the like) stays; its progress token and identity are replaced by ours. */
function withMeta(params: JsonObject, envelope: JsonObject | undefined, progressToken: string | undefined): JsonObject {
  const given = params['_meta'];
  if (envelope === undefined && progressToken === undefined && given === undefined) return params;
  const meta: JsonObject = isJsonObject(given) ? { ...given } : {};
  delete meta['progressToken'];
  for (const key of envelopeKeys) delete meta[key];
  Object.assign(meta, envelope);
  if (progressToken !== undefined) meta['progressToken'] = progressToken;
  return { ...params, _meta: meta };
}

function toAnswer(message: object): RawAnswer {
  const hasResult = 'result' in message;
  const hasError = 'error' in message;
  if (hasResult && hasError) return { kind: 'malformed', reason: 'it answered with both a result and an error' };
  if (hasResult) {
    if (!isJsonObject(message.result)) return { kind: 'malformed', reason: 'its result is not an object' };
    return { kind: 'result', result: withoutIdentity(message.result) };
  }
  const error = hasError ? message.error : undefined;
  if (isRpcError(error)) return { kind: 'error', error };
  return { kind: 'malformed', reason: 'it answered with neither a result nor an error' };
}

function isRpcError(value: unknown): value is RpcError {
  return isJsonObject(value) && typeof value['code'] === 'number' && typeof value['message'] === 'string';
}

/**
 * What a modern server adds to a result for whoever it talks to, which is us: that the result is whole, and who made it. Passed on,
 * it would name the wrong server to a modern client, and be unknown to a legacy one.
 */
function withoutIdentity(result: JsonObject): JsonObject {
  if (result['resultType'] === 'complete') delete result['resultType'];
  const meta = result['_meta'];
  if (isJsonObject(meta) && SERVER_INFO_META_KEY in meta) {
    delete meta[SERVER_INFO_META_KEY];
    if (Object.keys(meta).length === 0) delete result['_meta'];
  }
  return result;
}
