import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import { findTool } from '../../catalog/find-tool.ts';
import type { ServerConfig } from '../../config/config.ts';
import { awaitUpstreams, unreachableReason } from './await-upstreams.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { serverOfName } from './server-of-name.ts';

/**
 * The tool that a person means by a name. Waits for all servers, since any could have it, unless the name says which server it is of:
 * then for that one alone. Throws where there is none: unknown, ambiguous, or of a server that is disabled or cannot be reached.
 */
export async function findEntry(context: CliContext, proxy: CliProxy, name: string): Promise<CatalogEntry> {
  const owner = serverOfName(proxy.config, name);
  if (owner?.enabled === false) throw disabledFailure(owner);
  await awaitUpstreams(context, proxy, {
    isEnough: () => isReady(proxy, name) || (owner !== undefined && hasEnded(proxy, owner)),
  });
  const found = findTool(proxy.catalog(), name);
  if (found.kind === 'found') return found.entry;
  if (found.kind === 'ambiguous') {
    const fix = `write one of ${found.names.join(', ')}`;
    throw new CliFailure(`several servers have a tool "${name}"`, {
      exitCode: exitCodes.usage,
      code: 'ambiguous_tool',
      fix,
    });
  }
  const away = proxy.upstreams().flatMap((upstream) => {
    const reason = unreachableReason(upstream, context.connectLimitMs);
    return reason === undefined ? [] : [{ name: upstream.name, reason, needsLogin: upstream.needsLogin === true }];
  });
  const { reason, needsLogin = false } = away.find((upstream) => upstream.name === owner?.name) ?? {};
  if (owner !== undefined && reason !== undefined) {
    throw new CliFailure(`the server ${owner.name} is not connected: ${reason}`, {
      exitCode: needsLogin ? exitCodes.authentication : exitCodes.unreachable,
      code: 'server_unavailable',
      // The reason says what to run.
      fix: needsLogin ? '' : `see what mcp-marshal check says about ${owner.name}`,
    });
  }
  const near =
    found.near.length > 0 ? `did you mean ${found.near.join(' or ')}?` : 'mcp-marshal tools lists all there are';
  const disabled = proxy.config.servers.filter(({ enabled }) => !enabled);
  // Of a name that says its server, the other servers know nothing.
  const fix = [
    near,
    ...(owner === undefined ? [listNames('not connected', away), listNames('disabled', disabled)] : []),
  ]
    .filter((part) => part !== '')
    .join('; ');
  throw new CliFailure(`there is no tool "${name}"`, { exitCode: exitCodes.usage, code: 'unknown_tool', fix });
}

function disabledFailure({ name, place }: ServerConfig): CliFailure {
  return new CliFailure(`the server ${name} is disabled in ${place.file}`, {
    exitCode: exitCodes.usage,
    code: 'server_disabled',
    fix: 'set enabled: true',
  });
}

/** True once the name, its server included, is known and that server is there. A bare name could still turn out ambiguous. */
function isReady(proxy: CliProxy, name: string): boolean {
  const found = findTool(proxy.catalog(), name);
  if (found.kind !== 'found' || found.entry.tool.name === name) return false;
  return proxy.upstreams().some((upstream) => upstream.name === found.entry.server && upstream.state === 'ready');
}

/** True once the server has listed its tools or has failed: nothing more will be known of it soon. */
function hasEnded(proxy: CliProxy, { name }: ServerConfig): boolean {
  return proxy.upstreams().some((upstream) => upstream.name === name && upstream.state !== 'connecting');
}

function listNames(title: string, servers: readonly { name: string }[]): string {
  return servers.length === 0 ? '' : `${title}: ${servers.map(({ name }) => name).join(', ')}`;
}
