import { isAbsolute, relative } from 'node:path';
import type { ClientReadings } from '../../../clients/client.ts';
import { createServerNames } from '../../../clients/server-names.ts';
import { takeOver } from '../../../clients/take-over.ts';
import type { Config } from '../../../config/config.ts';
import type { CliContext } from '../../context.ts';
import { exitCodes } from '../../failure.ts';
import { isOfProject, withoutAllowsOf } from '../../init/gather/project-files.ts';
import { exposedToolsOf } from '../../import/exposed-tools.ts';
import { planChanges } from '../../import/plan-changes.ts';
import type { PolicyChange } from '../../import/plan-changes.ts';
import { planServers } from '../../import/plan-servers.ts';
import { readSources } from '../../import/read-sources.ts';
import { renderImport } from '../../import/render-import.ts';
import { renderServersImport, toServersJson } from '../../import/render-servers-import.ts';
import { writeFiles, writePolicies } from '../../import/write-changes.ts';
import type { Written } from '../../import/write-changes.ts';
import { print, printJson } from '../../output.ts';
import { openKeptCatalog } from '../../proxy/kept-catalog.ts';
import { openConfig, tellWarnings } from '../../proxy/open-proxy.ts';

export interface ImportOptions {
  /** Clients or files; none: all clients. */
  from: readonly string[];
  write: boolean;
}

/** Takes the users' allow, ask and deny rules for MCP tools over from their clients into policies. Writes with `write` only. */
export async function importPermissions(
  context: CliContext,
  { from, write, takeAll }: ImportOptions & { takeAll: boolean },
): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const read = await readSources(context.io, from);
  const readings = withoutAllowsOf(foreignTo(config, { context, read, from }), read);
  const names = createServerNames(config.servers, readings.servers);
  const exposed = exposedToolsOf(openKeptCatalog(config).catalog);
  const { taken, left } = takeOver(readings, { names, exposed, takeAll });
  const changes = await planChanges(config, taken);
  const written = write ? await writePolicies(config, changes) : [];
  if (context.json) {
    const files = readings.files.map(({ client, scope, path }) => ({ client, scope, path }));
    printJson(context, { files, problems: readings.problems, servers: changes.map(toShown), left, written });
  } else {
    print(context, [
      ...renderImport(readings, { changes, left }),
      ...conclude({ hasChanges: changes.some(({ change }) => change !== undefined), write, written }),
    ]);
  }
  return exitCodes.ok;
}

/** Adds the servers of clients that the configuration does not have yet. Connects to nothing. Writes with `write` only. */
export async function importServers(context: CliContext, { from, write }: ImportOptions): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const readings = await readSources(context.io, from);
  const apart = foreignTo(config, { context, read: readings, from });
  const plan = await planServers(context, { config, readings, apart });
  const written = write ? await writeFiles(plan.changes) : [];
  if (context.json) {
    printJson(context, { ...toServersJson(readings, plan), written });
  } else {
    const end = conclude({ hasChanges: plan.changes.length > 0, write, written });
    const isUnjudged = plan.added.some(({ policy }) => policy === undefined);
    const next = written.length > 0 && isUnjudged ? ['next: mcp-marshal import --policies'] : [];
    print(context, [...renderServersImport(readings, plan), ...end, ...next]);
  }
  return exitCodes.ok;
}

/**
 * What the files of the folder that is worked in say, unless the configuration stands there as well: then whoever has made the folder
 * has made both.
 */
function foreignTo(
  { file }: Config,
  { context: { io }, read, from }: { context: CliContext; read: ClientReadings; from: readonly string[] },
): ReturnType<typeof isOfProject> {
  const isOutside = relative(io.cwd, file).startsWith('..') || isAbsolute(relative(io.cwd, file));
  return isOutside ? isOfProject(read, { from, io }) : () => false;
}

function toShown({ server, policy, rules, known, change, reference, problem }: PolicyChange): object {
  return {
    server,
    policy,
    file: change?.path,
    reference,
    problem,
    known,
    rules: rules.map(({ list, pattern, by }) => ({
      list,
      pattern,
      from: by.map(({ client, place, written }) => ({ client, place, written })),
    })),
  };
}

/** What has been written, or what would write it. */
export function conclude({
  hasChanges,
  write,
  written,
}: {
  hasChanges: boolean;
  write: boolean;
  written: readonly Written[];
}): string[] {
  if (write) {
    const kept = ({ path, backup }: Written): string =>
      `wrote ${path}${backup === undefined ? '' : `; the old one is ${backup}`}`;
    return written.length === 0 ? ['nothing to write'] : [...written.map(kept), 'see mcp-marshal check'];
  }
  return hasChanges ? ['nothing was written; --write does'] : ['nothing to write'];
}
