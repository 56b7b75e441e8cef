import type { JsonValue } from '../core/json.ts';
import type { Place, Problem } from '../core/place.ts';
import type { Source } from '../config/source/source.ts';

/** The programs whose files are understood. */
export const clientIds = [
  'claude-code',
  'claude-desktop',
  'cursor',
  'vscode',
  'windsurf',
  'zed',
  'codex',
  'gemini-cli',
  'opencode',
  'cline',
  'roo',
  'continue',
  'copilot-cli',
] as const;
export type ClientId = (typeof clientIds)[number];

/** How people call them. */
export const clientTitles: Record<ClientId, string> = {
  'claude-code': 'Claude Code',
  'claude-desktop': 'Claude Desktop',
  cursor: 'Cursor',
  vscode: 'VS Code',
  windsurf: 'Windsurf',
  zed: 'Zed',
  codex: 'Codex',
  'gemini-cli': 'Gemini CLI',
  opencode: 'opencode',
  cline: 'Cline',
  roo: 'Roo Code',
  continue: 'Continue',
  'copilot-cli': 'Copilot CLI',
};

/** A file in which a client keeps rules or servers; it need not be there. */
export interface ClientFile {
  client: ClientId;
  /** Absolute. With `each`, a folder. */
  path: string;
  /** Whose word it is: the administrator's, the user's for everything, or for the folder that is worked in. */
  scope: 'managed' | 'user' | 'project';
  /** Every file of the folder `path` whose name ends so; behind a `/`, the file of that name in each folder of it. */
  each?: '.json' | '.toml' | '.yaml' | '.yml' | '/mcp.json' | '/settings.json';
}

/** A client's file after parsing. */
export interface ClientSource extends Pick<Source, 'value' | 'placeOf'> {
  file: ClientFile;
  /** The folder that is worked in: some files hold what is true of other folders too. */
  cwd: string;
  /** Of the user; absolute. */
  home: string;
  platform: NodeJS.Platform;
}

/**
 * Which tools a rule means. Clients write server and tool as one name, and only who knows the servers can tell where the one ends:
 * `mark` is what stands between.
 */
export type RuleTarget = { server: string; tool: string } | { name: string; mark: '__' | '_' };

/** What a client is told to do with an MCP tool: `*` in names is any characters. */
export interface ClientRule {
  client: ClientId;
  list: 'allow' | 'ask' | 'deny';
  target: RuleTarget;
  place: Place;
  /** As the file has it, without anything that could be secret. */
  written: string;
}

/** A rule that has no counterpart in a policy, and why. */
export interface LeftOver {
  client: ClientId;
  place: Place;
  written: string;
  reason: string;
}

/** A setting under which the client asks its user about nothing at all. */
export interface ClientMode {
  client: ClientId;
  place: Place;
  written: string;
}

/** A server as the client starts or reaches it. Never shown: arguments and addresses may hold secrets. */
export interface ClientServer {
  client: ClientId;
  name: string;
  place: Place;
  launch?: { command: string; args: readonly string[] } | { url: string };
  /** As an entry of our configuration. Absent where it starts or reaches nothing. */
  entry?: ServerEntry;
}

/**
 * A client's server in the words of our configuration: keys, units and variables are ours, what a client expands by itself is expanded.
 * Never shown as it is: `env`, `headers`, `args` and `url` may hold secrets.
 */
export interface ServerEntry {
  launch:
    | { command: string; args: readonly string[]; env: Readonly<Record<string, string>>; cwd?: string }
    | { type: 'http' | 'sse'; url: string; headers: Readonly<Record<string, string>> };
  /** Whether the client starts it. */
  enabled: boolean;
  /** Of one call. */
  timeoutMs?: number;
  /** Variables that the client asks its user for, or keeps elsewhere: our configuration takes them from the environment, by these names. */
  inputs: readonly { variable: string; meaning: string }[];
  /** Keys without a counterpart, each with the reason why it is passed over. */
  left: readonly { key: string; reason: string }[];
}

/** A server that its client has in another folder than the one that is worked in. */
export interface ElsewhereServer {
  client: ClientId;
  name: string;
  /** Absolute. */
  folder: string;
}

/** What one client's files say. */
export interface Reading {
  servers: ClientServer[];
  /** Servers of other folders, where a file has those, too. */
  elsewhere?: ElsewhereServer[];
  rules: ClientRule[];
  modes: ClientMode[];
  left: LeftOver[];
}

/** What one file says, with what can only be settled when all of them are read. */
export interface FileReading extends Reading {
  /** Servers of this client that are switched off, wherever they stand. */
  off: string[];
  /** Files with more of the environment of a server. */
  envFiles: { server: ClientServer; path: string }[];
}

/** All files that were there. */
export interface ClientReadings extends Reading {
  files: ClientFile[];
  /** Files that could not be read, each with the place of the mistake. */
  problems: Problem[];
}

/** Reads one file of a client. Passes over whatever has not the form that it should have. */
export type ReadClient = (source: ClientSource) => FileReading;

/** A name of a client's file as messages have it: no longer than anybody reads. */
export function shorten(written: string): string {
  return written.length > 120 ? `${written.slice(0, 119)}…` : written;
}

/** The value at these keys, or nothing where something on the way is missing. */
export function valueAt(value: JsonValue | undefined, ...keys: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, key)) {
      return undefined;
    }
    found = found[key];
  }
  return found;
}
