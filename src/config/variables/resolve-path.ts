import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { ConfigError } from '../config-error.ts';

/** The environment that a configuration is read in. */
export type Env = Readonly<Record<string, string | undefined>>;

/** An absolute path from one as written: `~` is the home directory, anything relative starts at `base`. */
export function resolvePath(written: string, base: string, env: Env): string {
  if (written === '~' || written.startsWith('~/')) return join(homeOf(env), written.slice(1));
  return resolve(base, written);
}

/** A directory of the XDG base directory specification, which has relative values ignored. */
export function xdgDirectory(env: Env, name: 'XDG_CONFIG_HOME' | 'XDG_STATE_HOME', fallback: string): string {
  const set = env[name];
  return set?.startsWith('/') ? set : join(homeOf(env), fallback);
}

/** Never a relative one: `HOME=""` would scatter files over working directories. */
function homeOf(env: Env): string {
  for (const find of [() => env['HOME'], homedir, () => userInfo().homedir]) {
    const home = attempt(find);
    if (home !== undefined && isAbsolute(home)) return home;
  }
  throw new ConfigError([{ message: 'no home directory is known; set HOME to an absolute path' }]);
}

/** The system's answers throw for a user that it does not know, as in some containers. */
function attempt(find: () => string | undefined): string | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
