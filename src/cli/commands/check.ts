import type { Config } from '../../config/config.ts';
import { awaitUpstreams } from '../proxy/await-upstreams.ts';
import { checkServer, findOddities } from '../check-report.ts';
import type { CheckReport } from '../check-report.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { probeStateDir } from '../probe-state-dir.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { print, printJson } from '../output.ts';
import { renderFindings, renderServer } from '../render/check-lines.ts';
import { createPaint } from '../terminal/paint.ts';
import { describeScreen } from '../terminal/screen.ts';
import { textWidth } from '../terminal/text-width.ts';

/** Validates configuration and policies and, unless `offline`, connects to every server and compares its tools with the rules. */
export async function check(context: CliContext, { offline }: { offline: boolean }): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const printer = createServerPrinter(context, config);
  const report = offline
    ? checkOffline(config)
    : await checkOnline(context, { config, onSettled: (server, wipe) => printer.print(server, wipe) });
  if (context.json) {
    printJson(context, { ...report, warnings: [...config.warnings, ...report.warnings] });
  } else {
    for (const server of report.servers) printer.print(server);
    const told = config.warnings.length;
    print(context, renderFindings(report, { paint: printer.paint, told }));
  }
  return report.servers.some(({ state }) => state === 'unreachable') ? exitCodes.unreachable : exitCodes.ok;
}

function checkOffline(config: Config): CheckReport {
  return { file: config.file, servers: config.servers.map((server) => checkServer(server)), warnings: [] };
}

async function checkOnline(
  context: CliContext,
  {
    config,
    onSettled,
  }: { config: Config; onSettled: (server: CheckReport['servers'][number], wipe: () => void) => void },
): Promise<CheckReport> {
  const { connectLimitMs } = context;
  const proxy = openProxy(context, config);
  const probing = probeStateDir(config.stateDir);
  const look = (isDone: boolean): CheckReport['servers'] => {
    const states = new Map(proxy.upstreams().map((state) => [state.name, state]));
    return config.servers
      .filter(({ name }) => isDone || states.get(name)?.state !== 'connecting')
      .map((server) =>
        checkServer(server, { upstream: states.get(server.name), catalog: proxy.catalog(), connectLimitMs }),
      );
  };
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
  return { file: config.file, servers, warnings };
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
