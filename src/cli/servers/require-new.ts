import { isMarshalServer, reachesMarshal } from '../../clients/server-names.ts';
import type { ServerEntry } from '../../clients/client.ts';
import type { ServerConfig } from '../../config/config.ts';
import { usageFailure } from '../failure.ts';
import { isSame } from '../import/plan-servers.ts';
import type { OwnConfig } from './open-own.ts';

/** Throws a failure with the mend where the configuration has the name already, or the server, or the server is mcp-marshal itself. */
export function requireNew(
  { file, current }: OwnConfig,
  { name, launch }: { name: string; launch: ServerEntry['launch'] },
): void {
  const asClient = { client: 'claude-code', name, place: { file, line: 1, column: 1 }, launch } as const;
  if (isMarshalServer(asClient) || reachesMarshal(asClient)) {
    throw usageFailure(
      'that is mcp-marshal itself, which would be in front of itself without end',
      'to have a client use it, write mcp-marshal install CLIENT',
    );
  }
  const servers = current?.config.servers ?? [];
  const taken = servers.find((server) => server.name.toLowerCase() === name.toLowerCase());
  if (taken !== undefined) {
    throw usageFailure(
      `${file} has a server ${taken.name} already; nothing was written`,
      `choose another name, or take that one out first: mcp-marshal remove ${taken.name}`,
    );
  }
  const same = servers.find((server) => isAskedAgain(server, launch));
  if (same === undefined) return;
  throw usageFailure(
    `${file} has this server already, as ${same.name}; nothing was written`,
    `use it under that name, or take it out first: mcp-marshal remove ${same.name}`,
  );
}

/** One program twice is common, for two accounts: they differ in what they are given alone. What a variable will hold is not known here. */
function isAskedAgain(server: ServerConfig, launch: ServerEntry['launch']): boolean {
  const given = 'url' in launch ? launch.headers : launch.env;
  const { launch: own } = server;
  const names = new Set('url' in own ? own.headers : own.env);
  const isNew = names.size !== Object.keys(given).length || Object.keys(given).some((name) => !names.has(name));
  if (isNew || Object.values(given).some((value) => value.includes('${'))) return false;
  return isSame(server, { launch, enabled: true, inputs: [], left: [] });
}
