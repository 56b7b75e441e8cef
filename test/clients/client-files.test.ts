import { describe, expect, test } from 'vitest';
import { clientFiles } from '../../src/clients/client-files.ts';
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
    ['CLINE_MCP_SETTINGS_PATH', 'cline', ['/cfg'], '/home/ann/.cline/data/settings/cline_mcp_settings.json'],
  ])('%s moves those of %s', (name, client, moved, usual) => {
    const paths = pathsOf({ ...linux, env: { [name]: '/cfg' } }, client);
    for (const path of moved) expect(paths).toContain(path);
    expect(paths).not.toContain(usual);
    expect(pathsOf({ ...linux, env: { [name]: 'relative' } }, client)).toContain(usual);
  });

  test('each is looked at once where the home is the folder that is worked in', () => {
    const paths = clientFiles({ ...linux, cwd: linux.home }).map(({ client, path }) => `${client} ${path}`);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
