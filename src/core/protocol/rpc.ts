import type { JsonObject } from '../json.ts';

/** The id of a JSON-RPC request. `0` and `''` are ids like any other. */
export type RequestId = string | number;

/** A JSON-RPC error as it stands in an answer. */
export interface RpcError {
  code: number;
  message: string;
  data?: unknown;
}

/** How a request of one peer to another ended: what its answer held, untouched. */
export type Reply = { ok: true; result: JsonObject } | { ok: false; error: RpcError };

/** Error codes of JSON-RPC 2.0, and those that MCP adds (2025-11-25 and 2026-07-28). */
export const rpcCode = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
  urlElicitationRequired: -32042,
} as const;

/** A failed reply. */
export function refusal(code: number, message: string, data?: unknown): Reply & { ok: false } {
  return { ok: false, error: { code, message, ...(data !== undefined && { data }) } };
}
