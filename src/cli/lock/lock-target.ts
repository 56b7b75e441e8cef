import { findTool } from '../../catalog/find-tool.ts';
import type { Catalog } from '../../catalog/build-catalog.ts';
import type { Config } from '../../config/config.ts';
import type { LockedServer } from '../../config/lock/lock-file.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { serverOfName } from '../proxy/server-of-name.ts';

/** What `lock --update NAME` is about. */
export interface LockTarget {
  server: string;
  /** The tool's name at its server. Absent: all of the server. */
  tool?: string;
}

/** The server that a name says by itself; `undefined` for the bare name of a tool, which could be any server's. Throws for one that is switched off. */
export function serverOfTarget(config: Pick<Config, 'servers'>, name: string): string | undefined {
  const server = config.servers.find((one) => one.name === name) ?? serverOfName(config, name);
  if (server?.enabled === false) {
    throw new CliFailure(`the server ${server.name} is disabled in ${server.place.file}`, {
      exitCode: exitCodes.usage,
      code: 'server_disabled',
      fix: 'set enabled: true',
    });
  }
  return server?.name;
}

/**
 * What a name means now that the servers have listed their tools. A tool that has gone is meant by its address, as long as the lock file
 * knows it. Throws where there is no such tool, or more than one.
 */
export function findTarget(
  name: string,
  {
    config,
    catalog,
    locked,
  }: {
    config: Pick<Config, 'servers'>;
    catalog: Catalog;
    locked: ReadonlyMap<string, LockedServer>;
  },
): LockTarget {
  if (config.servers.some((server) => server.name === name)) return { server: name };
  const found = findTool(catalog, name);
  if (found.kind === 'found') return { server: found.entry.server, tool: found.entry.tool.name };
  if (found.kind === 'ambiguous') {
    throw new CliFailure(`several servers have a tool "${name}"`, {
      exitCode: exitCodes.usage,
      code: 'ambiguous_tool',
      fix: `write one of ${found.names.join(', ')}`,
    });
  }
  const server = serverOfTarget(config, name);
  const rest = name.slice(server?.length ?? 0).replace(/^(?:__|[/.:])/, '');
  if (server !== undefined && locked.get(server)?.tools.has(rest) === true) return { server, tool: rest };
  const near =
    found.near.length > 0 ? `did you mean ${found.near.join(' or ')}?` : 'mcp-marshal tools lists all there are';
  throw new CliFailure(`there is no server or tool "${name}"`, {
    exitCode: exitCodes.usage,
    code: 'unknown_tool',
    fix: near,
  });
}
