import type { Catalog, CatalogEntry } from '../catalog/build-catalog.ts';
import type { Finding } from '../catalog/inspect/finding.ts';
import type { Config, ServerConfig } from '../config/config.ts';
import type { Policy } from '../config/policy.ts';
import { idleCacheMessage } from '../config/find-idle-settings.ts';
import type { Problem } from '../core/place.ts';
import type { ToolClass } from '../core/tool.ts';
import { findDeadRules } from '../policy/find-dead-rules.ts';
import type { UpstreamState } from '../upstream/upstream.ts';
import { exitCodes } from './failure.ts';
import type { ExitCode } from './failure.ts';
import type { AskedServer, LockDifference } from './lock/lock-differences.ts';
import { unreachableReason } from './proxy/await-upstreams.ts';

/** More names than this say less than their number does. */
const maxNames = 10;

const classWords: Readonly<Record<ToolClass, string>> = {
  read: 'a read',
  write: 'a write',
  destructive: 'destructive',
};

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
  /** What the rules of that policy were held against, where it says so. */
  proven?: Policy['proven'];
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
  const known = {
    name,
    ...(policy.file !== undefined && { policy: policy.file }),
    ...(policy.proven !== undefined && { proven: policy.proven }),
  };
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

/** Servers, and what the lock file says to them. */
export interface HeldServers {
  servers: readonly CheckedServer[];
  lock?: CheckReport['lock'];
}

/**
 * The exit code of what was found out about servers: what differs from the lock file is worse than a server that is not there, since the
 * one may be an attack, and the other says nothing.
 */
export function exitCodeOf({ servers, lock }: HeldServers): ExitCode {
  if (lock?.differences.some(({ isQuarantined }) => isQuarantined) === true) return exitCodes.changed;
  const away = servers.filter(({ state }) => state === 'unreachable');
  if (away.length === 0) return exitCodes.ok;
  return away.every(({ needsLogin }) => needsLogin) ? exitCodes.authentication : exitCodes.unreachable;
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
    ...asked.flatMap((server) => unknownToolsOf(server, catalog)),
    ...asked.flatMap((server) => idleCachesOf(server, catalog)),
    ...catalog.warnings.map((message) => ({ message })),
    ...catalog.entries.filter((entry) => ready.has(entry.server)).flatMap((entry) => renamed(entry)),
  ];
}

/**
 * Rules that match no tool. Those of a policy that ships with the package are not reported: nobody can mend them, and such servers hide
 * tools behind their settings. That such a policy knows none of a server's tools is: it is the policy of another server.
 */
export function deadRulesOf({ name, policy }: ServerConfig, catalog: Catalog): Problem[] {
  const entries = entriesOf(catalog, name);
  if (!isBuiltin(policy)) {
    return findDeadRules(
      policy,
      entries.map(({ tool }) => tool.name),
    );
  }
  if (entries.length === 0 || entries.some(({ classification }) => classification.source === 'rule')) return [];
  const mend = 'see whether it is the policy of this server, and take it out if it is not';
  return [{ message: `${name}: no rule of ${policy.file} matches a tool that this server lists; ${mend}` }];
}

/**
 * Tools that a policy of the package has no rule for: its server is of another version than the one that the rules were held against. What
 * they are taken for is said with them, since nobody has judged it. Of the policy of another server that is said already.
 */
function unknownToolsOf({ name, policy }: ServerConfig, catalog: Catalog): Problem[] {
  const entries = entriesOf(catalog, name);
  const unknown = entries.filter(({ classification }) => classification.source !== 'rule');
  if (!isBuiltin(policy) || unknown.length === entries.length) return [];
  const groups = new Map<string, string[]>();
  for (const { tool, classification } of unknown) {
    const isDefault = classification.class === policy.unannotated;
    const why = isDefault ? 'by default' : classification.reason.replace('the', 'by the');
    const verdict = `${classWords[classification.class]} ${why}`;
    groups.set(verdict, [...(groups.get(verdict) ?? []), tool.name]);
  }
  const source = policy.proven === undefined ? '' : ` (${describeProof(policy.proven)})`;
  return [...groups].map(([verdict, tools]) => {
    const [be, them] = tools.length === 1 ? ['is', 'it is'] : ['are', 'each is'];
    const mend = `use a newer mcp-marshal, or copy the policy and give ${tools.length === 1 ? 'it a rule' : 'them rules'}`;
    return {
      message: `${name}: ${listNames(tools)} ${be} not known to ${policy.file}${source}: ${them} ${verdict}; ${mend}`,
    };
  });
}

/** What a policy of the package was held against: `proven against npm:some-server@1.2.3`. */
export function describeProof({ tools, documentation, date }: NonNullable<Policy['proven']>): string {
  if (tools !== undefined) return `proven against ${tools}`;
  return documentation === undefined ? `of ${date}` : `taken from ${documentation}, ${date}`;
}

function listNames(names: readonly string[]): string {
  const rest = names.length - maxNames;
  return rest > 0 ? `${names.slice(0, maxNames).join(', ')}, and ${rest} more` : names.join(', ');
}

function isBuiltin(policy: Policy): boolean {
  return policy.file?.startsWith('builtin:') === true;
}

/** Caches of tools that are no reads by the lists or the hints; what the entry itself says is known without its server. */
export function idleCachesOf({ name, policy }: ServerConfig, catalog: Catalog): Problem[] {
  if (isBuiltin(policy)) return [];
  const classes = new Map(
    entriesOf(catalog, name).map(({ tool, classification }) => [tool.name, classification.class]),
  );
  return policy.tools.flatMap((rule) => {
    const isRead = (classes.get(rule.tool) ?? 'read') === 'read' || rule.when.some((one) => one.class === 'read');
    if (isRead || rule.class !== undefined || typeof rule.cacheMs !== 'number') return [];
    return [{ place: rule.place, key: `tools.${rule.tool}.cache`, message: idleCacheMessage(rule.tool) }];
  });
}

export function renamed({ exposedName, server, tool }: CatalogEntry): Problem[] {
  if (exposedName === `${server}__${tool.name}` || exposedName === tool.name) return [];
  const message = `${server}: ${JSON.stringify(tool.name)} is listed as ${exposedName}; its full name is too long, taken, or not allowed by clients`;
  return [{ message }];
}

/** A server's tools in the catalogue. */
export function entriesOf(catalog: Catalog, server: string): CatalogEntry[] {
  return catalog.entries.filter((entry) => entry.server === server);
}
