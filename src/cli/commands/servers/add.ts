import { rm } from 'node:fs/promises';
import { findConfig } from '../../../config/find-config.ts';
import type { CliContext } from '../../context.ts';
import { exitCodes, interruptedFailure } from '../../failure.ts';
import type { ExitCode } from '../../failure.ts';
import { writeFiles } from '../../import/write-changes.ts';
import type { Written } from '../../import/write-changes.ts';
import { print, printJson } from '../../output.ts';
import { askedLaunch } from '../../servers/asked-launch.ts';
import type { AskedServer } from '../../servers/asked-launch.ts';
import { openOwn } from '../../servers/open-own.ts';
import { planAddition } from '../../servers/plan-addition.ts';
import type { Addition } from '../../servers/plan-addition.ts';
import { renderAddition, toAdditionJson } from '../../servers/render-addition.ts';

export interface AddOptions extends AskedServer {
  /** A file, or `builtin:NAME`. Absent: one is proposed. */
  policy: string | undefined;
  dryRun: boolean;
  /** Connects to nothing. */
  offline: boolean;
}

/**
 * Adds one server to the configuration, as `init` and `import` do: its secrets apart, with a policy by its tools. One that cannot be
 * reached is added, too; the exit code says so.
 */
export async function add(context: CliContext, options: AddOptions): Promise<number> {
  const { name, policy, dryRun, offline } = options;
  const own = await openOwn(context);
  const launch = askedLaunch(options, { io: context.io, file: own.file });
  const plan = await planAddition(context, own, { name, launch, policy, offline });
  if (context.stop.aborted) throw interruptedFailure();
  const written = dryRun ? [] : await write(plan);
  const report = { plan, written, isDry: dryRun, next: await nextCommands(context, plan) };
  if (context.json) printJson(context, toAdditionJson(report));
  else print(context, renderAddition(report));
  return codeOf(plan);
}

async function write({ changes, policy }: Addition): Promise<Written[]> {
  const fresh = policy?.text === undefined ? [] : changes.slice(0, 1);
  const written = await writeFiles(fresh);
  try {
    return [...written, ...(await writeFiles(changes.slice(fresh.length)))];
  } catch (error) {
    // Nothing names it, and the next attempt would take another name.
    for (const { path } of fresh) await rm(path, { force: true });
    throw error;
  }
}

function codeOf({ seen }: Addition): ExitCode {
  if (seen?.reached !== false) return exitCodes.ok;
  return seen.needsLogin ? exitCodes.authentication : exitCodes.unreachable;
}

/** Another configuration may be found before the one that was written. */
async function nextCommands({ io: { env, cwd }, configFile }: CliContext, plan: Addition): Promise<string[]> {
  const { draft, seen, own, policy } = plan;
  const { name } = draft.found;
  const found = await findConfig({ file: undefined, env, cwd }).catch(() => undefined);
  const isOther = configFile !== undefined || (own.current !== undefined && found?.path !== own.file);
  const named = isOther ? ` --config ${/[^\w./~-]/.test(own.file) ? JSON.stringify(own.file) : own.file}` : '';
  const needsLogin = seen?.reached === false && seen.needsLogin;
  const isUnjudged = draft.enabled && policy?.tools === undefined && policy?.text !== undefined;
  return [
    ...(needsLogin ? [`mcp-marshal login ${name}${named}`] : []),
    ...(seen?.reached === false && !needsLogin ? [`mcp-marshal doctor${named}`] : []),
    // Its tools are known then.
    ...(isUnjudged ? [`mcp-marshal import --policies${named} --write`] : []),
    ...(own.current?.config.lock === undefined ? [] : [`mcp-marshal lock --update ${name}${named}`]),
    ...(own.current === undefined ? [`mcp-marshal install --all${named}`] : []),
    ...(seen?.reached === true ? [`mcp-marshal tools${named}`] : []),
  ];
}
