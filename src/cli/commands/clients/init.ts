import { dirname } from 'node:path';
import { clientTitles } from '../../../clients/client.ts';
import { clientFiles } from '../../../clients/client-files.ts';
import type { ClientReadings } from '../../../clients/client.ts';
import type { Config } from '../../../config/config.ts';
import { ConfigError } from '../../../config/config-error.ts';
import { findConfig } from '../../../config/find-config.ts';
import { writeNewFiles } from '../../../config/edit/write-new-files.ts';
import { renderProblem } from '../../../core/place.ts';
import type { CliContext } from '../../context.ts';
import { CliFailure, exitCodes, interruptedFailure } from '../../failure.ts';
import { readSources } from '../../import/read-sources.ts';
import { surroundingsOf } from '../../import/surroundings.ts';
import { connectServers } from '../../init/connect-servers.ts';
import type { SeenServer } from '../../init/connect-servers.ts';
import { describeElsewhere } from '../../init/gather/describe-elsewhere.ts';
import { draftServers, holdBack, loadOverlay, textsOfDraft } from '../../init/draft.ts';
import { findTarget, freeName } from '../../init/find-target.ts';
import { gatherServers } from '../../init/gather/gather-servers.ts';
import type { Gathered } from '../../init/gather/gather-servers.ts';
import { pickServers, requireAnswers } from '../../init/gather/pick-servers.ts';
import { planInit } from '../../init/plan-init.ts';
import { isOfProject, withoutAllowsOf } from '../../init/gather/project-files.ts';
import type { InitPlan } from '../../init/plan-init.ts';
import { renderInit, toInitJson } from '../../init/render-init.ts';
import { textsOfLaunch } from '../../init/secrets/missing-variables.ts';
import { unignoredFiles } from '../../init/secrets/unignored-files.ts';
import { separateInputs } from '../../init/gather/separate-inputs.ts';
import { createVault } from '../../init/secrets/vault.ts';
import { print, printJson } from '../../output.ts';

export interface InitOptions {
  /** No questions: everything is taken. */
  yes: boolean;
  /** Clients or files; none: all clients. */
  from: readonly string[];
  /** `marshal.yaml` in the folder that is worked in. */
  here: boolean;
  dryRun: boolean;
  /** Connects to nothing. */
  offline: boolean;
}

/**
 * Proposes a first configuration from what the clients of this machine have: their servers, a policy for each, and their rules for tools.
 * Secrets go into a file of their own. Writes over nothing, and writes all of it or nothing.
 */
export async function init(context: CliContext, { yes, from, here, dryRun, offline }: InitOptions): Promise<number> {
  const { io } = context;
  const file = await findTarget(context, { here });
  requireAnswers(context, { yes });
  const read = await readSources(io, from);
  const apart = isOfProject(read, { from, io });
  const readings = withoutAllowsOf(apart, read);
  const gathered = gatherServers(readings, { apart });
  if (gathered.found.length === 0) throw nothingFound(context, { ...gathered, ...read }, file);
  const chosen = separateInputs(yes ? gathered.found : await pickServers(context, gathered.found));
  const place = { file, envFile: await freeName(dirname(file), 'marshal.env') };
  const vault = createVault(
    io.env,
    chosen.flatMap(({ entry: { launch } }) => textsOfLaunch(launch)),
  );
  const drafted = await draftServers(context, chosen, { place, vault });
  const { passed } = drafted;
  // Whoever has picked a server has said that it may be started.
  const drafts = yes ? holdBack(drafted.drafts) : drafted.drafts;
  if (drafts.length === 0) {
    throw nothingFound(context, { ...read, passed: [...gathered.passed, ...passed] }, file);
  }
  const config = await loadOverlay(context, file, textsOfDraft(drafts, { place, vault }));
  const seen = offline ? new Map<string, SeenServer>() : await connectServers(context, config);
  const plan = await planInit(context, { drafts, config, seen, readings, place, vault });
  await requireLoadable(context, plan, file);
  if (context.stop.aborted) throw interruptedFailure();
  if (!dryRun) await write(plan);
  const next = await nextCommands(context, { plan, file, isWritten: !dryRun });
  const unignored = await unignoredFiles(
    plan.files.flatMap(({ path, isPrivate }) => (isPrivate === true ? [path] : [])),
  );
  const known = { plan, readings, passed: [...gathered.passed, ...passed], moved: vault.moved() };
  const report = { ...known, unignored, isDry: dryRun, next };
  if (context.json) printJson(context, toInitJson(report));
  else print(context, renderInit(report));
  return exitCodes.ok;
}

