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
 * | Claude Desktop | `claude_desktop_config.json`; under Windows also in the folder of the packaged program            | the protocol's quickstart; its users' reports |
 * | Cursor      | `.cursor/mcp.json` of home and project                                                             | its documentation: MCP |
 * | VS Code     | `mcp.json` and `settings.json` of the user and of each profile, also of Insiders and VSCodium; `.vscode/mcp.json` | its MCP configuration reference |
 * | Windsurf    | `mcp_config.json` in `.codeium/windsurf`, `windsurf-next` for previews, `.codeium` for its plugins | its documentation: Cascade, MCP; plugins, MCP |
 * | opencode    | `opencode.json(c)`, earlier `config.json`, of XDG's folder on all systems, of `OPENCODE_CONFIG(_DIR)`, project and `.opencode`; managed ones | its documentation: config; `config/paths.ts`, `config/managed.ts` |
 * | Cline       | `cline_mcp_settings.json` in the storage of its editor, or of its command line                     | its documentation: MCP; the editors' folders are common knowledge |
 * | Roo Code    | `mcp_settings.json` in the storage of its editor; `.roo/mcp.json`                                  | its documentation: MCP |
 * | Continue    | `config.yaml`, earlier `config.json`, of `.continue`; `mcpServers` of home and project              | its reference; its documentation: MCP |
 * | Copilot CLI | `mcp-config.json` of `COPILOT_HOME` or `.copilot`, until 1.0 of XDG's folder; `.github/mcp.json` | its documentation: configuration directory; its issue 1954 |
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
    const storage = join(editors, editor, 'User', 'globalStorage');
    add('cline', 'user', join(storage, 'saoudrizwan.claude-dev', 'settings', 'cline_mcp_settings.json'));
    add('roo', 'user', join(storage, 'rooveterinaryinc.roo-cline', 'settings', 'mcp_settings.json'));
  }
  const cline = join(home, '.cline', 'data', 'settings', 'cline_mcp_settings.json');
  add('cline', 'user', folder('CLINE_MCP_SETTINGS_PATH', cline));
  add('roo', 'project', join(cwd, '.roo', 'mcp.json'));

  const desktop = 'claude_desktop_config.json';
  add('claude-desktop', 'user', join(editors, 'Claude', desktop));
  const local = folder('LOCALAPPDATA', join(home, 'AppData', 'Local'));
  const packaged = join(local, 'Packages', 'Claude_pzs8sxrjxfjjc', 'LocalCache', 'Roaming', 'Claude');
  if (isWindows) add('claude-desktop', 'user', join(packaged, desktop));

  add('cursor', 'user', join(home, '.cursor', 'mcp.json'));
  add('cursor', 'project', join(cwd, '.cursor', 'mcp.json'));

  for (const editor of ['Code', 'Code - Insiders', 'VSCodium']) {
    for (const name of ['mcp.json', 'settings.json']) add('vscode', 'user', join(editors, editor, 'User', name));
    const profiles = join(editors, editor, 'User', 'profiles');
    for (const each of ['/mcp.json', '/settings.json'] as const) add('vscode', 'user', profiles, each);
  }
  add('vscode', 'project', join(cwd, '.vscode', 'mcp.json'));

  for (const kind of ['windsurf', 'windsurf-next', '.']) {
    add('windsurf', 'user', join(home, '.codeium', kind, 'mcp_config.json'));
  }

  const opencodeSystem = bySystem({
    linux: '/etc/opencode',
    darwin: '/Library/Application Support/opencode',
    win32: join(shared, 'opencode'),
  });
  const addOpencode = (scope: ClientFile['scope'], at: string, names: readonly string[]): void => {
    for (const name of names) add('opencode', scope, join(at, name));
  };
  const opencodeNames = ['opencode.json', 'opencode.jsonc'];
  addOpencode('managed', opencodeSystem, opencodeNames);
  addOpencode('user', join(xdg, 'opencode'), ['config.json', ...opencodeNames]);
  addOpencode('user', join(home, '.opencode'), opencodeNames);
  const opencodeSet = folder('OPENCODE_CONFIG', '');
  if (opencodeSet !== '') add('opencode', 'user', opencodeSet);
  const opencodeFolder = folder('OPENCODE_CONFIG_DIR', '');
  if (opencodeFolder !== '') addOpencode('user', opencodeFolder, opencodeNames);
  addOpencode('project', cwd, opencodeNames);
  addOpencode('project', join(cwd, '.opencode'), opencodeNames);

  const continueHome = folder('CONTINUE_GLOBAL_DIR', join(home, '.continue'));
  for (const name of ['config.yaml', 'config.json']) add('continue', 'user', join(continueHome, name));
  for (const each of ['.yaml', '.yml', '.json'] as const) {
    add('continue', 'user', join(continueHome, 'mcpServers'), each);
    add('continue', 'project', join(cwd, '.continue', 'mcpServers'), each);
  }

  add('copilot-cli', 'user', join(folder('COPILOT_HOME', join(home, '.copilot')), 'mcp-config.json'));
  const copilotOfXdg = folder('XDG_CONFIG_HOME', '');
  if (copilotOfXdg !== '') add('copilot-cli', 'user', join(copilotOfXdg, '.copilot', 'mcp-config.json'));
  // It reads .mcp.json of the project too; that is Claude Code's here, or everybody who has it would seem to have both.
  add('copilot-cli', 'project', join(cwd, '.github', 'mcp.json'));

  add('zed', 'user', join(isWindows ? join(roaming, 'Zed') : join(xdg, 'zed'), 'settings.json'));
  add('zed', 'project', join(cwd, '.zed', 'settings.json'));

  // A home that is also the folder that is worked in has one file of each, not two: the user's, which stand first.
  const known = new Set<string>();
  return files.filter(({ client, path, each }) => {
    const key = `${client} ${path} ${each}`;
    return !known.has(key) && known.add(key);
  });
}
