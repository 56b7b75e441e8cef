import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  SERVER_INFO_META_KEY,
  type JSONRPCMessage,
  type ProtocolEra,
  type Transport,
} from '@modelcontextprotocol/server';
import { Aborter } from '../../core/abort.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { toLine } from '../../lib/json-line.ts';
import { progressTokenOf, type ClientRequest } from '../client-request.ts';

/** The session as the SDK's server has negotiated it. */
export interface Negotiated {
  era: ProtocolEra;
  /** The envelope of the request that settled a modern session, as `envelopeText` writes it: the SDK has found it to be right. */
  envelope?: string;
}

type Id = string | number;

/**
 * Answers `tools/call` on a transport that the SDK's server owns, without going through that server: its schema checks and its
 * bookkeeping cost as much as all the rest of a passthrough call (`npm run bench`). Everything else goes to the SDK, as does a
 * call that is not plain: before the session is settled, with an envelope that is wrong or of another revision, or a retry that
 * brings input. What goes around is answered as the SDK would answer it.
 */
export function answerCallsDirectly(
  transport: Transport,
  options: {
    /** Absent until the opening of the session is over. */
    negotiated: () => Negotiated | undefined;
    serverInfo: JsonObject;
    /** Who every call of this transport comes from. */
    principal: string;
    /** Rejects with a `ProtocolError`, or else that is a bug. */
    handle: (request: ClientRequest) => Promise<Record<string, unknown>>;
  },
): void {
  const open = new Map<Id, Aborter>();
  const send = (message: object): void => {
    // A client that has gone gets no answer; the transport has said so by then.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- results pass as they came, whatever the SDK's types know
    transport.send({ jsonrpc: '2.0', ...message } as JSONRPCMessage).catch(() => {});
  };

  const answer = async (id: Id, request: ClientRequest, era: ProtocolEra): Promise<void> => {
    try {
      const result = await options.handle(request);
      if (!request.signal.aborted)
        send({ id, result: era === 'modern' ? toModern(result, options.serverInfo) : result });
    } catch (error) {
      if (!request.signal.aborted) send({ id, error: toRpcError(error) });
    } finally {
      open.delete(id);
    }
  };

  const passOn = transport.onmessage;
  transport.onmessage = (message, extra) => {
    if (isCancellation(message)) {
      open.get(message.params.requestId)?.abort();
      // A client may have given the same id to a call that the SDK serves.
    }
    const session = options.negotiated();
    if (session === undefined || !isCall(message) || !isPlain(message.params, session) || open.has(message.id)) {
      return passOn?.(message, extra);
    }
    const signal = new Aborter();
    open.set(message.id, signal);
    const params = withoutEnvelope(message.params);
    const request: ClientRequest = {
      method: 'tools/call',
      principal: options.principal,
      params,
      ...progressTokenOf(params),
      signal,
      // A request that has been answered or cancelled has no progress any more.
      notifyProgress: (progress) => {
        if (open.get(message.id) === signal && !signal.aborted)
          send({ method: 'notifications/progress', params: progress });
      },
    };
    void answer(message.id, request, session.era);
  };

  const closeNext = transport.onclose;
  transport.onclose = () => {
    closeNext?.();
    for (const call of open.values()) call.abort();
  };
}

const envelopeKeys = [
  PROTOCOL_VERSION_META_KEY,
  CLIENT_INFO_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
  LOG_LEVEL_META_KEY,
];

function isCall(message: JSONRPCMessage): message is JSONRPCMessage & { id: Id; params: JsonObject } {
  return (
    'method' in message &&
    message.method === 'tools/call' &&
    'id' in message &&
    isId(message.id) &&
    isJsonObject(message.params) &&
    Object.keys(message).length === 4
  );
}

function isId(value: unknown): value is Id {
  return typeof value === 'string' || Number.isInteger(value);
}

function isCancellation(message: JSONRPCMessage): message is JSONRPCMessage & { params: { requestId: Id } } {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return false;
  const id = message.params?.['requestId'];
  return typeof id === 'string' || typeof id === 'number';
}

/** A legacy call carries no envelope; a modern one carries that of its session. Anything else is for the SDK to serve or to refuse. */
function isPlain(params: JsonObject, { era, envelope }: Negotiated): boolean {
  if ('inputResponses' in params || 'requestState' in params) return false;
  const meta = params['_meta'];
  if (era === 'legacy') return meta === undefined || (isJsonObject(meta) && !(PROTOCOL_VERSION_META_KEY in meta));
  return envelope !== undefined && isJsonObject(meta) && envelopeText(meta) === envelope;
}

/** The reserved part of `_meta` in a form that can be compared; nothing for one that is nested too deep to be written. */
export function envelopeText(meta: Readonly<Record<string, unknown>>): string | undefined {
  return toLine(envelopeKeys.map((key) => meta[key]));
}

/** `_meta` without what belongs to the connection; an upstream gets an envelope of ours. */
function withoutEnvelope(params: JsonObject): JsonObject {
  const meta = params['_meta'];
  if (!isJsonObject(meta) || !envelopeKeys.some((key) => key in meta)) return params;
  const rest = Object.fromEntries(Object.entries(meta).filter(([key]) => !envelopeKeys.includes(key)));
  const { _meta: _, ...others } = params;
  return Object.keys(rest).length === 0 ? others : { ...others, _meta: rest };
}

/** Every result of the modern era says that it is whole, and who produced it. */
function toModern(result: Record<string, unknown>, serverInfo: JsonObject): object {
  const meta = isJsonObject(result['_meta']) ? result['_meta'] : {};
  return { resultType: 'complete', ...result, _meta: { ...meta, [SERVER_INFO_META_KEY]: serverInfo } };
}

function toRpcError(error: unknown): object {
  if (!(error instanceof ProtocolError)) return { code: ProtocolErrorCode.InternalError, message: 'Internal error' };
  const { code, message, data } = error;
  return { code, message, ...(data !== undefined && { data }) };
}
