import { clientIds } from '../../../clients/client.ts';
import type { ClientId } from '../../../clients/client.ts';
import { readClients } from '../../../clients/read-clients.ts';
import { createServerNames } from '../../../clients/server-names.ts';
import { takeOver } from '../../../clients/take-over.ts';
import type { Config } from '../../../config/config.ts';
import { replaceFile } from '../../../config/edit/replace-file.ts';
import type { FileChange } from '../../../config/edit/replace-file.ts';
import type { CliContext } from '../../context.ts';
import { CliFailure, exitCodes } from '../../failure.ts';
import { exposedToolsOf } from '../../import/exposed-tools.ts';
import { planChanges, planConfig } from '../../import/plan-changes.ts';
import type { PolicyChange } from '../../import/plan-changes.ts';
import { renderImport } from '../../import/render-import.ts';
import { surroundingsOf } from '../../import/surroundings.ts';
import { print, printJson } from '../../output.ts';
import { openKeptCatalog } from '../../proxy/kept-catalog.ts';
import { openConfig, tellWarnings } from '../../proxy/open-proxy.ts';

export interface ImportOptions {
  from?: ClientId;
  write?: boolean;
  takeAll?: boolean;
}

/** Takes the users' allow, ask and deny rules for MCP tools over from their clients into policies. Writes with `write` only. */
export async function importPermissions(
  context: CliContext,
  { from, write = false, takeAll = false }: ImportOptions,
): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const readings = await readClients(surroundingsOf(context.io), from === undefined ? clientIds : [from]);
  const names = createServerNames(config.servers, readings.servers);
  const exposed = exposedToolsOf(openKeptCatalog(config).catalog);
  const { taken, left } = takeOver(readings, { names, exposed, takeAll });
  const changes = await planChanges(config, taken);
  const written = write ? await writeChanges(config, changes) : [];
  if (context.json) {
    const files = readings.files.map(({ client, scope, path }) => ({ client, scope, path }));
    printJson(context, { files, problems: readings.problems, servers: changes.map(toShown), left, written });
  } else {
    print(context, [...renderImport(readings, { changes, left }), ...conclude({ changes, write, written })]);
  }
  return exitCodes.ok;
}

interface Written {
  path: string;
  /** Where the old one is. */
  backup?: string;
}

/** Policies first: a configuration that names a file that is not there is none. */
async function writeChanges(config: Config, changes: readonly PolicyChange[]): Promise<Written[]> {
  const references = new Map(
    changes.flatMap(({ server, reference }) => (reference === undefined ? [] : [[server, reference] as const])),
  );
  const ofConfig = references.size === 0 ? undefined : await planConfig(config, references);
  if (references.size > 0 && ofConfig === undefined) {
    throw writeFailure(
      `${config.file} is not edited: it is another program's own file, or written in a way that cannot be edited safely; nothing was written`,
      [...references]
        .map(([server, policy]) => `give ${server} policy: ${policy} by hand, with a file of that name`)
        .join('; '),
    );
  }
  const written: Written[] = [];
  const all = [...changes.flatMap(({ change }) => change ?? []), ...(ofConfig === undefined ? [] : [ofConfig])];
  for (const change of all) written.push(await writeOne(change, written));
  return written;
}

async function writeOne(change: FileChange, before: readonly Written[]): Promise<Written> {
  try {
    const backup = await replaceFile(change);
    return { path: change.path, ...(backup !== undefined && { backup }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const done =
      before.length === 0 ? 'nothing was written' : `written before: ${before.map(({ path }) => path).join(', ')}`;
    throw writeFailure(
      `${change.path} could not be written (${reason}); ${done}`,
      'mend that and run the command again',
    );
  }
}

function writeFailure(message: string, fix: string): CliFailure {
  return new CliFailure(message, { exitCode: exitCodes.unexpected, code: 'not_written', fix });
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

function conclude({
  changes,
  write,
  written,
}: {
  changes: readonly PolicyChange[];
  write: boolean;
  written: readonly Written[];
}): string[] {
  if (write) {
    const kept = ({ path, backup }: Written): string =>
      `wrote ${path}${backup === undefined ? '' : `; the old one is ${backup}`}`;
    return written.length === 0 ? ['nothing to write'] : [...written.map(kept), 'see mcp-marshal check'];
  }
  return changes.some(({ change }) => change !== undefined)
    ? ['nothing was written; --write does']
    : ['nothing to write'];
}
