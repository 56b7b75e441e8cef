import { formatCounted, formatMs } from '../../batch/reply/format-amount.ts';
import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { Config } from '../../config/config.ts';
import type { UpstreamState } from '../../upstream/upstream.ts';
import type { CliContext } from '../context.ts';
import { greetAsAble } from '../lock/greet-as-able.ts';
import { tell } from '../output.ts';
import { awaitUpstreams, unreachableReason } from '../proxy/await-upstreams.ts';
import { openProxy } from '../proxy/open-proxy.ts';
import { describeScreen } from '../terminal/screen.ts';
import { withoutSecrets } from './server-comments.ts';

/** What became of the attempt to reach a server. */
export type SeenServer =
  | { reached: true; entries: readonly CatalogEntry[]; serverInfo?: { name: string; version: string } }
  | { reached: false; reason: string; needsLogin: boolean; isMissing: boolean };

/**
 * Connects to every server that is switched on and waits until each has answered or failed, for as long as the command waits. Says of each on
 * the terminal what became of it. By name; servers that are switched off are not in it.
 */
export async function connectServers(context: CliContext, config: Config): Promise<Map<string, SeenServer>> {
  // A lock file that is left from before is about another configuration.
  const { lock: _, ...unlocked } = config;
  const proxy = openProxy(context, unlocked);
  const isLive = describeScreen(context.io, 'stderr').isTerminal;
  const told = new Set<string>();
  const sayOf = (upstream: UpstreamState, wipe: () => void): void => {
    if (!isLive || told.has(upstream.name) || upstream.state === 'connecting') return;
    told.add(upstream.name);
    wipe();
    tell(context, [describe(upstream, context.connectLimitMs)]);
  };
  greetAsAble(proxy);
  await awaitUpstreams(context, proxy, {
    onLook: (wipe) => {
      for (const upstream of proxy.upstreams()) sayOf(upstream, wipe);
    },
  });
  const { entries } = proxy.catalog();
  return new Map(
    proxy.upstreams().map((upstream): [string, SeenServer] => {
      const { name, serverInfo, needsLogin = false } = upstream;
      const reason = unreachableReason(upstream, context.connectLimitMs);
      if (reason !== undefined) return [name, { reached: false, reason, needsLogin, isMissing: isMissing(reason) }];
      const own = entries.filter((entry) => entry.server === name);
      return [name, { reached: true, entries: own, ...(serverInfo !== undefined && { serverInfo }) }];
    }),
  );
}

/** Whether the reason is that there is no such program on this machine: trying again helps nobody. */
function isMissing(reason: string): boolean {
  return /^the command ".*" was not found\b/s.test(reason);
}

function describe(upstream: UpstreamState, limitMs: number): string {
  const reason = unreachableReason(upstream, limitMs);
  if (reason !== undefined) return `${upstream.name}: not reached: ${withoutSecrets(reason)}`;
  const { name, toolCount, connectedMs } = upstream;
  return `${name}: ${formatCounted(toolCount, 'tool')}${connectedMs === undefined ? '' : ` in ${formatMs(connectedMs)}`}`;
}
