import { isDeepStrictEqual } from 'node:util';
import type { ServerConfig } from '../../config/config.ts';
import type { Logger } from '../../lib/logger.ts';
import { createClientCredentialsSource } from './client-credentials-source.ts';
import type { Credentials } from './credentials.ts';
import { createCredentials } from './credentials.ts';
import { createLoginSource } from './login/login-source.ts';
import { createLoginStore } from './login/login-store.ts';
import type { RemoteServer } from './remote-server.ts';
import { toRemoteServer } from './remote-server.ts';

/** The credentials of all servers of this process. All connections to one server share them, so that they are renewed once. */
export interface CredentialBook {
  /** Nothing for a server that needs none: a process, or one with an `Authorization` of its own in the configuration. */
  of(server: ServerConfig): Credentials | undefined;
  /** Lets go of those of servers that are not among these any more. */
  keepOnly(servers: readonly ServerConfig[]): void;
  close(): void;
}

export interface CredentialBookOptions {
  stateDir: string;
  logger: Logger;
  /** How often it is looked whether a person has logged in. */
  lookEveryMs?: number;
}

export function createCredentialBook({ stateDir, logger, lookEveryMs }: CredentialBookOptions): CredentialBook {
  const entries = new Map<string, { remote: RemoteServer; credentials: Credentials }>();

  const drop = (name: string): void => {
    entries.get(name)?.credentials.close();
    entries.delete(name);
  };
  const open = (remote: RemoteServer): Credentials => {
    const store = createLoginStore({ server: remote, stateDir, logger });
    const source =
      remote.auth?.type === 'client_credentials'
        ? createClientCredentialsSource(remote)
        : createLoginSource({ server: remote, store, logger });
    return createCredentials({ server: remote, source, ...(lookEveryMs !== undefined && { lookEveryMs }) });
  };

  return {
    of(server) {
      const remote = toRemoteServer(server);
      if (remote === undefined) return undefined;
      const known = entries.get(remote.name);
      if (known !== undefined && isDeepStrictEqual(known.remote, remote)) return known.credentials;
      drop(remote.name);
      const credentials = open(remote);
      entries.set(remote.name, { remote, credentials });
      return credentials;
    },
    keepOnly(servers) {
      const names = new Set(servers.map(({ name }) => name));
      for (const name of entries.keys()) if (!names.has(name)) drop(name);
    },
    close() {
      for (const name of entries.keys()) drop(name);
    },
  };
}
