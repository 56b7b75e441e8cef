import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { ClientId } from '../client.ts';
import { bareShellSyntax, bracesSyntax, editorSyntax, shellSyntax, templateSyntax } from './variable-syntax.ts';
import type { VariableSyntax } from './variable-syntax.ts';

/** How a client writes the entry of a server, beyond what all of them share. */
export interface EntryForm {
  /** Absent: the client expands nothing. */
  syntax?: VariableSyntax;
  /** The limit of one call. */
  timeout?: { key: string; toMs(value: number): number };
  /** How an address without a type is reached. */
  bareType(entry: JsonObject): 'http' | 'sse';
  /** Whether its servers start in the folder that is worked in; else nobody has written down where. */
  startsInWorkspace: boolean;
  /** Environment and headers in our own words, beside those that the entry has as they are. */
  ours?(entry: JsonObject): { env?: Record<string, string>; headers?: Record<string, string> };
  /** Keys that are neither lost nor part of the launch: rules, which are read elsewhere, and what only serves the client's looks. */
  silent: readonly string[];
}

const inMs = (value: number): number => value;
const inSeconds = (value: number): number => value * 1000;
const isHttp = (): 'http' => 'http';

const cursorWords = ['env', 'userHome', 'workspaceFolder', 'workspaceFolderBasename', 'pathSeparator', '/'];
const codeWords = [
  ...cursorWords,
  'workspaceRoot',
  'cwd',
  'input',
  'config',
  'command',
  'execPath',
  'extensionInstallFolder',
  'file',
  'relativeFile',
  'selectedText',
  'lineNumber',
  'defaultBuildTask',
];

/**
 * What each client's entries look like.
 *
 * | client         | variables                                        | limit of a call               | address without type  | source                                             |
 * | -------------- | ------------------------------------------------ | ----------------------------- | --------------------- | -------------------------------------------------- |
 * | Claude Code    | `${X}`, `${X:-d}`                                | `timeout`, ms                 | HTTP                  | its documentation: MCP                             |
 * | Claude Desktop | none                                             |                               | HTTP                  | the protocol's quickstart                          |
 * | Cursor         | `${env:X}`, `${userHome}`, `${workspaceFolder}` … |                              | HTTP                  | its documentation: MCP, config interpolation       |
 * | VS Code        | all of its variables, `${input:id}`              |                               | HTTP                  | its MCP configuration and variables references     |
 * | Windsurf       | `${env:X}`, `${file:path}`                       |                               | HTTP                  | its documentation: Cascade, MCP                    |
 * | Zed            | none                                             | `timeout`, s, once ms         | HTTP                  | its documentation: MCP; its settings' source       |
 * | Codex          | none; `env_vars`, `env_http_headers`             | `tool_timeout_sec`            | HTTP                  | its configuration reference; `mcp_types.rs`        |
 * | Gemini CLI     | `$X`, `${X}`, `${X:-d}`                          | `timeout`, ms                 | `url`: SSE            | its documentation: MCP servers; `envVarResolver.ts` |
 * | opencode       | `{env:X}`, `{file:path}`                         | `timeout`, ms                 | HTTP                  | its documentation: config; `config/mcp.ts`         |
 * | Cline          | `${env:X}`                                       | `timeout`, s                  | SSE                   | `mcp/schemas.ts`; its change 8079                  |
 * | Roo Code       | `${env:X}`, `${workspaceFolder}`                 | `timeout`, s                  | HTTP                  | its documentation: MCP; `utils/config.ts`          |
 * | Continue       | `${{ secrets.X }}`, `${{ inputs.X }}`; `${X}` in JSON |                          | HTTP                  | its reference; `config-yaml`, `convertJson.ts`     |
 * | Copilot CLI    | `$X`, `${X}`, `${X:-d}`                          | `timeout`, ms                 | HTTP                  | its documentation; its issue 903                   |
 */
