import type { Reception } from '../engine.ts';
import { createLegacySession } from '../session/legacy-session.ts';
import { createModernClients } from '../session/modern/modern-clients.ts';
import { openHttpListener, type HttpListener, type HttpListenerOptions } from './http-listener.ts';

export type { HttpListener } from './http-listener.ts';

export type ServeHttpOptions = Pick<
  HttpListenerOptions,
  'host' | 'port' | 'readiness' | 'inputSchemaOf' | 'limits' | 'authenticate' | 'auth'
>;

/**
 * Serves any number of clients of both eras over Streamable HTTP, isolated from one another. Without `authenticate` anybody who can
 * reach `host` is served: whoever calls this sees to it that it is this machine alone. Rejects with Node's error where the address
 * cannot be had, and with TlsFilesError.
 */
export function serveHttp(reception: Reception, options: ServeHttpOptions): Promise<HttpListener> {
  const { clock, logger } = reception;
  return openHttpListener({
    ...options,
    clock,
    logger,
    isTraced: reception.telemetry !== undefined,
    openLegacy: (client) => createLegacySession(reception, { ...client, transport: 'http' }),
    modernClients: createModernClients(reception, { isShared: options.authenticate === undefined, transport: 'http' }),
  });
}
