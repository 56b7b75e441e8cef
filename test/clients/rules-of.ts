import { createServerNames } from '../../src/clients/server-names.ts';
import type { OwnServer, ServerNames } from '../../src/clients/server-names.ts';
import type { ClientId, ClientRule, ClientServer } from '../../src/clients/client.ts';

const place = { file: 'settings.json', line: 1, column: 1 };

/** A server of the configuration that is started with `NAME-mcp`, or reached at a URL. */
export function ownServer(name: string, url?: string): OwnServer {
  const command = `${name}-mcp`;
  return url === undefined
    ? {
        name,
        launch: { command, args: [], env: [] },
        transport: { type: 'stdio', command, args: [], env: {}, cwd: '/' },
      }
    : { name, launch: { type: 'http', url, headers: [] }, transport: { type: 'http', url, headers: {} } };
}

/** A rule as Claude Code writes it, without `mcp__`. */
export function claudeRule(list: ClientRule['list'], name: string, line = 1): ClientRule {
  return {
    client: 'claude-code',
    list,
    target: { name, mark: '__' },
    place: { ...place, line },
    written: `mcp__${name}`,
  };
}

export function clientServer(client: ClientId, name: string, launch?: ClientServer['launch']): ClientServer {
  return { client, name, place, ...(launch && { launch }) };
}

/** The servers github, memory and my_db of a configuration, and those that a client has. */
export function namesOf(clientServers: readonly ClientServer[] = []): ServerNames {
  return createServerNames(
    ['github', 'memory', 'my_db'].map((name) => ownServer(name)),
    clientServers,
  );
}
