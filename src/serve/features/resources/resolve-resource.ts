import { parseResourceAddress, resourceAddress } from '../../../catalog/resource-uris.ts';
import { refusal, rpcCode, type RpcError } from '../../../core/protocol/rpc.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { offeringServers } from '../asking/offering-servers.ts';
import { learnRoutes } from './learn-routes.ts';

/** Who is asked for a resource. */
export type ResourceRoute =
  | {
      ok: true;
      /** As the servers know it. */
      uri: string;
      /** In this order, until one knows it. */
      servers: readonly string[];
    }
  | { ok: false; error: RpcError };

/**
 * The servers that a client can mean by the URI of a resource or of a template: the one that a prefixed URI names; the one that lists
 * it; those with a template that it could be made from; else all, those first that list others of its scheme. A URI that two servers
 * list is refused with the URIs that name the server too. Where several servers have resources and nobody has asked for their lists
 * yet, they are read first.
 */
export async function resolveResource(engine: Engine, uri: string): Promise<ResourceRoute> {
  const address = parseResourceAddress(uri, new Set(engine.setup().servers.keys()));
  if (address !== undefined) return { ok: true, uri: address.uri, servers: [address.server] };
  const servers = offeringServers(engine, 'resources').map(({ server }) => server);
  if (servers.length < 2) return { ok: true, uri, servers };
  const { routes } = memoryOf(engine);
  if (routes.listing(uri).length === 0) await learnRoutes(engine);
  const listing = routes.listing(uri);
  if (listing.length > 1) return refuseShared(uri, listing);
  if (listing.length === 1) return { ok: true, uri, servers: listing };
  const matching = servers.filter((server) => routes.matching(uri).includes(server));
  return { ok: true, uri, servers: matching.length > 0 ? matching : routes.byScheme(uri, servers) };
}

function refuseShared(uri: string, servers: readonly string[]): ResourceRoute {
  const addresses = servers.map((server) => resourceAddress({ server, uri }));
  return refusal(rpcCode.invalidParams, `${servers.join(' and ')} both have ${uri}; ask for ${addresses.join(' or ')}`);
}
