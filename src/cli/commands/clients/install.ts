import { join } from 'node:path';
import { clientTitles } from '../../../clients/client.ts';
import type { ClientId } from '../../../clients/client.ts';
import { findClaudeCommand } from '../../../clients/registration/command/claude-command.ts';
import { createRecordStore } from '../../../clients/registration/files/record-store.ts';
import type { RecordStore } from '../../../clients/registration/files/record-store.ts';
import { findTargets } from '../../../clients/registration/find-targets.ts';
import { planRegistration } from '../../../clients/registration/plan-registration.ts';
import type { Planned, RegisterOptions } from '../../../clients/registration/plan-registration.ts';
import type { Scope, Target } from '../../../clients/registration/registration.ts';
import { xdgDirectory } from '../../../config/variables/resolve-path.ts';
import { canAskPerson } from '../../approvals/terminal-reader.ts';
import type { CliContext } from '../../context.ts';
import { CliFailure, exitCodes, interruptedFailure } from '../../failure.ts';
import { surroundingsOf } from '../../import/surroundings.ts';
import { openAskPerson, originalsIn } from '../../install/ask-person.ts';
import type { AskPerson } from '../../install/ask-person.ts';
import { entryContextOf } from '../../install/entry-context.ts';
import { entryInLine, entrySnippet, entryText } from '../../install/entry-snippet.ts';
import { findOriginals } from '../../install/find-originals.ts';
import type { FindOriginal } from '../../install/find-originals.ts';
import { previewLines } from '../../install/preview.ts';
import { isChange, putIn, toResult } from '../../install/put-in.ts';
import { renderResults } from '../../install/render-results.ts';
import type { Result } from '../../install/render-results.ts';
import { takeOut } from '../../install/take-out.ts';
import { print, printJson, tell } from '../../output.ts';
import { openConfig } from '../../proxy/open-proxy.ts';

export interface InstallOptions {
  clients: readonly ClientId[];
  /** Those of `clients` that are there, not each of them. */
  all: boolean;
  print: boolean;
  dryRun: boolean;
  uninstall: boolean;
  scope: Scope;
  name: string;
  /** Absent: a person is asked, and without one they stay as they are. */
  switchOff: boolean | undefined;
  yes: boolean;
}

/** Registers mcp-marshal in clients, each by itself: one whose file cannot be edited is told of, and the others go on. */
export async function install(context: CliContext, options: InstallOptions): Promise<number> {
  const { io } = context;
  const { name, scope, dryRun } = options;
  // Of the user, whatever configuration is registered: what is kept has to be found again when that is gone.
  const store = createRecordStore(join(xdgDirectory(io.env, 'XDG_STATE_HOME', '.local/state'), 'mcp-marshal'));
  const targets = await targetsOf(context, options, store);
  const show = (lines: string[]): void => (context.json ? undefined : print(context, lines));
  if (options.uninstall) {
    const taking = { name, store, script: io.commandLine[1], show: dryRun ? show : undefined };
    const code = conclude(context, await inTurn(context, targets, (target) => takeOut(target, taking)));
    if (!context.json) tell(context, await registeredStill(options, store));
    return code;
  }
  if (targets.length === 0) throw nobodyThere(scope);
  const config = await openConfig(context);
  const entryContext = await entryContextOf(context, { config, scope });
  if (options.print) {
    const entries = await Promise.all(targets.map((target) => entrySnippet(target, { name, context: entryContext })));
    if (context.json) printJson(context, { entries });
    else
      print(
        context,
        entries.flatMap(({ title, path, text }) => [`# ${title}: ${path}`, text.trimEnd(), '']),
      );
    return exitCodes.ok;
  }
  const clients = [...new Set(targets.map(({ client }) => client))];
  const isOriginal = await findOriginals(config, { surroundings: surroundingsOf(io), clients });
  const plan = (switchOff: boolean, of: readonly Target[] = targets): Promise<Planned[]> =>
    planAll(of, {
      store,
      name,
      context: entryContext,
      isOriginal: switchOff ? isOriginal : () => false,
      keepsSwitched: options.switchOff !== false,
    });
  const ask = openAskPerson(context);
  const asks = !options.yes && !dryRun && !context.json && canAskPerson(io);
  const switchOff = options.switchOff ?? (asks && (await offerSwitch(ask, plan)));
  const planned = await plan(switchOff);
  if (!context.json && (dryRun || asks))
    (dryRun ? print : tell)(
      context,
      planned.flatMap((one) => previewOf(one, name)),
    );
  if (dryRun) return conclude(context, planned.map(toResult));
  if (asks && planned.some(isChange) && !(await ask('Write this? Y/n > ', { otherwise: true }))) {
    tell(context, ['nothing was written']);
    return exitCodes.ok;
  }
  const claude = findClaudeCommand(io.env, { cwd: io.cwd, platform: process.platform });
  const results = await inTurn(context, planned, (one) =>
    putIn(one, {
      store,
      command: one.target.client === 'claude-code' ? claude : undefined,
      again: async () => (await plan(switchOff, [one.target]))[0] ?? one,
    }),
  );
  const code = conclude(context, results);
  if (!context.json) tell(context, nextStep(results));
  return code;
}

