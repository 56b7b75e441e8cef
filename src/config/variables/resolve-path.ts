import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

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

function homeOf(env: Env): string {
  return env['HOME'] || homedir();
}
