import { isJsonObject } from '../../../core/json.ts';
import { rpcCode, type RpcError } from '../../../core/protocol/rpc.ts';

/**
 * Whether a server says that it has no such resource: −32002 (up to 2025-11-25), or −32602 that names a URI (2026-07-28), or −32602 with
 * the words of the widespread SDK, version 1. Every other error is about a resource that is there.
 */
export function isNotFound({ code, data, message }: RpcError): boolean {
  if (code === rpcCode.resourceNotFound) return true;
  if (code !== rpcCode.invalidParams) return false;
  return (isJsonObject(data) && typeof data['uri'] === 'string') || saysNotFound(message);
}

const opening = 'Resource ';
const ending = ' not found';
/** What the SDK puts before its words. */
const prefix = `MCP error ${rpcCode.invalidParams}: `;

/** `Resource <uri> not found`. A URI may be long, so it is only compared at its ends. */
function saysNotFound(message: string): boolean {
  const words = message.startsWith(prefix) ? message.slice(prefix.length) : message;
  return words.startsWith(opening) && words.endsWith(ending) && words.length > opening.length + ending.length;
}
