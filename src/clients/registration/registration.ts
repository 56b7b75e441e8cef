import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { ClientId } from '../client.ts';
import type { ServerTable } from './text/server-text.ts';

/** For whom a client has a server: its user everywhere, or everybody who works in a folder. */
export type Scope = 'user' | 'project';

/** A file in which a client is to have mcp-marshal. */
export interface Target {
  client: ClientId;
  scope: Scope;
  /** Absolute. It need not be there. */
  path: string;
}

/**
 * How clients have a server switched off: by a key of its entry, or, where they know none that can be relied on, by the entry's not
 * being there; it is kept, and comes back.
 */
export type Switch = { how: 'flag'; key: 'disabled' | 'enabled'; off: boolean } | { how: 'take' };

/** What is to be known of a client to register a server in its file. */
export interface ClientTraits {
  table: ServerTable;
  switchOff: Switch;
  /** Started from a desktop, without what a shell knows: neither its PATH nor its variables. */
  isGui: boolean;
}

const mcpServers: ServerTable = { format: 'json', path: ['mcpServers'] };
const take: Switch = { how: 'take' };
const disabled: Switch = { how: 'flag', key: 'disabled', off: true };

/**
 * By client, as their documentation and sources have it in November 2026.
 *
 * | client         | registered by              | because                                                                                      |
 * | -------------- | -------------------------- | -------------------------------------------------------------------------------------------- |
 * | Claude Code    | its command, else an edit  | it holds a lock on its file, which it writes all the time; the file is its own, without comments |
 * | Codex          | an edit                    | `codex mcp add` knows neither `env_vars` nor time limits                                     |
 * | Gemini CLI     | an edit                    | `gemini mcp add` writes the whole file anew                                                  |
 * | VS Code        | an edit                    | `code --add-mcp` has no counterpart that removes, and picks the profile by itself             |
 * | Copilot CLI    | an edit                    | it adds by a dialogue                                                                        |
 * | all others     | an edit                    | they have no command                                                                         |
 *
 * Of Claude Code, Claude Desktop, Cursor, VS Code and Continue no switch in the file is known; Copilot CLI passes over `disabled`; Gemini
 * CLI's list of excluded servers is one that other files overrule. Their entries are taken out and kept.
 */
const traits: Record<ClientId, ClientTraits> = {
  'claude-code': { table: mcpServers, switchOff: take, isGui: false },
  'claude-desktop': { table: mcpServers, switchOff: take, isGui: true },
  cursor: { table: mcpServers, switchOff: take, isGui: true },
  vscode: { table: { format: 'json', path: ['servers'] }, switchOff: take, isGui: true },
  windsurf: { table: mcpServers, switchOff: disabled, isGui: true },
  zed: {
    table: { format: 'json', path: ['context_servers'] },
    switchOff: { how: 'flag', key: 'enabled', off: false },
    isGui: true,
  },
  codex: {
    table: { format: 'toml', path: ['mcp_servers'] },
    switchOff: { how: 'flag', key: 'enabled', off: false },
    isGui: false,
  },
  'gemini-cli': { table: mcpServers, switchOff: take, isGui: false },
  opencode: {
    table: { format: 'json', path: ['mcp'] },
    switchOff: { how: 'flag', key: 'enabled', off: false },
    isGui: false,
  },
  cline: { table: mcpServers, switchOff: disabled, isGui: true },
  roo: { table: mcpServers, switchOff: disabled, isGui: true },
  continue: { table: { format: 'yaml', path: ['mcpServers'] }, switchOff: take, isGui: true },
  'copilot-cli': { table: mcpServers, switchOff: take, isGui: false },
};

/** The traits of a client, given what its file says: opencode has its servers at another place since its second version. */
export function traitsOf(client: ClientId, value: JsonValue | undefined): ClientTraits {
  if (client !== 'opencode' || !isNewOpencode(value)) return traits[client];
  return { ...traits.opencode, table: { format: 'json', path: ['mcp', 'servers'] }, switchOff: disabled };
}

function isNewOpencode(value: JsonValue | undefined): value is JsonObject {
  const servers = isJsonObject(value) && isJsonObject(value['mcp']) ? value['mcp']['servers'] : undefined;
  // In the first version that would be a server of this name.
  return isJsonObject(servers) && typeof servers['type'] !== 'string';
}
