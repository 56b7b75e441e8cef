import { isJsonObject } from '../../../core/json.ts';
import { rpcCode, type RpcError } from '../../../core/protocol/rpc.ts';

/**
 * Whether a server says that it has no such resource: −32002 (up to 2025-11-25), or −32602 that names a URI (2026-07-28). Every other
 * error is about a resource that is there.
 */
export function isNotFound({ code, data }: RpcError): boolean {
  if (code === rpcCode.resourceNotFound) return true;
  return code === rpcCode.invalidParams && isJsonObject(data) && typeof data['uri'] === 'string';
}
