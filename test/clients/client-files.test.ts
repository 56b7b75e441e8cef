import { describe, expect, test } from 'vitest';
import { clientFiles } from '../../src/clients/client-files.ts';
import { clientIds } from '../../src/clients/client.ts';
import type { Surroundings } from '../../src/clients/client-files.ts';

const linux: Surroundings = { platform: 'linux', env: {}, home: '/home/ann', cwd: '/src/app' };
const mac: Surroundings = { platform: 'darwin', env: {}, home: '/Users/ann', cwd: '/Users/ann/app' };
const windows: Surroundings = {
  platform: 'win32',
  env: { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming', PROGRAMDATA: 'D:\\Shared' },
  home: 'C:\\Users\\ann',
  cwd: 'C:\\app',
};

function pathsOf(surroundings: Surroundings, client: string): string[] {
  return clientFiles(surroundings)
    .filter((file) => file.client === client)
    .map(({ path }) => path);
}

describe("a client's files are looked for where its own system has them", () => {
  test.each([
    [linux, 'claude-code', '/etc/claude-code/managed-settings.json'],
    [linux, 'claude-code', '/home/ann/.claude/settings.json'],
    [linux, 'claude-code', '/home/ann/.claude.json'],
    [linux, 'claude-code', '/src/app/.claude/settings.local.json'],
    [linux, 'codex', '/home/ann/.codex/config.toml'],
    [linux, 'gemini-cli', '/etc/gemini-cli/settings.json'],
    [linux, 'gemini-cli', '/home/ann/.gemini/policies'],
    [
      linux,
      'cline',
      '/home/ann/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    ],
    [linux, 'zed', '/home/ann/.config/zed/settings.json'],
    [linux, 'claude-desktop', '/home/ann/.config/Claude/claude_desktop_config.json'],
    [linux, 'cursor', '/home/ann/.cursor/mcp.json'],
    [linux, 'cursor', '/src/app/.cursor/mcp.json'],
    [linux, 'vscode', '/home/ann/.config/Code/User/mcp.json'],
    [linux, 'vscode', '/home/ann/.config/Code - Insiders/User/settings.json'],
    [linux, 'vscode', '/home/ann/.config/Code/User/profiles'],
    [linux, 'vscode', '/src/app/.vscode/mcp.json'],
    [linux, 'windsurf', '/home/ann/.codeium/windsurf/mcp_config.json'],
    [linux, 'opencode', '/home/ann/.config/opencode/opencode.jsonc'],
    [linux, 'opencode', '/src/app/opencode.json'],
    [linux, 'opencode', '/etc/opencode/opencode.json'],
    [linux, 'roo', '/home/ann/.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json'],
    [linux, 'roo', '/src/app/.roo/mcp.json'],
    [linux, 'continue', '/home/ann/.continue/config.yaml'],
    [linux, 'continue', '/src/app/.continue/mcpServers'],
    [linux, 'copilot-cli', '/home/ann/.copilot/mcp-config.json'],
    [mac, 'claude-desktop', '/Users/ann/Library/Application Support/Claude/claude_desktop_config.json'],
    [mac, 'vscode', '/Users/ann/Library/Application Support/Code/User/mcp.json'],
    [mac, 'opencode', '/Users/ann/.config/opencode/opencode.json'],
    [windows, 'claude-desktop', 'C:\\Users\\ann\\AppData\\Roaming\\Claude\\claude_desktop_config.json'],
    [windows, 'cursor', 'C:\\Users\\ann\\.cursor\\mcp.json'],
    [windows, 'vscode', 'C:\\Users\\ann\\AppData\\Roaming\\Code\\User\\mcp.json'],
    [windows, 'windsurf', 'C:\\Users\\ann\\.codeium\\windsurf\\mcp_config.json'],
    [windows, 'opencode', 'D:\\Shared\\opencode\\opencode.json'],
    [windows, 'continue', 'C:\\Users\\ann\\.continue\\config.yaml'],
    [windows, 'copilot-cli', 'C:\\Users\\ann\\.copilot\\mcp-config.json'],
    [mac, 'claude-code', '/Library/Application Support/ClaudeCode/managed-settings.json'],
    [mac, 'gemini-cli', '/Library/Application Support/GeminiCli/settings.json'],
    [
      mac,
      'cline',
      '/Users/ann/Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    ],
    [mac, 'zed', '/Users/ann/.config/zed/settings.json'],
    [windows, 'claude-code', 'C:\\Program Files\\ClaudeCode\\managed-settings.json'],
    [windows, 'claude-code', 'C:\\Users\\ann\\.claude\\settings.json'],
    [windows, 'codex', 'C:\\Users\\ann\\.codex\\config.toml'],
    [windows, 'gemini-cli', 'D:\\Shared\\gemini-cli\\settings.json'],
    [windows, 'zed', 'C:\\Users\\ann\\AppData\\Roaming\\Zed\\settings.json'],
  ])('$platform: %s %s', (surroundings, client, path) => {
    expect(pathsOf(surroundings, client)).toContain(path);
  });

  test.each([
    [
      'CLAUDE_CONFIG_DIR',
      'claude-code',
      ['/cfg/settings.json', '/cfg/.claude.json'],
      '/home/ann/.claude/settings.json',
    ],
    ['CODEX_HOME', 'codex', ['/cfg/config.toml'], '/home/ann/.codex/config.toml'],
    ['XDG_CONFIG_HOME', 'zed', ['/cfg/zed/settings.json'], '/home/ann/.config/zed/settings.json'],
    ['COPILOT_HOME', 'copilot-cli', ['/cfg/mcp-config.json'], '/home/ann/.copilot/mcp-config.json'],
    ['CONTINUE_GLOBAL_DIR', 'continue', ['/cfg/config.yaml'], '/home/ann/.continue/config.yaml'],
    ['CLINE_MCP_SETTINGS_PATH', 'cline', ['/cfg'], '/home/ann/.cline/data/settings/cline_mcp_settings.json'],
  ])('%s moves those of %s', (name, client, moved, usual) => {
    const paths = pathsOf({ ...linux, env: { [name]: '/cfg' } }, client);
    for (const path of moved) expect(paths).toContain(path);
    expect(paths).not.toContain(usual);
    expect(pathsOf({ ...linux, env: { [name]: 'relative' } }, client)).toContain(usual);
  });

  test('those of opencode and of the packaged Claude Desktop lie in more places than one', () => {
    const env = { OPENCODE_CONFIG: '/cfg/mine.json', OPENCODE_CONFIG_DIR: '/more' };
    const paths = pathsOf({ ...linux, env }, 'opencode');
    expect(paths).toEqual(expect.arrayContaining(['/cfg/mine.json', '/more/opencode.jsonc']));
    expect(pathsOf(windows, 'claude-desktop')).toHaveLength(2);
    expect(pathsOf(linux, 'claude-desktop')).toHaveLength(1);
  });

  test('every client has some', () => {
    const found = new Set(clientFiles(linux).map(({ client }) => client));
    expect([...found].sort()).toEqual([...clientIds].sort());
  });

  test("those of the user are the user's, also where the home is the folder that is worked in", () => {
    const elsewhere = clientFiles(linux).filter(({ scope }) => scope === 'user');
    const atHome = new Map(
      clientFiles({ ...linux, cwd: linux.home }).map((file) => [`${file.client} ${file.path}`, file.scope]),
    );
    for (const { client, path } of elsewhere) expect([path, atHome.get(`${client} ${path}`)]).toEqual([path, 'user']);
  });

  test('each is looked at once where the home is the folder that is worked in', () => {
    const paths = clientFiles({ ...linux, cwd: linux.home }).map(
      ({ client, path, each = '' }) => `${client} ${path} ${each}`,
    );
    expect(new Set(paths).size).toBe(paths.length);
  });
});
