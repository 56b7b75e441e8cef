import type { Launch, ServerConfig } from '../config/config.ts';
import { startsMarshal } from '../config/server/starts-marshal.ts';
import type { ClientId, ClientServer, ServerEntry } from './client.ts';

/** A server of the configuration, as far as a client could have it too. */
export type OwnServer = Pick<ServerConfig, 'name' | 'launch' | 'transport'>;

/** What the names of servers in clients' rules stand for. */
export interface ServerNames {
  /** Every name that a rule of this client can begin with. */
  known(client: ClientId): readonly string[];
  /** The server of the configuration that the client calls so: reached in the same way, or else of the same name. */
  find(client: ClientId, name: string): string | undefined;
  /** Whether what the client calls so is started or reached in another way than any server of the configuration, as far as its files show. */
  isAnother(client: ClientId, name: string): boolean;
  /** Whether the client calls mcp-marshal so. */
  isMarshal(client: ClientId, name: string): boolean;
  /** Whether the client has a server that is mcp-marshal. */
  isRegistered(client: ClientId): boolean;
  /** The servers of the configuration. */
  own: readonly string[];
}

/** The names that people give it, where the client's file does not show what is started. */
const marshalName = /^(?:mcp[-_])?marshal(?:[-_].*)?$/i;

export function createServerNames(own: readonly OwnServer[], clientServers: readonly ClientServer[]): ServerNames {
  const byLaunch = new Map(own.flatMap((server) => keysOf(server).map((key) => [key, server.name])));
  const byName = new Map(own.map(({ name }) => [toRuleName(name), name]));
  const of = (client: ClientId): readonly ClientServer[] => clientServers.filter((server) => server.client === client);
  const namesakes = (client: ClientId, name: string): ClientServer[] =>
    of(client).filter((server) => toRuleName(server.name) === toRuleName(name));
  const isMarshal = (client: ClientId, name: string): boolean => {
    const servers = namesakes(client, name);
    return servers.some(isMarshalServer) || (servers.every(isUntold) && marshalName.test(name));
  };
  return {
    own: own.map(({ name }) => name),
    known: (client) => [
      ...new Set([...of(client).map(({ name }) => name), ...byName.values(), 'marshal', 'mcp-marshal']),
    ],
    find(client, name) {
      const [same] = namesakes(client, name);
      const found = same && keysOfClient(same).find((key) => byLaunch.has(key));
      return (found === undefined ? undefined : byLaunch.get(found)) ?? byName.get(toRuleName(name));
    },
    isAnother: (client, name) =>
      // It may stand in several files, and none of them says for which one the rule was made.
      namesakes(client, name).some(
        (server) => server.launch !== undefined && !keysOfClient(server).some((key) => byLaunch.has(key)),
      ),
    isMarshal,
    isRegistered: (client) => of(client).some(({ name }) => isMarshal(client, name)),
  };
}

/** Clients put `_` in the place of what a tool's name may not hold. */
export function toRuleName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_*-]/g, '_');
}

/** Whether the entry of a client starts mcp-marshal, as far as its command shows. */
export function isMarshalServer({ launch }: ClientServer): boolean {
  return launch !== undefined && 'command' in launch && startsMarshal(launch.command, launch.args);
}

/** Whether the entry reaches, on this machine and by a name of ours, what is probably mcp-marshal: in front of itself it would have no end. */
export function reachesMarshal({ name, launch }: ClientServer): boolean {
  const address = launch !== undefined && 'url' in launch && URL.canParse(launch.url) ? new URL(launch.url) : undefined;
  return marshalName.test(name) && address !== undefined && loopback.test(address.hostname);
}

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** What is started is not in the file, or behind an address, which tells nothing. */
function isUntold({ launch }: ClientServer): boolean {
  return launch === undefined || 'url' in launch;
}

/** As written and as it is used: a client may have either. */
function keysOf({ launch, transport }: OwnServer): string[] {
  return [keyOf(launch), keyOf(transport)];
}

/** As the client writes it, and in the words of our configuration, into which it may have been taken over. */
function keysOfClient({ launch, entry }: ClientServer): string[] {
  return [...(launch === undefined ? [] : [keyOf(launch)]), ...(entry === undefined ? [] : [keyOf(entry.launch)])];
}

function keyOf(
  launch: Launch | ServerConfig['transport'] | NonNullable<ClientServer['launch']> | ServerEntry['launch'],
): string {
  return 'command' in launch ? JSON.stringify([launch.command, ...launch.args]) : launch.url.replace(/\/+$/, '');
}
