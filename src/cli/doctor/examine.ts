import { findBuiltinPolicy } from '../../config/builtin/find-builtin-policy.ts';
import type { Config } from '../../config/config.ts';
import { packageFile } from '../../lib/package-file.ts';
import { checkServer } from '../check-report.ts';
import type { CheckedServer, HeldServers } from '../check-report.ts';
import type { CliContext } from '../context.ts';
import { surroundingsOf } from '../import/surroundings.ts';
import { openKeptCatalog } from '../proxy/kept-catalog.ts';
import type { Examination } from './examination.ts';
import { examineClients } from './examine-clients.ts';
import { sortFindings } from './finding.ts';
import type { Finding } from './finding.ts';
import { askServers } from './gather/ask-servers.ts';
import { compareLock } from './gather/compare-lock.ts';
import type { Answers } from './gather/ask-servers.ts';
import { lookAtCommands } from './gather/look-at-commands.ts';
import type { CommandFacts } from './gather/look-at-commands.ts';
import { lookAtFiles } from './gather/look-at-files.ts';
import { lookAtPort } from './gather/system/look-at-ports.ts';
import { lookAtState } from './gather/look-at-state.ts';
import { openFound } from './gather/open-found.ts';
import { readProgram } from './gather/read-program.ts';
import { judgeCatalog } from './judge/judge-catalog.ts';
import { judgeConfiguration, judgeRecipes } from './judge/judge-configuration.ts';
import { judgeFiles, judgeSecrets } from './judge/judge-files.ts';
import { judgeLock } from './judge/judge-lock.ts';
import { judgeNode } from './judge/judge-node.ts';
import { judgePort } from './judge/judge-port.ts';
import { judgeServer } from './judge/judge-server.ts';
import { judgeState } from './judge/judge-state.ts';
import { toServerReport } from './server-report.ts';
import type { ServerReport } from './server-report.ts';
import { toChecks } from './to-checks.ts';
import { readWritten } from './written/read-written.ts';

/** What was found out, and what decides over the exit code. */
export interface Examined {
  examination: Examination;
  report: HeldServers | undefined;
}

/**
 * Looks at everything that a set-up is made of: the program, the configuration and its files, each server, the state folder, ports, and
 * the clients. All at once, and each for a limited time. Starts the configured servers alone, and with `offline` nothing at all. Throws
 * where the command is stopped.
 */
export async function examine(context: CliContext, { offline }: { offline: boolean }): Promise<Examined> {
  const { io, configFile } = context;
  const { env, cwd } = io;
  const program = readProgram();
  const paths: string[] = [];
  const [found, written] = await Promise.all([
    openFound(context, (path) => paths.push(path)),
    readWritten({ file: configFile, env, cwd }),
  ]);
  const { config } = found;
  const commands = config === undefined ? [] : await lookAtCommands(config, env);
  const [state, files, port, answers] = await Promise.all([
    config && lookAtState(config, { parts: context.parts, writes: !offline }),
    config && lookAtFiles(paths, config),
    config?.telemetry.metrics && lookAtPort(config.telemetry.metrics, 'telemetry.metrics'),
    config && (offline ? undefined : askServers(context, config)),
  ]);
  const catalog = answers?.catalog ?? (config && openKeptCatalog(config).catalog);
  const checked = answers?.servers ?? config?.servers.map((server) => checkServer(server)) ?? [];
  const lock = config && (await compareLock(config, checked, answers?.catalog));
  const servers = checked.map((server) => reportOf(server, answers));
  const ofServers = config === undefined ? [] : await judgeServers(config, { servers, commands });
  const clients = await examineClients({
    surroundings: surroundingsOf(io),
    config,
    written,
    commands,
    catalog,
    ownScript: io.commandLine[1],
  });
  const findings: Finding[] = [
    ...judgeNode(program),
    ...judgeConfiguration(found),
    ...ofServers,
    ...(config && answers ? judgeCatalog(config, answers.servers, answers.catalog) : []),
    ...judgeRecipes(answers?.recipeWarnings ?? []),
    ...(config ? judgeLock(config, lock) : []),
    ...(state ? judgeState(state) : []),
    ...(port ? judgePort(port, state?.proxies ?? []) : []),
    ...judgeFiles(files ?? []),
    ...judgeSecrets(written?.secrets ?? []),
    ...clients.findings,
  ];
  const checks = toChecks({ program, config, written, lock, state, port }, findings);
  const examination = {
    program,
    ...(config !== undefined && { configuration: config.file }),
    checks,
    servers,
    clients: clients.clients,
    findings: sortFindings(findings),
  };
  return { examination, report: config && { servers: checked, ...(lock && { lock }) } };
}

function reportOf(server: CheckedServer, answers: Answers | undefined): ServerReport {
  const { unruled: _, ...rest } = server;
  if (answers === undefined) return rest;
  return toServerReport(server, { catalog: answers.catalog, measured: answers.measured.get(server.name) });
}

async function judgeServers(
  { servers, surface }: Config,
  known: { servers: readonly ServerReport[]; commands: readonly CommandFacts[] },
): Promise<Finding[]> {
  const policyFolder = packageFile('config/policies');
  const found = servers.map(async (config, index): Promise<Finding[]> => {
    const report = known.servers[index];
    if (report === undefined) return [];
    const command = known.commands.find(({ server }) => server === config.name);
    const builtin = config.policy.file === undefined ? await findBuiltinPolicy(config.launch) : undefined;
    return judgeServer({ config, report, command, builtin, policyFolder, surface });
  });
  return (await Promise.all(found)).flat();
}
