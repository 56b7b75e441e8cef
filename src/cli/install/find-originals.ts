import { realpathSync } from 'node:fs';
import type { ClientFile, ClientId } from '../../clients/client.ts';
import type { Surroundings } from '../../clients/client-files.ts';
import { readClients } from '../../clients/read-clients.ts';
import type { Target } from '../../clients/registration/registration.ts';
import { createServerNames } from '../../clients/server-names.ts';
import type { Config } from '../../config/config.ts';
import { isSamePerson } from './is-same-person.ts';

/** Whether mcp-marshal has the server that a client's file has under this name: started or reached in the same way, as the same person. */
export type FindOriginal = (target: Target, name: string) => boolean;

/** Reads the clients' files, and holds their servers against those of the configuration. */
export async function findOriginals(
  { file, servers: own }: Pick<Config, 'file' | 'servers'>,
  { surroundings, clients }: { surroundings: Surroundings; clients: readonly ClientId[] },
): Promise<FindOriginal> {
  const { servers } = await readClients(surroundings, clients);
  // One that mcp-marshal has switched off is missed when its client has, too.
  const enabled = own.filter((server) => server.enabled);
  const names = createServerNames(enabled, servers);
  return ({ client, path }, name) => {
    const original = servers.find(
      (one) => one.client === client && one.name === name && isSameFile(one.place, path) && one.launch !== undefined,
    );
    // What is taken out of a file that is the configuration is taken from mcp-marshal.
    if (original === undefined || isSameFile({ file }, path)) return false;
    if (names.isMarshal(client, name) || names.isAnother(client, name)) return false;
    const same = enabled.find((server) => server.name === names.find(client, name));
    return same !== undefined && isSamePerson(original, same);
  };
}

function isSameFile({ file }: { file: string }, path: ClientFile['path']): boolean {
  return file === path || realpathOf(file) === realpathOf(path);
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
