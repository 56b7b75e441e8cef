import { posix, win32 } from 'node:path';
import { isJsonObject } from '../core/json.ts';
import type { JsonValue } from '../core/json.ts';
import { clientFiles } from './client-files.ts';
import type { Surroundings } from './client-files.ts';
import { valueAt } from './client.ts';
import type { ClientFile, ClientId } from './client.ts';

/** Names that only one client gives its file. */
const names: Readonly<Record<string, ClientId>> = {
  '.claude.json': 'claude-code',
  '.mcp.json': 'claude-code',
  'managed-mcp.json': 'claude-code',
  'managed-settings.json': 'claude-code',
  'settings.local.json': 'claude-code',
  'claude_desktop_config.json': 'claude-desktop',
  'cline_mcp_settings.json': 'cline',
  'mcp_settings.json': 'roo',
  'mcp_config.json': 'windsurf',
  'mcp-config.json': 'copilot-cli',
  'config.toml': 'codex',
  'opencode.json': 'opencode',
  'opencode.jsonc': 'opencode',
};

/** Folders that only one client has. */
const folders: Readonly<Record<string, ClientId>> = {
  '.claude': 'claude-code',
  '.cursor': 'cursor',
  '.vscode': 'vscode',
  '.codeium': 'windsurf',
  '.codex': 'codex',
  '.gemini': 'gemini-cli',
  '.opencode': 'opencode',
  '.roo': 'roo',
  '.continue': 'continue',
  '.copilot': 'copilot-cli',
  '.zed': 'zed',
  zed: 'zed',
  Zed: 'zed',
  Claude: 'claude-desktop',
};

/** The file as one of the places that are known, on this machine and for this folder. */
export function knownFile(path: string, surroundings: Surroundings): ClientFile | undefined {
  const { basename, dirname } = surroundings.platform === 'win32' ? win32 : posix;
  return clientFiles(surroundings).find(({ path: own, each }) => {
    if (each === undefined) return own === path;
    if (each.startsWith('/')) return own === dirname(dirname(path)) && each.slice(1) === basename(path);
    return own === dirname(path) && path.endsWith(each);
  });
}

/** Files that lie in the folder that they are about. */
const beside: ReadonlySet<string> = new Set(['.mcp.json', 'opencode.json', 'opencode.jsonc']);

/**
 * Whose file it is, by its name, or else by its folders; `folder` is the one that is worked in where the file belongs to one. Nothing
 * where neither says anything.
 */
export function recognizeByName(path: string): { client: ClientId; folder?: string } | undefined {
  const parts = path.split(/[\\/]/);
  const last = parts.length - 1;
  const name = parts[last] ?? '';
  // Names without a dot could be anybody's further up, and no client has its files deeper than that.
  const isFolderOfClient = (part: string, index: number): boolean =>
    Object.hasOwn(folders, part) && (index === last - 1 || (index === last - 2 && part.startsWith('.')));
  const own = parts.findLastIndex(isFolderOfClient);
  const ofFolder = own < 0 ? undefined : folders[parts[own] ?? ''];
  const client = (Object.hasOwn(names, name) ? names[name] : undefined) ?? ofFolder;
  if (client === undefined) return undefined;
  const isBelow = ofFolder === client && parts[own]?.startsWith('.') === true;
  if (!isBelow && !beside.has(name)) return { client };
  const folder = path.slice(0, parts.slice(0, isBelow ? own : last).join('/').length);
  return { client, ...(folder !== '' && { folder }) };
}

/** Whose file it is, by what stands in it. What has `mcpServers` like most of them is read as the one with the plainest variables. */
export function recognizeByForm(value: JsonValue): ClientId | undefined {
  const servers = valueAt(value, 'mcpServers');
  if (Array.isArray(servers)) return 'continue';
  if (isJsonObject(servers)) return 'claude-code';
  if (isJsonObject(valueAt(value, 'context_servers'))) return 'zed';
  if (isJsonObject(valueAt(value, 'mcp_servers'))) return 'codex';
  if (isJsonObject(valueAt(value, 'servers')) || isJsonObject(valueAt(value, 'mcp', 'servers'))) return 'vscode';
  return isJsonObject(valueAt(value, 'mcp')) ? 'opencode' : undefined;
}
