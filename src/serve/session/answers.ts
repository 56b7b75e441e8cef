import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { rpcCode, type RequestId, type RpcError } from '../../core/protocol/rpc.ts';
import type { Reception } from '../engine.ts';
import { toProtocolError } from '../to-protocol-error.ts';

/** Who we are to clients. They derive prefixes for tools from the name, and cut it at 13 characters. */
export function identityOf({ version }: Reception): JsonObject {
  return { name: 'marshal', title: 'marshal', version };
}

/** The answer to what JSON-RPC 2.0 does not know as a message. */
export const notAMessage: RpcError = {
  code: rpcCode.invalidRequest,
  message: 'Invalid Request: not a request, notification or answer of JSON-RPC 2.0',
};

/** The answer to a request that failed. The id is null where it could not be read. */
export function errorAnswer(id: RequestId | null, { code, message, data }: RpcError): JsonObject {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the data came with JSON, or goes out as what JSON makes of it
  return { jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data: data as JsonValue }) } };
}

/** What was thrown, as a client is told of it: a `ProtocolError` as it is, and of a bug only that there was one. */
export function toRpcError(thrown: unknown, { logger }: Reception): RpcError {
  const { code, message, data } = toProtocolError(thrown, logger);
  return { code, message, ...(data !== undefined && { data }) };
}

/** Methods whose results say how long, and for whom, they may be kept (MCP 2026-07-28, caching). */
const cacheableMethods = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

/** A result as the modern era wants it: it says whether it is whole, who produced it and, where it can be kept, for how long. */
export function toModernResult(
  result: JsonObject,
  { method, serverInfo }: { method: string; serverInfo: JsonObject },
): JsonObject {
  const { _meta: meta = {} } = result;
  const whole: JsonObject = { resultType: 'complete', ...result };
  if (isJsonObject(meta)) whole['_meta'] = { ...meta, [SERVER_INFO_META_KEY]: serverInfo };
  if (whole['resultType'] !== 'complete' || !cacheableMethods.has(method)) return whole;
  const { ttlMs, cacheScope } = whole;
  // Of what says nothing, nothing may be kept.
  if (!(Number.isSafeInteger(ttlMs) && Number(ttlMs) >= 0)) whole['ttlMs'] = 0;
  if (cacheScope !== 'public' && cacheScope !== 'private') whole['cacheScope'] = 'private';
  return whole;
}
