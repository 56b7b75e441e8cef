import { posix, win32 } from 'node:path';
import type { ClientFile, ClientId } from './client.ts';

/** What decides where programs keep their files. */
export interface Surroundings {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** Of the user; absolute. */
  home: string;
  /** The folder that is worked in; absolute. */
  cwd: string;
}

/**
 * Where each client keeps its rules and its servers: every file that could be there, none of which need be.
 *
 * | client      | files                                                                                             | source              |
 * | ----------- | ------------------------------------------------------------------------------------------------- | ------------------- |
 * | Claude Code | `settings.json`, `settings.local.json`, `managed-settings.json` and `managed-settings.d`; servers in `.claude.json` and `.mcp.json` | its documentation: settings, managed settings, MCP |
 * | Codex       | `config.toml` of `CODEX_HOME`, of the project and of the system                                    | its configuration reference |
 * | Gemini CLI  | `settings.json` of user, project and system; `policies/*.toml`                                     | its documentation: configuration, policy engine |
 * | Cline       | `cline_mcp_settings.json` in the storage of its editor, or of its command line                     | its documentation: MCP; the editors' folders are common knowledge |
 * | Zed         | `settings.json` of user and project                                                                | its documentation: tool permissions, configuration |
 */
export function clientFiles({ platform, env, home, cwd }: Surroundings): ClientFile[] {
  const isWindows = platform === 'win32';
  const { join, isAbsolute } = isWindows ? win32 : posix;
  const folder = (name: string, fallback: string): string => {
    const set = env[name];
    return set !== undefined && isAbsolute(set) ? set : fallback;
  };
  const library = join(home, 'Library', 'Application Support');
  const roaming = folder('APPDATA', join(home, 'AppData', 'Roaming'));
  const shared = folder('PROGRAMDATA', 'C:\\ProgramData');
  const programs = folder('PROGRAMFILES', 'C:\\Program Files');
  const xdg = folder('XDG_CONFIG_HOME', join(home, '.config'));
  const bySystem = (names: { linux: string; darwin: string; win32: string }): string =>
    platform === 'darwin' || platform === 'win32' ? names[platform] : names.linux;
  const files: ClientFile[] = [];
  const add = (client: ClientId, scope: ClientFile['scope'], path: string, each?: ClientFile['each']): void => {
    files.push({ client, scope, path, ...(each !== undefined && { each }) });
  };

  const claudeSet = env['CLAUDE_CONFIG_DIR'];
  const claude = folder('CLAUDE_CONFIG_DIR', join(home, '.claude'));
  const claudeManaged = bySystem({
    linux: '/etc/claude-code',
    darwin: '/Library/Application Support/ClaudeCode',
    win32: join(programs, 'ClaudeCode'),
  });
  add('claude-code', 'managed', join(claudeManaged, 'managed-settings.json'));
  add('claude-code', 'managed', join(claudeManaged, 'managed-settings.d'), '.json');
  add('claude-code', 'managed', join(claudeManaged, 'managed-mcp.json'));
  add('claude-code', 'user', join(claude, 'settings.json'));
  add('claude-code', 'user', join(claudeSet === claude ? claude : home, '.claude.json'));
  add('claude-code', 'project', join(cwd, '.claude', 'settings.json'));
  add('claude-code', 'project', join(cwd, '.claude', 'settings.local.json'));
  add('claude-code', 'project', join(cwd, '.mcp.json'));

  if (!isWindows) add('codex', 'managed', '/etc/codex/config.toml');
  add('codex', 'user', join(folder('CODEX_HOME', join(home, '.codex')), 'config.toml'));
  add('codex', 'project', join(cwd, '.codex', 'config.toml'));

  const geminiSystem = bySystem({
    linux: '/etc/gemini-cli',
    darwin: '/Library/Application Support/GeminiCli',
    win32: join(shared, 'gemini-cli'),
  });
  const gemini = join(folder('GEMINI_CLI_HOME', home), '.gemini');
  add('gemini-cli', 'managed', folder('GEMINI_CLI_SYSTEM_SETTINGS_PATH', join(geminiSystem, 'settings.json')));
  add('gemini-cli', 'managed', join(geminiSystem, 'policies'), '.toml');
  add('gemini-cli', 'user', join(gemini, 'settings.json'));
  add('gemini-cli', 'user', join(gemini, 'policies'), '.toml');
  add('gemini-cli', 'project', join(cwd, '.gemini', 'settings.json'));
  add('gemini-cli', 'project', join(cwd, '.gemini', 'policies'), '.toml');

  const editors = bySystem({ linux: xdg, darwin: library, win32: roaming });
  for (const editor of ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf']) {
    const storage = join(editors, editor, 'User', 'globalStorage', 'saoudrizwan.claude-dev', 'settings');
    add('cline', 'user', join(storage, 'cline_mcp_settings.json'));
  }
  const cline = join(home, '.cline', 'data', 'settings', 'cline_mcp_settings.json');
  add('cline', 'user', folder('CLINE_MCP_SETTINGS_PATH', cline));

  add('zed', 'user', join(isWindows ? join(roaming, 'Zed') : join(xdg, 'zed'), 'settings.json'));
  add('zed', 'project', join(cwd, '.zed', 'settings.json'));

  // A home that is also the folder that is worked in has one file of each, not two.
  return [...new Map(files.map((file) => [`${file.client} ${file.path}`, file])).values()];
}
