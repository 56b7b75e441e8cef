import type { ServerConfig } from '../config/config.ts';
import type { AskedServer, Telemetry } from '../core/telemetry.ts';
import type { Setup } from '../serve/setup.ts';
import type { FleetLink } from '../upstream/link/fleet-link.ts';

/** A client's way to its servers, on which each request is told of; the same one where nobody is told anything. */
export function traceSendings(
  link: Pick<FleetLink, 'call' | 'request'>,
  { telemetry, setup }: { telemetry?: Telemetry | undefined; setup: () => Setup },
): Pick<FleetLink, 'call' | 'request'> {
  if (telemetry === undefined) return link;
  const find = (name: string): AskedServer => {
    const server = setup().servers.get(name);
    return server === undefined ? { name, transport: 'stdio' } : toAskedServer(server);
  };
  return {
    call(server, request) {
      const { tool, params, signal, planned } = request;
      return telemetry.sendCall({ server: find(server), tool, params, signal, planned }, (traced) =>
        link.call(server, { ...request, params: traced }),
      );
    },
    request(server, request) {
      const { method, params } = request;
      return telemetry.sendRequest({ server: find(server), method, params }, (traced) =>
        link.request(server, { ...request, params: traced }),
      );
    },
  };
}

/** What may be told of a server. */
export function toAskedServer({ name, transport }: ServerConfig): AskedServer {
  return { name, transport: transport.type, ...('url' in transport && { url: transport.url }) };
}