/** What stays under other names, or in files of folders: each is taken out by itself. */
async function registeredStill({ clients, name, scope }: InstallOptions, store: RecordStore): Promise<string[]> {
  const kept = (await store.list()).filter((one) => clients.includes(one.client));
  const others = kept.filter((one) => one.name !== name || one.scope !== scope);
  return others.map(({ client, path, name: other, scope: of }) => {
    const flags = `${other === 'marshal' ? '' : ` --name ${other}`}${of === 'user' ? '' : ' --scope project'}`;
    return `still in ${path} as ${other}: mcp-marshal install ${client} --uninstall${flags}`;
  });
}

/** A client reads its file when it starts. */
function nextStep(results: readonly Result[]): string[] {
  const fresh = results.filter(({ status }) => status === 'registered' || status === 'renewed');
  if (fresh.length === 0) return [];
  const titles = [...new Set(fresh.map(({ client }) => clientTitles[client]))].join(', ');
  return [`next: restart ${titles}; mcp-marshal doctor says whether it works`];
}

async function targetsOf(
  { io }: CliContext,
  { clients, all, scope, uninstall, name }: InstallOptions,
  store: RecordStore,
): Promise<Target[]> {
  const surroundings = surroundingsOf(io);
  const isNamed = !all && !uninstall;
  const found = await Promise.all(clients.map((client) => findTargets(client, { surroundings, scope, isNamed })));
  // What was registered is found again wherever it was.
  const known = uninstall ? await store.list() : [];
  const ours = known.filter((one) => one.name === name && one.scope === scope && clients.includes(one.client));
  const targets = [...found.flat(), ...ours.map(({ client, path }) => ({ client, scope, path }))];
  return [...new Map(targets.map((target) => [target.path, target])).values()];
}

function nobodyThere(scope: Scope): CliFailure {
  return new CliFailure(`no client with a file for the scope ${scope} was found`, {
    exitCode: exitCodes.unexpected,
    code: 'no_client',
    fix: scope === 'user' ? 'name the client, such as mcp-marshal install cursor' : 'leave --scope out',
  });
}

function planAll(
  targets: readonly Target[],
  { isOriginal, ...options }: Omit<RegisterOptions, 'isOriginal'> & { isOriginal: FindOriginal },
): Promise<Planned[]> {
  return Promise.all(
    targets.map((target) => planRegistration(target, { ...options, isOriginal: (name) => isOriginal(target, name) })),
  );
}

async function offerSwitch(ask: AskPerson, plan: (switchOff: boolean) => Promise<Planned[]>): Promise<boolean> {
  const originals = originalsIn(await plan(true), await plan(false));
  if (originals.length === 0) return false;
  const prompt = `mcp-marshal has ${originals.join(', ')}, too. Switch them off in the clients? y/N > `;
  return ask(prompt, { otherwise: false });
}

function previewOf(planned: Planned, name: string): string[] {
  if (!isChange(planned)) return [];
  const { target, from = '', to, made, traits } = planned;
  const own = { name, entry: made, table: traits.table };
  const lines = previewLines(from, { after: to, own: entryText(own), ownInLine: entryInLine(own) });
  return [`--- ${target.path}`, ...lines, ''];
}

/** One after the other, until the command is stopped: what is done is done then, and can be taken back. */
async function inTurn<T>(context: CliContext, all: readonly T[], work: (one: T) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const one of all) {
    if (context.stop.aborted) throw interruptedFailure();
    results.push(await work(one));
  }
  return results;
}

function conclude(context: CliContext, results: readonly Result[]): number {
  if (context.json) printJson(context, { clients: results });
  else print(context, results.length === 0 ? ['not registered anywhere'] : renderResults(results));
  return results.some(({ status }) => status === 'failed') ? exitCodes.unexpected : exitCodes.ok;
}
