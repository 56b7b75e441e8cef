import { formatCounted } from '../../batch/reply/format-amount.ts';
import type { Finding } from '../../catalog/inspect/finding.ts';
import { findMentions } from '../../catalog/inspect/find-mentions.ts';
import { inspectCatalog } from '../../catalog/inspect/inspect-catalog.ts';
import { compareLaunch } from '../../catalog/lock/compare-launch.ts';
import { namesOfParts } from '../../catalog/lock/compare-tool.ts';
import type { Config } from '../../config/config.ts';
import { renderLock } from '../../config/lock/render-lock.ts';
import type { LockFile } from '../../config/lock/lock-file.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { CliFailure, exitCodes, usageFailure } from '../failure.ts';
import { keepDefinitions } from '../lock/definition-store.ts';
import { renderDifferences, renderFindings } from '../lock/difference-lines.ts';
import { findDifferences, findGone } from '../lock/lock-differences.ts';
import type { LockDifference } from '../lock/lock-differences.ts';
import { findTarget, serverOfTarget } from '../lock/lock-target.ts';
import type { LockTarget } from '../lock/lock-target.ts';
import { nextLock } from '../lock/next-lock.ts';
import { presentServers } from '../lock/present-servers.ts';
import { writeLock } from '../lock/write-lock.ts';
import { print, printJson, tell } from '../output.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { createPaint } from '../terminal/paint.ts';
import { describeScreen } from '../terminal/screen.ts';

/**
 * Writes down what every server offers now, as accepted: the lock file. One that is there is written anew only where `update` says so:
 * `true` for all of it, or the name of a server or a tool.
 */
export async function lock(context: CliContext, { update }: { update: string | boolean }): Promise<number> {
  const config = await openConfig(context);
  const file = fileOf(config, update);
  tellWarnings(context, config);
  const name = typeof update === 'string' ? update : undefined;
  const only = name === undefined ? undefined : serverOfTarget(config, name);
  const proxy = openUnlocked(context, config, only);
  const servers = await presentServers(context, proxy);
  const catalog = proxy.catalog();
  const locked = config.lock?.servers ?? new Map();
  const target = name === undefined ? undefined : findTarget(name, { config, catalog, locked });
  if (target !== undefined) refuseTool(config, target);

  const asked = [...servers].map(([server, present]) => ({ name: server, ...present }));
  const all = config.lock === undefined ? [] : await findDifferences(config.lock, asked, config);
  const gone = config.lock === undefined || target !== undefined ? [] : findGone(config.lock, config.servers);
  const changes = [...all, ...gone].filter((change) => isMeant(change, target));
  const known = config.servers.map((server) => server.name);
  const findings = [...inspectCatalog(catalog, known), ...findMentions(catalog)].filter((one) => isMeant(one, target));
  if (!context.json) tellChanges(context, { changes, findings });

  const next = nextLock(config.lock, { servers, configured: new Set(known), target });
  const isChanged = config.lock === undefined || renderLock(config.lock) !== renderLock(next);
  if (isChanged) await writeLock(file, next, { before: config.lock });
  const accepted = catalog.entries.filter((entry) => isMeant({ server: entry.server, tool: entry.tool.name }, target));
  const flaw = await keepDefinitions(
    config.stateDir,
    accepted.map(({ tool }) => tool),
  );
  if (flaw !== undefined) {
    tell(context, [
      `warning: what was accepted is not kept in ${config.stateDir} (${flaw}); check cannot show what changes`,
    ]);
  }
  tellLock(context, { file, lock: next, isChanged, changes, findings });
  return exitCodes.ok;
}

function fileOf({ lockFile, lock: present }: Config, update: string | boolean): string {
  if (lockFile === undefined) {
    throw usageFailure(
      'the configuration says that there is no lock file (lock: none)',
      'remove the key, or name a file',
    );
  }
  if (present !== undefined && update === false) {
    throw new CliFailure(`the lock file ${lockFile} is there already, and is not overwritten`, {
      exitCode: exitCodes.usage,
      code: 'locked',
      fix: 'mcp-marshal check says what differs from it; mcp-marshal lock --update [NAME] accepts that',
    });
  }
  if (present === undefined && typeof update === 'string') {
    throw usageFailure(
      `there is no lock file ${lockFile} to update; with one server in it, all others would be refused`,
      'write one with mcp-marshal lock',
    );
  }
  return lockFile;
}

/** Of all servers, or of one alone: nothing is started that is not asked. Without the lock, which would have each difference warned of. */
function openUnlocked(context: CliContext, config: Config, only: string | undefined): CliProxy {
  const { lock: _, ...unlocked } = config;
  const servers = only === undefined ? config.servers : config.servers.filter(({ name }) => name === only);
  return openProxy(context, { ...unlocked, servers, recipes: [] });
}

/** One tool of a server that is another one than was accepted says nothing of the server. */
function refuseTool({ servers, lock: present }: Config, { server, tool }: LockTarget): void {
  const launch = servers.find(({ name }) => name === server)?.launch;
  if (tool === undefined || launch === undefined) return;
  const locked = present?.servers.get(server);
  const aspects = locked === undefined ? [] : compareLaunch(locked.launch, launch);
  if (locked !== undefined && aspects.length === 0) return;
  const found =
    locked === undefined ? 'is not in the lock file' : `is started in another way (${namesOfParts(aspects)} changed)`;
  throw usageFailure(
    `the server ${server} ${found}, so none of its tools can be accepted alone`,
    `look at it with mcp-marshal check, then write mcp-marshal lock --update ${server}`,
  );
}

function isMeant({ server, tool }: Pick<LockDifference, 'server' | 'tool'>, target: LockTarget | undefined): boolean {
  if (target === undefined) return true;
  return server === target.server && (target.tool === undefined || tool === target.tool);
}

function tellChanges(
  context: CliContext,
  { changes, findings }: { changes: readonly LockDifference[]; findings: readonly Finding[] },
): void {
  const paint = createPaint(describeScreen(context.io, 'stdout'));
  print(context, [...renderDifferences(changes, paint), ...renderFindings(findings, paint)]);
}

function tellLock(
  context: CliContext,
  {
    file,
    lock: { servers },
    isChanged,
    ...found
  }: {
    file: string;
    lock: LockFile;
    isChanged: boolean;
    changes: readonly LockDifference[];
    findings: readonly Finding[];
  },
): void {
  const counts = [...servers].map(([name, { tools }]) => ({ name, tools: tools.size }));
  if (context.json) return printJson(context, { file, written: isChanged, servers: counts, ...found });
  const toolCount = counts.reduce((sum, { tools }) => sum + tools, 0);
  const held = `${formatCounted(counts.length, 'server')}, ${formatCounted(toolCount, 'tool')}`;
  print(context, [isChanged ? `wrote ${file}: ${held}` : `${file} is as the servers are: ${held}`]);
}