/** A proposal that could not be loaded would be none; whoever gets one should not have to look for the mistake. */
async function requireLoadable(context: CliContext, { files }: InitPlan, file: string): Promise<Config> {
  try {
    return await loadOverlay(context, file, new Map(files.map(({ path, text }) => [path, text])));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliFailure('what would be proposed is not a valid configuration; nothing was written', {
      exitCode: exitCodes.unexpected,
      code: 'invalid_proposal',
      fix: `leave out what it names, with --from: ${error.problems.map(renderProblem).join('; ')}`,
      problems: error.problems,
    });
  }
}

async function write({ files }: InitPlan): Promise<void> {
  try {
    await writeNewFiles(files);
  } catch (error) {
    if (isTaken(error)) {
      throw new CliFailure(`${error.path} has just been written by another init; nothing of this one was kept`, {
        exitCode: exitCodes.unexpected,
        code: 'not_written',
        fix: 'look at that one with mcp-marshal check; to have another, move it away and run the command again',
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliFailure(`the files could not be written (${reason}); nothing was kept`, {
      exitCode: exitCodes.unexpected,
      code: 'not_written',
      fix: 'mend that and run the command again',
    });
  }
}

/** The names were free when they were chosen. */
function isTaken(error: unknown): error is Error & { path: string } {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return false;
  return error.code === 'EEXIST' && typeof error.path === 'string';
}

/** Another configuration may be found before the one that was written. */
async function nextCommands(
  { io: { env, cwd } }: CliContext,
  { plan: { servers }, file, isWritten }: { plan: InitPlan; file: string; isWritten: boolean },
): Promise<string[]> {
  const found = isWritten ? await findConfig({ file: undefined, env, cwd }).catch(() => undefined) : undefined;
  const named =
    isWritten && found?.path !== file ? ` --config ${/[^\w./~-]/.test(file) ? JSON.stringify(file) : file}` : '';
  const logins = servers.flatMap(({ draft, seen }) =>
    seen?.reached === false && seen.needsLogin ? [`mcp-marshal login ${draft.found.name}${named}`] : [],
  );
  return [
    `mcp-marshal check${named}`,
    `mcp-marshal install --all${named}`,
    ...logins,
    // Their tools are known then.
    ...(logins.length === 0 ? [] : [`mcp-marshal import --policies${named} --write`]),
  ];
}

function nothingFound(
  { io }: CliContext,
  { passed, elsewhere = [] }: Pick<Gathered, 'passed'> & Pick<ClientReadings, 'elsewhere'>,
  file: string,
): CliFailure {
  const clients = new Set(clientFiles(surroundingsOf(io)).map(({ client }) => clientTitles[client]));
  const others = passed.map(({ client, name, reason }) => `${name} of ${clientTitles[client]}: ${reason}`);
  return new CliFailure(
    [
      `no server was found in the files of ${[...clients].join(', ')}${others.length === 0 ? '' : ` (${others.join('; ')})`}`,
      ...describeElsewhere(elsewhere, 'init'),
    ].join('; '),
    {
      exitCode: exitCodes.unexpected,
      code: 'nothing_found',
      fix: `name a file with --from FILE, or add one server after the other: mcp-marshal add NAME -- npx -y PACKAGE makes ${file}`,
    },
  );
}
