import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { findConfig } from '../../config/find-config.ts';
import type { FoundFile } from '../../config/find-config.ts';
import type { CliContext } from '../context.ts';
import { exists, findTarget } from '../init/find-target.ts';
import { readOwn } from '../import/plan-servers.ts';
import { openConfig, tellWarnings } from '../proxy/open-proxy.ts';

/** The configuration that a server is added to. */
export interface OwnConfig {
  file: string;
  /** Absent: there is none, and `file` is where `init` would write one. */
  current?: { config: Config; text: string };
}

/** Finds and reads the configuration, or the place of a first one. Throws where there is one that cannot be used or edited. */
export async function openOwn(context: CliContext): Promise<OwnConfig> {
  const found = await find(context);
  if (found === undefined || !(await exists(found.path))) return { file: await findTarget(context, { here: false }) };
  const config = await openConfig(context);
  // That there is no server is what is being mended.
  if (config.servers.length > 0) tellWarnings(context, config);
  return { file: config.file, current: { config, text: await readOwn(config.file) } };
}

async function find({ io: { env, cwd }, configFile }: CliContext): Promise<FoundFile | undefined> {
  try {
    return await findConfig({ file: configFile, env, cwd });
  } catch (error) {
    // A second one beside a file that was meant for it would be found in its place.
    const isMisnamed =
      error instanceof ConfigError && error.problems.some(({ message }) => message.includes('There is '));
    if (!(error instanceof ConfigError) || isMisnamed) throw error;
    return undefined;
  }
}
