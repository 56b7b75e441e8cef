import { formatCounted } from '../batch/reply/format-amount.ts';
import type { Catalog, CatalogEntry } from '../catalog/build-catalog.ts';
import type { Finding } from '../catalog/inspect/finding.ts';
import type { Config, ServerConfig } from '../config/config.ts';
import { idleCacheMessage } from '../config/find-idle-settings.ts';
import type { Problem } from '../core/place.ts';
import type { ToolClass } from '../core/tool.ts';
import { findDeadRules } from '../policy/find-dead-rules.ts';
import type { UpstreamState } from '../upstream/upstream.ts';
import type { AskedServer, LockDifference } from './lock/lock-differences.ts';
import { unreachableReason } from './proxy/await-upstreams.ts';

/** More patterns than this say less than their number does. */
const maxPatterns = 10;

/** What `check` found out about one server. */
export interface CheckedServer {
  name: string;
  /** `not asked`: under `--offline`. */
  state: 'ready' | 'unreachable' | 'disabled' | 'not asked';
  /** Why it is unreachable. */
  reason?: string;
  /** It is there, and wants a login first. */
  needsLogin?: true;
  era?: 'legacy' | 'modern';
  serverInfo?: { name: string; version: string };
  /** Its policy's file, or `builtin:NAME`. */
  policy?: string;
  connectedMs?: number;
  tools?: Record<ToolClass, number> & { total: number; denied: number };
  /** Tools whose class is a hint or the default, since no rule speaks of them. */
  unruled?: string[];
}

export interface CheckReport {
  file: string;
  servers: CheckedServer[];
  /** What is odd but stops nothing: dead rules, odd lists of tools, names that had to change. */
  warnings: Problem[];
  /** What is not as the lock file has it. Absent: there is no lock file. */
  lock?: { file: string; differences: readonly LockDifference[] };
  /** What is odd about the tools themselves: hidden characters, names like others. */
  findings: readonly Finding[];
}

/** What can be said of one server now. `asked` is absent where nothing was asked. */
export function checkServer(
  server: ServerConfig,
  asked?: { upstream: UpstreamState | undefined; catalog: Catalog; connectLimitMs: number },
): CheckedServer {
  const { name, policy } = server;
  const known = { name, ...(policy.file !== undefined && { policy: policy.file }) };
  if (!server.enabled) return { ...known, state: 'disabled' };
  if (asked?.upstream === undefined) return { ...known, state: 'not asked' };
  const { upstream, catalog, connectLimitMs } = asked;
  const reason = unreachableReason(upstream, connectLimitMs);
  if (reason !== undefined) {
    return { ...known, state: 'unreachable', reason, ...(upstream.needsLogin && { needsLogin: true }) };
  }
  const { era, serverInfo, connectedMs } = upstream;
  const entries = entriesOf(catalog, name);
  const count = (toolClass: ToolClass): number =>
    entries.filter(({ classification }) => classification.class === toolClass).length;
  return {
    ...known,
    state: 'ready',
    ...(era !== undefined && { era }),
    ...(serverInfo !== undefined && { serverInfo }),
    ...(connectedMs !== undefined && { connectedMs }),
    tools: {
      total: entries.length,
      read: count('read'),
      write: count('write'),
      destructive: count('destructive'),
      denied: entries.filter(({ passthroughDecision }) => passthroughDecision.decision === 'deny').length,
    },
    unruled: entries.filter(({ classification }) => classification.source !== 'rule').map(({ tool }) => tool.name),
  };
}

/** The enabled servers as the lock file is held against them: the tools of those that were asked and have answered. */
export function toAskedServers(config: Config, servers: readonly CheckedServer[], catalog?: Catalog): AskedServer[] {
  const ready = new Set(servers.filter(({ state }) => state === 'ready').map(({ name }) => name));
  return config.servers
    .filter(({ enabled }) => enabled)
    .map(({ name, launch }) => {
      if (catalog === undefined || !ready.has(name)) return { name, launch };
      return { name, launch, tools: entriesOf(catalog, name).map(({ tool }) => tool) };
    });
}

/** Everything that is odd once the servers have answered: about rules, lists and names, in this order. */
export function findOddities(config: Config, servers: readonly CheckedServer[], catalog: Catalog): Problem[] {
  const ready = new Set(servers.filter(({ state }) => state === 'ready').map(({ name }) => name));
  const asked = config.servers.filter(({ name }) => ready.has(name));
  return [
    ...asked.flatMap((server) => deadRulesOf(server, catalog)),
    ...asked.flatMap((server) => idleCachesOf(server, catalog)),
    ...catalog.warnings.map((message) => ({ message })),
    ...catalog.entries.filter((entry) => ready.has(entry.server)).flatMap((entry) => renamed(entry)),
  ];
}

function deadRulesOf({ name, policy }: ServerConfig, catalog: Catalog): Problem[] {
  const dead = findDeadRules(
    policy,
    entriesOf(catalog, name).map(({ tool }) => tool.name),
  );
  if (dead.length === 0 || policy.file?.startsWith('builtin:') !== true) return dead;
  // Nobody can mend a file of the package, and such servers often hide tools behind their settings.
  const places = new Set(dead.map(({ place }) => place));
  const patterns = [
    ...policy.rules.filter(({ place }) => places.has(place)).map(({ pattern }) => pattern),
    ...policy.tools.filter(({ place }) => places.has(place)).map(({ tool }) => tool),
  ];
  const named = dead.length > maxPatterns ? '' : `: ${[...new Set(patterns)].join(', ')}`;
  const verb = dead.length === 1 ? 'matches' : 'match';
  const message = `${name}: ${formatCounted(dead.length, 'rule')} of ${policy.file} ${verb} no tool that this server lists now${named}`;
  return [{ message }];
}

/** Caches of tools that are no reads by the lists or the hints; what the entry itself says is known without its server. */
function idleCachesOf({ name, policy }: ServerConfig, catalog: Catalog): Problem[] {
  if (policy.file?.startsWith('builtin:') === true) return [];
  const classes = new Map(
    entriesOf(catalog, name).map(({ tool, classification }) => [tool.name, classification.class]),
  );
  return policy.tools.flatMap((rule) => {
    const isRead = (classes.get(rule.tool) ?? 'read') === 'read' || rule.when.some((one) => one.class === 'read');
    if (isRead || rule.class !== undefined || typeof rule.cacheMs !== 'number') return [];
    return [{ place: rule.place, key: `tools.${rule.tool}.cache`, message: idleCacheMessage(rule.tool) }];
  });
}

function renamed({ exposedName, server, tool }: CatalogEntry): Problem[] {
  if (exposedName === `${server}__${tool.name}` || exposedName === tool.name) return [];
  const message = `${server}: ${JSON.stringify(tool.name)} is listed as ${exposedName}; its full name is too long, taken, or not allowed by clients`;
  return [{ message }];
}

function entriesOf(catalog: Catalog, server: string): CatalogEntry[] {
  return catalog.entries.filter((entry) => entry.server === server);
}