export const entryForms: Record<ClientId, EntryForm> = {
  'claude-code': {
    syntax: shellSyntax,
    timeout: { key: 'timeout', toMs: inMs },
    bareType: isHttp,
    startsInWorkspace: true,
    silent: ['alwaysLoad'],
  },
  'claude-desktop': { bareType: isHttp, startsInWorkspace: false, silent: [] },
  cursor: {
    syntax: editorSyntax(cursorWords),
    bareType: isHttp,
    startsInWorkspace: true,
    silent: [],
  },
  vscode: {
    syntax: editorSyntax(codeWords),
    bareType: isHttp,
    startsInWorkspace: true,
    silent: ['gallery', 'version'],
  },
  windsurf: {
    syntax: editorSyntax(['env', 'file']),
    bareType: isHttp,
    startsInWorkspace: false,
    silent: ['disabledTools', 'alwaysAllow'],
  },
  zed: {
    // Milliseconds until 2026, seconds since: nobody waits for a quarter of an hour in seconds, or for a second in milliseconds.
    timeout: { key: 'timeout', toMs: (value) => (value >= 1000 ? value : value * 1000) },
    bareType: isHttp,
    startsInWorkspace: true,
    silent: ['source'],
  },
  codex: {
    timeout: { key: 'tool_timeout_sec', toMs: inSeconds },
    bareType: isHttp,
    startsInWorkspace: true,
    ours: ofCodex,
    silent: [
      'name',
      'env_vars',
      'bearer_token_env_var',
      'env_http_headers',
      'enabled_tools',
      'disabled_tools',
      'tools',
      'default_tools_approval_mode',
    ],
  },
  'gemini-cli': {
    syntax: bareShellSyntax,
    timeout: { key: 'timeout', toMs: inMs },
    bareType: ({ httpUrl }) => (typeof httpUrl === 'string' ? 'http' : 'sse'),
    startsInWorkspace: true,
    silent: ['trust', 'includeTools', 'excludeTools', 'description'],
  },
  opencode: {
    syntax: bracesSyntax,
    timeout: { key: 'timeout', toMs: inMs },
    bareType: isHttp,
    startsInWorkspace: true,
    silent: [],
  },
  cline: {
    syntax: editorSyntax(['env']),
    timeout: { key: 'timeout', toMs: inSeconds },
    bareType: () => 'sse',
    startsInWorkspace: false,
    silent: ['autoApprove', 'alwaysAllow'],
  },
  roo: {
    syntax: editorSyntax(['env', 'workspaceFolder']),
    timeout: { key: 'timeout', toMs: inSeconds },
    bareType: isHttp,
    startsInWorkspace: true,
    silent: ['autoApprove', 'alwaysAllow', 'disabledTools', 'watchPaths'],
  },
  continue: { syntax: templateSyntax, bareType: isHttp, startsInWorkspace: true, silent: ['name', 'faviconUrl'] },
  'copilot-cli': {
    syntax: bareShellSyntax,
    timeout: { key: 'timeout', toMs: inMs },
    bareType: isHttp,
    startsInWorkspace: true,
    silent: ['tools'],
  },
};

/** Variables that Codex hands on. It passes over those that are not set, all but the token. */
function ofCodex(entry: JsonObject): { env: Record<string, string>; headers: Record<string, string> } {
  const { env_vars: passed, bearer_token_env_var: token, env_http_headers: headers } = entry;
  const names = Array.isArray(passed) ? passed.map((one) => (isJsonObject(one) ? one['name'] : one)) : [];
  const ofHeaders = isJsonObject(headers) ? Object.entries(headers) : [];
  const optional = ([name, variable]: readonly [string, JsonValue | undefined]): [string, string][] =>
    isVariable(variable) ? [[name, `\${${variable}:-}`]] : [];
  return {
    env: Object.fromEntries(names.flatMap((name) => (isVariable(name) ? optional([name, name]) : []))),
    headers: {
      ...Object.fromEntries(ofHeaders.flatMap(optional)),
      ...(isVariable(token) && { Authorization: `Bearer \${${token}}` }),
    },
  };
}

function isVariable(name: JsonValue | undefined): name is string {
  return typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(name);
}
