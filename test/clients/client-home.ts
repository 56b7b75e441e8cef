import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ClientId } from '../../src/clients/client.ts';

/** A person's home and the folder that is worked in, with what clients keep there. */
export interface ClientHome {
  path: string;
  home: string;
  project: string;
  write(name: string, text: string | Uint8Array): string;
  remove(): void;
}

/** By fixture, where its client has it. */
const places: Record<string, string> = {
  'home/claude/settings.json': 'home/.claude/settings.json',
  'home/claude/claude.json': 'home/.claude.json',
  'home/codex/config.toml': 'home/.codex/config.toml',
  'home/gemini/settings.json': 'home/.gemini/settings.json',
  'home/gemini/policies/mine.toml': 'home/.gemini/policies/mine.toml',
  'home/cline/cline_mcp_settings.json': 'home/.cline/data/settings/cline_mcp_settings.json',
  'home/zed/settings.json': 'home/.config/zed/settings.json',
  'project/claude/settings.json': 'project/.claude/settings.json',
  'project/gemini/settings.json': 'project/.gemini/settings.json',
};
const fixtures = join(import.meta.dirname, 'fixtures');

/** A new home with these fixtures in it; with all of them where none are named. */
export function createClientHome(names: readonly string[] = Object.keys(places)): ClientHome {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'marshal-clients-')));
  const target = (name: string): string => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  for (const folder of ['home', 'project']) mkdirSync(join(path, folder));
  for (const name of names) cpSync(join(fixtures, name), target(places[name]!));
  return {
    path,
    home: join(path, 'home'),
    project: join(path, 'project'),
    write(name, text) {
      const file = target(name);
      writeFileSync(file, text);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/**
 * The machine of somebody who has all thirteen clients: by fixture of `fixtures/machine`, where Linux has it. `~` is the home, `.` the
 * folder that is worked in. The fixtures end in `.txt` so that no formatter straightens what is meant to be odd.
 */
const machine: Record<ClientId, Record<string, string>> = {
  'claude-code': {
    'user.claude.json': '~/.claude.json',
    'settings.json': '~/.claude/settings.json',
    'project.mcp.json': './.mcp.json',
  },
  'claude-desktop': { 'claude_desktop_config.json': '~/.config/Claude/claude_desktop_config.json' },
  cursor: { 'user.mcp.json': '~/.cursor/mcp.json', 'project.mcp.json': './.cursor/mcp.json' },
  vscode: {
    'user.mcp.json': '~/.config/Code/User/mcp.json',
    'user.settings.json': '~/.config/Code/User/settings.json',
    'workspace.mcp.json': './.vscode/mcp.json',
  },
  windsurf: { 'mcp_config.json': '~/.codeium/windsurf/mcp_config.json' },
  zed: { 'user.settings.json': '~/.config/zed/settings.json', 'project.settings.json': './.zed/settings.json' },
  codex: { 'user.config.toml': '~/.codex/config.toml', 'project.config.toml': './.codex/config.toml' },
  'gemini-cli': {
    'user.settings.json': '~/.gemini/settings.json',
    'project.settings.json': './.gemini/settings.json',
  },
  opencode: { 'user.opencode.jsonc': '~/.config/opencode/opencode.jsonc', 'project.opencode.json': './opencode.json' },
  cline: {
    'cline_mcp_settings.json':
      '~/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
  },
  roo: {
    'mcp_settings.json': '~/.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json',
    'project.mcp.json': './.roo/mcp.json',
  },
  continue: {
    'config.yaml': '~/.continue/config.yaml',
    'project.files.yaml': './.continue/mcpServers/files.yaml',
    'project.copied.json': './.continue/mcpServers/copied.json',
  },
  'copilot-cli': { 'mcp-config.json': '~/.copilot/mcp-config.json' },
};

/**
 * Lays the files of all thirteen clients out, as Linux has them, and returns their paths. Each client has a server `memory` that is
 * `node SERVER memory`; nearly all others can be neither started nor reached. Everything secret in them begins with
 * `not-a-secret-canary-`. Without `server` the word `@@SERVER@@` stays where it stands.
 */
export async function layOutHome(
  home: string,
  cwd: string,
  { server }: { server?: string } = {},
): Promise<Record<ClientId, string[]>> {
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  const layOut = async (client: ClientId): Promise<string[]> => {
    const paths = Object.entries(machine[client]).map(async ([fixture, place]) => {
      const path = join(place.startsWith('~') ? home : cwd, place.slice(1));
      const text = await readFile(join(fixtures, 'machine', client, `${fixture}.txt`), 'utf8');
      await mkdir(dirname(path), { recursive: true });
      const placed = text.replaceAll('@@CWD@@', () => inJson(cwd));
      await writeFile(path, server === undefined ? placed : placed.replaceAll('@@SERVER@@', () => inJson(server)));
      return path;
    });
    return Promise.all(paths);
  };
  return {
    'claude-code': await layOut('claude-code'),
    'claude-desktop': await layOut('claude-desktop'),
    cursor: await layOut('cursor'),
    vscode: await layOut('vscode'),
    windsurf: await layOut('windsurf'),
    zed: await layOut('zed'),
    codex: await layOut('codex'),
    'gemini-cli': await layOut('gemini-cli'),
    opencode: await layOut('opencode'),
    cline: await layOut('cline'),
    roo: await layOut('roo'),
    continue: await layOut('continue'),
    'copilot-cli': await layOut('copilot-cli'),
  };
}
