import { SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import type { IncomingMessage } from 'node:http';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { readText } from '../../../lib/http/read-text.ts';

/** Of the body of an HTTP error: enough for any JSON-RPC error, not for a page. */
const maxErrorBytes = 64 * 1024;
/** For it to come: the status alone says enough to go on with. */
const errorBodyMs = 1000;

/** One message, or several in an array (MCP 2025-03-26). What is no JSON-RPC is passed over; text that is no JSON is nothing at all. */
export function messagesOf(text: string): JsonObject[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).filter((item) => isJsonObject(item) && item['jsonrpc'] === '2.0');
  } catch {
    return undefined;
  }
}

/** For notifications, says the protocol (MCP, Streamable HTTP): to a request it is the promise of an answer that never comes. */
export const accepted = 202;

/** Why an answer with this content is none. */
export function explainContent(status: number, type: string | undefined): string {
  if (status === accepted) return 'it answered with HTTP 202, which holds no answer';
  return `it answered with ${type?.slice(0, 60) ?? 'no content type'} instead of JSON or an event stream`;
}

/** An answer that is no success, as the SDK throws it. Never rejects. */
export async function toHttpError(response: IncomingMessage, status: number): Promise<SdkHttpError> {
  const timer = setTimeout(() => response.destroy(), errorBodyMs);
  const text = await readText(response, maxErrorBytes).catch(() => undefined);
  clearTimeout(timer);
  if (text === undefined) response.destroy();
  const { statusMessage = '', headers } = response;
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `HTTP ${status}`, {
    status,
    statusText: statusMessage,
    ...(text !== undefined && { text }),
    retryAfter: headers['retry-after'],
  });
}
