import { findLaunch } from '../../clients/registration/find-launch.ts';
import type { EntryContext } from '../../clients/registration/make-entry.ts';
import type { Scope } from '../../clients/registration/registration.ts';
import type { Config } from '../../config/config.ts';
import { packageVersion } from '../../lib/version.ts';
import type { CliContext } from '../context.ts';
import { configuredVariables } from './configured-variables.ts';

/** Variables by which the program finds its own files. */
const ownVariables = ['XDG_STATE_HOME', 'XDG_CONFIG_HOME'];

/** What the entries of clients depend on: how this program was started, and its configuration. */
export async function entryContextOf(
  { io }: Pick<CliContext, 'io'>,
  { config, scope }: { config: Config; scope: Scope },
): Promise<EntryContext> {
  const { commandLine, env } = io;
  const { platform } = process;
  const { all: variables, required } = await configuredVariables(config, env);
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  return {
    ...findLaunch({ commandLine, env, platform, version: packageVersion(), configFile: config.file }),
    variables,
    required,
    own: ownVariables.filter(isSet),
    present: new Set(variables.filter(isSet)),
    deadlineMs: config.batch.deadlineMs,
    scope,
  };
}
