import { isJsonObject, type JsonValue } from '../core/json.ts';

// As long as a name gets; a client that writes a book there shares keys with others that begin like it.
const maxNameChars = 200;

/**
 * Who shares idempotency keys, where clients do not log in: all that come over the same transport and give themselves the same name in
 * `clientInfo`. A session ends with its process, and a key is for the request that is sent again after that.
 */
export function keyScopeOf(transport: 'stdio' | 'http', clientInfo: JsonValue | undefined): string {
  return `${transport}/${clientNameOf(clientInfo) ?? ''}`;
}

/** As a client calls itself, in as many characters as names have. */
export function clientNameOf(clientInfo: JsonValue | undefined): string | undefined {
  const name = isJsonObject(clientInfo) ? clientInfo['name'] : undefined;
  return typeof name === 'string' ? name.slice(0, maxNameChars) : undefined;
}
