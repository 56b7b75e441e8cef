import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { clientFiles } from '../client-files.ts';
import type { Surroundings } from '../client-files.ts';
import type { ClientId } from '../client.ts';
import type { Scope, Target } from './registration.ts';

/** The names of the files in which clients keep servers; their other files hold rules. */
const serverFiles: Record<ClientId, RegExp> = {
  'claude-code': /^(?:\.claude|\.mcp)\.json$/,
  'claude-desktop': /^claude_desktop_config\.json$/,
  cursor: /^mcp\.json$/,
  vscode: /^mcp\.json$/,
  windsurf: /^mcp_config\.json$/,
  zed: /^settings\.json$/,
  codex: /^config\.toml$/,
  'gemini-cli': /^settings\.json$/,
  opencode: /\.jsonc?$/,
  cline: /^cline_mcp_settings\.json$/,
  roo: /^(?:mcp_settings|mcp)\.json$/,
  continue: /^config\.yaml$/,
  'copilot-cli': /^mcp(?:-config)?\.json$/,
};

/** They read several files as one: the last that is there has the last word, or there is one of earlier versions behind the usual one. */
const oneOfAll: Partial<Record<ClientId, 'first' | 'last'>> = { opencode: 'last', 'copilot-cli': 'first' };

/**
 * Where a client is to have mcp-marshal: in the files of its that are there, for they are of several programs or editors; else in the
 * first whose folder is there. With `isNamed` a client that has left no trace gets its usual file. None: the client is not there, or has
 * no such file.
 */
export async function findTargets(
  client: ClientId,
  { surroundings, scope, isNamed }: { surroundings: Surroundings; scope: Scope; isNamed: boolean },
): Promise<Target[]> {
  const files = clientFiles(surroundings).filter(
    (file) =>
      file.client === client &&
      file.scope === scope &&
      file.each === undefined &&
      serverFiles[client].test(basename(file.path.replaceAll('\\', '/'))),
  );
  const toTarget = ({ path }: { path: string }): Target => ({ client, scope, path });
  const there = await keep(files, async ({ path }) => (await kindOf(path)) !== undefined);
  const which = oneOfAll[client];
  if (there.length > 0) {
    return (which === undefined ? there : there.slice(which === 'first' ? 0 : -1).slice(0, 1)).map(toTarget);
  }
  // That of earlier versions is read, and not made.
  const usual = files.filter(({ path }) => client !== 'opencode' || !/[\\/]config\.json$/.test(path));
  const [first] = await keep(usual, ({ path }) => isTraceOf(client, { path, surroundings }));
  const made = first ?? (isNamed ? usual[0] : undefined);
  return made === undefined ? [] : [toTarget(made)];
}

/** Whether a folder tells that the client is in use, although the file is not there. */
async function isTraceOf(
  client: ClientId,
  { path, surroundings: { home, cwd } }: { path: string; surroundings: Surroundings },
): Promise<boolean> {
  const folder = dirname(path);
  // A file directly in the home says nothing by its folder.
  if (folder === home || folder === cwd)
    return client === 'claude-code' && folder === home && (await isFolder(`${home}/.claude`));
  // Extensions of editors have a folder of settings in one of their own, made when they are first used.
  return (await isFolder(folder)) || ((client === 'cline' || client === 'roo') && (await isFolder(dirname(folder))));
}

async function isFolder(path: string): Promise<boolean> {
  return (await kindOf(path)) === 'folder';
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  return stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => undefined,
  );
}

async function keep<T>(all: readonly T[], isKept: (one: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(all.map(isKept));
  return all.filter((_, index) => kept[index]);
}
