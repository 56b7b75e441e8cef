import type { ClientReadings, ClientServer } from '../../../clients/client.ts';
import { mergeServers } from '../../../clients/merge-servers.ts';
import type { MergedServer } from '../../../clients/merge-servers.ts';
import { isMarshalServer, reachesMarshal } from '../../../clients/server-names.ts';

/** A server that clients have, once, whichever of them have it. */
export interface FoundServer extends MergedServer {
  /** The file of the folder that is worked in which alone has it. */
  projectFile?: string;
}

/** A server that is not proposed, and why. */
export interface PassedServer extends Pick<ClientServer, 'client' | 'name' | 'place'> {
  reason: string;
}

export interface Gathered {
  found: readonly FoundServer[];
  passed: readonly PassedServer[];
}

/**
 * The servers of all clients, each once, and those that are none. `taken` are names that the configuration has already. Those `apart` are
 * not put together with others, which would get variables from them that nobody has looked at, and come last.
 */
export function gatherServers(
  { servers }: Pick<ClientReadings, 'servers'>,
  { taken = [], apart = () => false }: { taken?: readonly string[]; apart?: (server: ClientServer) => boolean } = {},
): Gathered {
  const others = servers.filter((server) => !reachesMarshal(server));
  const passed = servers.flatMap((server) => {
    const reason = reasonToPass(server);
    return reason === undefined ? [] : [toPassed(server, reason)];
  });
  const found = mergeServers(
    others.filter((server) => !apart(server)),
    { taken },
  );
  const known = new Set(found.flatMap((one) => one.found.map(({ entry }) => JSON.stringify(entry?.launch))));
  const theirs = mergeServers(
    others.filter((server) => apart(server) && !known.has(JSON.stringify(server.entry?.launch))),
    { taken: [...taken, ...found.map(({ name }) => name)] },
  );
  const ofProject = theirs.map((one): FoundServer => ({ ...one, projectFile: one.found[0]?.place.file ?? '' }));
  return { found: [...found, ...ofProject], passed };
}

/** A server that is left out: where it stands, and nothing that could be secret. */
export function toPassed({ client, name, place }: ClientServer, reason: string): PassedServer {
  return { client, name, place, reason };
}

function reasonToPass(server: ClientServer): string | undefined {
  if (isMarshalServer(server)) return 'it is mcp-marshal itself';
  if (reachesMarshal(server))
    return 'by its name and its address it is mcp-marshal itself; give it another name if it is not';
  return server.entry === undefined ? 'it starts and reaches nothing' : undefined;
}
