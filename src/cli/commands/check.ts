import { findMentions } from '../../catalog/inspect/find-mentions.ts';
import { inspectCatalog } from '../../catalog/inspect/inspect-catalog.ts';
import type { Config } from '../../config/config.ts';
import { awaitUpstreams } from '../proxy/await-upstreams.ts';
import { checkServer, exitCodeOf, findOddities, toAskedServers } from '../check-report.ts';
import type { CheckReport } from '../check-report.ts';
import type { CliContext } from '../context.ts';
import { greetAsAble } from '../lock/greet-as-able.ts';
import { findDifferences, findGone } from '../lock/lock-differences.ts';
import type { AskedServer } from '../lock/lock-differences.ts';
import { probeStateDir } from '../probe-state-dir.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { print, printJson } from '../output.ts';
import { renderFindings, renderServer } from '../render/check-lines.ts';
import { createPaint } from '../terminal/paint.ts';
import { describeScreen } from '../terminal/screen.ts';
import { textWidth } from '../terminal/text-width.ts';

/**
 * Validates configuration and policies and, unless `offline`, connects to every server and compares its tools with the rules and with the
 * lock file.
 */
export async function check(context: CliContext, { offline }: { offline: boolean }): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const printer = createServerPrinter(context, config);
  const report = offline
    ? await checkOffline(config)
    : await checkOnline(context, { config, onSettled: (server, wipe) => printer.print(server, wipe) });
  if (context.json) {
    printJson(context, { ...report, warnings: [...config.warnings, ...report.warnings] });
  } else {
    for (const server of report.servers) printer.print(server);
    const told = config.warnings.length;
    print(context, renderFindings(report, { paint: printer.paint, told }));
  }
  return exitCodeOf(report);
}

async function checkOffline(config: Config): Promise<CheckReport> {
  const servers = config.servers.map((server) => checkServer(server));
  return {
    file: config.file,
    servers,
    warnings: [],
    findings: [],
    ...(await checkLock(config, toAskedServers(config, servers))),
  };
}

async function checkLock(config: Config, servers: readonly AskedServer[]): Promise<Pick<CheckReport, 'lock'>> {
  const { lock, lockFile, stateDir } = config;
  if (lock === undefined || lockFile === undefined) return {};
  const differences = [...(await findDifferences(lock, servers, { stateDir })), ...findGone(lock, config.servers)];
  return { lock: { file: lockFile, differences } };
}

async function checkOnline(
  context: CliContext,
  {
    config,
    onSettled,
  }: { config: Config; onSettled: (server: CheckReport['servers'][number], wipe: () => void) => void },
): Promise<CheckReport> {
  const { connectLimitMs } = context;
  // What differs is told below, once and with its text; with the lock, the catalogue would warn of each tool too.
  const { lock: _, ...unlocked } = config;
  const proxy = openProxy(context, unlocked);
  const probing = probeStateDir(config.stateDir);
  const look = (isDone: boolean): CheckReport['servers'] => {
    const states = new Map(proxy.upstreams().map((state) => [state.name, state]));
    return config.servers
      .filter(({ name }) => isDone || states.get(name)?.state !== 'connecting')
      .map((server) =>
        checkServer(server, { upstream: states.get(server.name), catalog: proxy.catalog(), connectLimitMs }),
      );
  };
  greetAsAble(proxy);
  const isLive = describeScreen(context.io, 'stdout').isTerminal && !context.json;
  await awaitUpstreams(context, proxy, {
    onLook: (wipe) => {
      if (isLive) for (const server of look(false)) onSettled(server, wipe);
    },
  });
  const servers = look(true);
  const flaw = await probing;
  const flaws = [...proxy.recipes().values()].flatMap((recipe) => recipe.warnings);
  const warnings = [...(flaw === undefined ? [] : [flaw]), ...findOddities(config, servers, proxy.catalog()), ...flaws];
  const catalog = proxy.catalog();
  const findings = [
    ...inspectCatalog(
      catalog,
      config.servers.map(({ name }) => name),
    ),
    ...findMentions(catalog),
  ];
  const locked = await checkLock(config, toAskedServers(config, servers, catalog));
  return { file: config.file, servers, warnings, findings, ...locked };
}

/** Prints each server once. */
function createServerPrinter(context: CliContext, config: Config): ServerPrinter {
  const paint = createPaint(describeScreen(context.io, 'stdout'));
  const nameWidth = Math.max(0, ...config.servers.map(({ name }) => textWidth(name)));
  const printed = new Set<string>();
  return {
    paint,
    print(server, wipe = () => {}) {
      if (printed.has(server.name)) return;
      printed.add(server.name);
      wipe();
      print(context, [renderServer(server, { nameWidth, paint })]);
    },
  };
}

interface ServerPrinter {
  paint: ReturnType<typeof createPaint>;
  print(server: CheckReport['servers'][number], wipe?: () => void): void;
}
