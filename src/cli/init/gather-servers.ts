import type { ClientReadings, ClientServer } from '../../clients/client.ts';
import { mergeServers } from '../../clients/merge-servers.ts';
import type { MergedServer } from '../../clients/merge-servers.ts';
import { isMarshalServer } from '../../clients/server-names.ts';

/** A server that clients have, once, whichever of them have it. */
export type FoundServer = MergedServer;

/** A server that is not proposed, and why. */
export interface PassedServer extends Pick<ClientServer, 'client' | 'name' | 'place'> {
  reason: string;
}

export interface Gathered {
  found: readonly FoundServer[];
  passed: readonly PassedServer[];
}

/** The servers of all clients, each once, and those that are none. `taken` are names that the configuration has already. */
export function gatherServers(
  { servers }: Pick<ClientReadings, 'servers'>,
  { taken = [] }: { taken?: readonly string[] } = {},
): Gathered {
  const passed = servers.flatMap((server) => {
    const reason = reasonToPass(server);
    return reason === undefined ? [] : [toPassed(server, reason)];
  });
  return { found: mergeServers(servers, { taken }), passed };
}

/** A server that is left out: where it stands, and nothing that could be secret. */
export function toPassed({ client, name, place }: ClientServer, reason: string): PassedServer {
  return { client, name, place, reason };
}

function reasonToPass(server: ClientServer): string | undefined {
  if (isMarshalServer(server)) return 'it is mcp-marshal itself';
  return server.entry === undefined ? 'it starts and reaches nothing' : undefined;
}
