import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import { findTool } from '../../catalog/find-tool.ts';
import { awaitUpstreams, unreachableReason } from './await-upstreams.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { CliFailure, exitCodes } from '../failure.ts';

/**
 * The tool that a person means by a name. Waits for all servers, since any could have it, unless the name says which server it is of
 * and that one is there. Throws where there is none: unknown, ambiguous, or perhaps of a server that cannot be reached.
 */
export async function findEntry(context: CliContext, proxy: CliProxy, name: string): Promise<CatalogEntry> {
  await awaitUpstreams(context, proxy, { isEnough: () => isReady(proxy, name) });
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
    const reason = unreachableReason(upstream);
    return reason === undefined ? [] : [{ name: upstream.name, reason }];
  });
  const owner = away.find((upstream) => ['__', '/', '.', ':'].some((mark) => name.startsWith(upstream.name + mark)));
  if (owner !== undefined) {
    throw new CliFailure(`the server ${owner.name} is not connected: ${owner.reason}`, {
      exitCode: exitCodes.unreachable,
      code: 'server_unavailable',
      fix: `see what mcp-marshal check says about ${owner.name}`,
    });
  }
  const near =
    found.near.length > 0 ? `did you mean ${found.near.join(' or ')}?` : 'mcp-marshal tools lists all there are';
  const absent = away.length > 0 ? `; not connected: ${away.map((upstream) => upstream.name).join(', ')}` : '';
  const fix = `${near}${absent}`;
  throw new CliFailure(`there is no tool "${name}"`, { exitCode: exitCodes.usage, code: 'unknown_tool', fix });
}

/** True once the name, its server included, is known and that server is there. A bare name could still turn out ambiguous. */
function isReady(proxy: CliProxy, name: string): boolean {
  const found = findTool(proxy.catalog(), name);
  if (found.kind !== 'found' || found.entry.tool.name === name) return false;
  return proxy.upstreams().some((upstream) => upstream.name === found.entry.server && upstream.state === 'ready');
}
