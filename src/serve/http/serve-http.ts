import type { Reception } from '../engine.ts';
import { createLegacySession } from '../session/legacy-session.ts';
import { createModernClients } from '../session/modern/modern-clients.ts';
import { openHttpListener, type HttpListener, type HttpListenerOptions } from './http-listener.ts';

export type { HttpListener } from './http-listener.ts';

export type ServeHttpOptions = Pick<HttpListenerOptions, 'host' | 'port' | 'readiness' | 'inputSchemaOf' | 'limits'>;

/**
 * Serves any number of clients of both eras over Streamable HTTP, isolated from one another. There is no authentication yet: whoever
 * calls this sees to it that `host` is this machine alone. Rejects with Node's error where the address cannot be had.
 */
export function serveHttp(reception: Reception, options: ServeHttpOptions): Promise<HttpListener> {
  const { clock, logger } = reception;
  return openHttpListener({
    ...options,
    clock,
    logger,
    openLegacy: (client) => createLegacySession(reception, { ...client, transport: 'http' }),
    modernClients: createModernClients(reception, { isShared: true, transport: 'http' }),
  });
}
