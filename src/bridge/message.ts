import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/client';
import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { RequestId } from '../core/protocol/rpc.ts';

/** A JSON-RPC message as it came. Only looked at, never rebuilt: what is not known here passes with the rest. */
export type Message = JsonObject;

export interface Request extends JsonObject {
  id: RequestId;
  method: string;
}

export interface Notification extends JsonObject {
  method: string;
}

/** A result or an error. The id of an error may be null, where its sender could not tell whose it was. */
export interface Answer extends JsonObject {
  id: RequestId;
}

export interface ErrorObject extends JsonObject {
  code: number;
  message: string;
}

/** Whether it is JSON-RPC at all. */
export function isWireMessage(message: Message): message is Message & JSONRPCMessage {
  return message['jsonrpc'] === '2.0';
}

export function isRequest(message: Message): message is Request {
  return typeof message['method'] === 'string' && isId(message['id']);
}

export function isNotification(message: Message): message is Notification {
  return typeof message['method'] === 'string' && message['id'] === undefined;
}

export function isAnswer(message: Message): message is Answer {
  return message['method'] === undefined && isId(message['id']) && ('result' in message || 'error' in message);
}

export function paramsOf(message: Message): JsonObject {
  return isJsonObject(message['params']) ? message['params'] : {};
}

/** The version that a message of the modern era names in itself; absent in a legacy one. */
export function modernVersionOf(message: Message): string | undefined {
  const meta = paramsOf(message)['_meta'];
  const version = isJsonObject(meta) ? meta[PROTOCOL_VERSION_META_KEY] : undefined;
  return typeof version === 'string' ? version : undefined;
}

/** The request that a `notifications/cancelled` is about. */
export function cancelledIdOf(message: Message): RequestId | undefined {
  const id = paramsOf(message)['requestId'];
  return message['method'] === 'notifications/cancelled' && isId(id) ? id : undefined;
}

export function notificationOf(method: string, params?: JsonObject): Notification {
  return { jsonrpc: '2.0', method, ...(params && { params }) };
}

function isId(value: unknown): value is RequestId {
  return typeof value === 'string' || typeof value === 'number';
}
