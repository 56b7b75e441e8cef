import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { fetchedPackage } from './fetched-package.ts';
import type { EntryContext, Launch } from './make-entry.ts';

/** What was started, and where. */
export interface StartedBy {
  /** Node and the script that it runs. */
  commandLine: readonly [string, string];
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  version: string;
  /** The configuration; absolute. */
  configFile: string;
}

/**
 * How clients are to start this program again. From the cache of npx and its like, what runs now is gone one day: then by npx, with the
 * version that runs, or the package file that it came from; else by the absolute paths of Node and of the script, which nothing has to be found for.
 */
export function findLaunch({
  commandLine,
  env,
  platform,
  version,
  configFile,
}: StartedBy): Pick<EntryContext, 'launch' | 'path'> {
  const [node, script] = commandLine;
  const stableNode = platform === 'win32' ? node : findStable(node);
  const args = ['serve', '--config', configFile];
  const main = script.endsWith('.js') ? script : realpathOf(script);
  if (!isTransient(realpathOf(script)) && !isTransient(script)) {
    const launch = { command: stableNode, args: [main, ...args] };
    return { launch: { shell: launch, gui: launch }, ...pathFor(stableNode, env, platform) };
  }
  const source = fetchedPackage(realpathOf(script));
  const what = source === undefined ? [`mcp-marshal@${version}`] : [`--package=${source}`, 'mcp-marshal'];
  const fetched = ['-y', ...what, ...args];
  if (platform === 'win32') {
    // npx is a script of the command interpreter there, which programs do not start by themselves.
    const launch: Launch = { command: 'cmd', args: ['/c', 'npx', ...fetched] };
    return { launch: { shell: launch, gui: launch } };
  }
  const npx = join(dirname(node), 'npx');
  const shell: Launch = { command: 'npx', args: fetched };
  // Its first line has Node looked for, which programs without the shell's PATH do not find.
  const gui: Launch = existsSync(npx) ? { command: stableNode, args: [realpathOf(npx), ...fetched] } : shell;
  return { launch: { shell, gui }, ...pathFor(stableNode, env, platform) };
}

/** Folders that package runners empty. */
function isTransient(path: string): boolean {
  return /[\\/](?:_npx|dlx|dlx-[^\\/]+|bunx-[^\\/]+|xfs-[^\\/]+)[\\/]/.test(path);
}

/** A link that stays when a package manager replaces what it points to. */
function findStable(node: string): string {
  const links = ['/opt/homebrew/bin/node', '/usr/local/bin/node', '/usr/bin/node'];
  return links.find((link) => existsSync(link) && realpathOf(link) === realpathOf(node)) ?? node;
}

/** More than anybody's. */
const maxPathChars = 4_000;

/** The PATH of now without what is gone soon, Node's folder first: servers that are started by `npx` or `uvx` need it. */
function pathFor(node: string, env: StartedBy['env'], platform: NodeJS.Platform): { path?: string } {
  // There, programs have the user's PATH anyway.
  if (platform === 'win32') return {};
  const folders = (env['PATH'] ?? '')
    .split(':')
    .filter((folder) => isAbsolute(folder) && !isPassing(`${folder}${sep}`));
  const path = [...new Set([dirname(node), ...folders])].join(':');
  return path.length > maxPathChars ? {} : { path };
}

function isPassing(folder: string): boolean {
  return isTransient(folder) || /[\\/](?:node_modules|fnm_multishells)[\\/]|^\/tmp\//.test(folder);
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
