/**
 * What a client takes of one server, or of all of them together. Absent: no limit is known, or it is beyond anything that we send.
 * Where versions differ it is what the strictest of those in use takes.
 */
export interface ClientLimits {
  /** One of our ids of clients. */
  client: string;
  /** As people call it. */
  title: string;
  /** Tools of all servers together: the others are left out, or the client refuses to work. */
  maxTools?: number;
  /** Of a tool's name as the client gives it to a model, its own prefix included: longer ones are dropped, cut, or replaced by a hash. */
  maxNameChars?: number;
  /** Refuses every tool of a list in which one name has a dot. */
  refusesDots?: true;
  /** What it puts before the name of a tool. `{server}` is the name under which the server is registered. */
  namePrefix: string;
  /** Of a server's name in that prefix. */
  maxServerChars?: number;
  /** After which it goes on without the server's tools, from its start on. */
  listTimeoutMs?: number;
  /** After which it gives a call up, unless its user sets another time. */
  callTimeoutMs?: number;
}

/** The name under which our server is registered, unless its user chose another one. */
const ourName = 'marshal';

/** What a client takes, by the name that it sends as `clientInfo.name`, or by our id of it. Absent: nothing is known of such a client. */
export function limitsOfClient(name: string): ClientLimits | undefined {
  // Editors add an edition ("Visual Studio Code - Insiders"), bridges and CLIs what they are or connect: "claude-ai (via …)".
  const plain = name.trim().toLowerCase();
  return byName.get(plain) ?? byName.get(plain.replace(/ (?:- |\().*$/, '')) ?? byOpening(plain);
}

/** How long a tool's name may be before the client does something to it. Absent: as long as any of ours. */
export function maxToolNameChars(limits: ClientLimits, server = ourName): number | undefined {
  if (limits.maxNameChars === undefined) return undefined;
  const shown = server.slice(0, limits.maxServerChars);
  return limits.maxNameChars - limits.namePrefix.replace('{server}', shown).length;
}

/** The longest names that any client takes where ours is registered under its own name, each number once. */
export function shortNameLengths(): readonly number[] {
  return lengths;
}

/**
 * By our id. Numbers are those that the clients' documentation, source or users give, as far as our own measurements (Claude Code
 * 2.1.329, Codex 0.169, opencode 1.18.33) do not say better.
 */
const table: readonly (ClientLimits & { names: readonly string[] })[] = [
  {
    client: 'claude-code',
    title: 'Claude Code',
    names: ['claude-code'],
    // Measured: a tool with a longer name is not there.
    maxNameChars: 128,
    namePrefix: 'mcp__{server}__',
    // MCP_TIMEOUT in its documentation of settings.
    listTimeoutMs: 30_000,
  },
  {
    client: 'claude-desktop',
    title: 'Claude Desktop',
    names: ['claude-ai'],
    // Its API refuses the whole list for one "FrontendRemoteMcpToolDefinition.name" that is not ^[a-zA-Z0-9_-]{1,64}$; there is no prefix.
    maxNameChars: 64,
    refusesDots: true,
    namePrefix: '',
    // The default of the SDK that it uses, which its users measure (anthropics/claude-code#22542).
    listTimeoutMs: 60_000,
    callTimeoutMs: 60_000,
  },
  {
    client: 'cursor',
    title: 'Cursor',
    names: ['cursor-vscode', 'cursor-agent'],
    // "Exceeding total tools limit" in its settings; 40 until the middle of 2025.
    maxTools: 80,
    // "Combined server and tool name length … exceeds 60 characters": its users find that server and tool have 59 between them.
    maxNameChars: 60,
    namePrefix: '{server}:',
  },
  {
    client: 'vscode',
    title: 'VS Code',
    // From source: the name of the product, so editions and forks send their own.
    names: ['visual studio code', 'code - oss', 'vscodium'],
    // "Cannot have more than 128 tools per request", those of the editor included (microsoft/vscode-copilot-release#11653).
    maxTools: 128,
    maxNameChars: 64,
    namePrefix: 'mcp_{server}_',
    maxServerChars: 13,
  },
  {
    client: 'windsurf',
    title: 'Windsurf',
    names: ['windsurf-client'],
    // docs.windsurf.com, Cascade MCP: "a limit of 100 total tools that it has access to at any given time".
    maxTools: 100,
    namePrefix: 'mcp0_',
  },
  {
    client: 'zed',
    title: 'Zed',
    names: ['zed'],
    // From source; the server's name is put before a tool's only where two tools share one.
    maxNameChars: 64,
    namePrefix: '',
    // zed-industries/zed#45378, for every request.
    listTimeoutMs: 60_000,
    callTimeoutMs: 60_000,
  },
  {
    client: 'codex',
    title: 'Codex',
    names: ['codex-mcp-client'],
    // Longer ones end in 40 characters of a hash, which leaves ten of ours.
    maxNameChars: 64,
    namePrefix: 'mcp__{server}__',
    // From source: `startup_timeout_sec` and `tool_timeout_sec`; versions since wait longer (30 s, 120 s to 300 s).
    listTimeoutMs: 10_000,
    callTimeoutMs: 60_000,
  },
  {
    client: 'gemini-cli',
    title: 'Gemini CLI',
    // From source: with the name of the server behind it in some versions.
    names: ['gemini-cli-mcp-client'],
    // From source: longer ones lose their middle.
    maxNameChars: 63,
    namePrefix: 'mcp_{server}_',
    // From source, for every request.
    listTimeoutMs: 600_000,
    callTimeoutMs: 600_000,
  },
  {
    client: 'opencode',
    title: 'opencode',
    names: ['opencode'],
    namePrefix: '{server}_',
    // Measured; `timeout` of the server's entry.
    listTimeoutMs: 5_000,
  },
  {
    client: 'cline',
    title: 'Cline',
    names: ['cline', '@cline-core'],
    // That of the model APIs. Six characters of its own stand for the server.
    maxNameChars: 64,
    namePrefix: 'c000000mcp0',
    // cline/cline#8509: lists have five seconds, whatever `timeout` says of calls.
    listTimeoutMs: 5_000,
    callTimeoutMs: 60_000,
  },
  {
    client: 'roo',
    title: 'Roo Code',
    names: ['roo code'],
    // From source: longer ones are cut and end in a hash.
    maxNameChars: 64,
    namePrefix: 'mcp--{server}--',
    callTimeoutMs: 60_000,
  },
  {
    client: 'continue',
    title: 'Continue',
    names: ['continue-client', 'continue-cli-client'],
    namePrefix: '{server}_',
    // From source: the time in which a connection is made and its lists are read.
    listTimeoutMs: 20_000,
  },
  {
    client: 'copilot-cli',
    title: 'Copilot CLI',
    // Other hosts of Copilot send the same.
    names: ['github-copilot-developer', 'github-copilot-cli'],
    namePrefix: '{server}-',
    // github/copilot-cli#1535.
    callTimeoutMs: 60_000,
  },
];

const byName = new Map<string, ClientLimits>(
  table.flatMap(({ names, ...limits }) =>
    [limits.client, limits.title.toLowerCase(), ...names].map((name) => [name, limits]),
  ),
);

/** Names that some versions put something behind. */
function byOpening(name: string): ClientLimits | undefined {
  return name.startsWith('gemini-cli-mcp-client-') ? byName.get('gemini-cli') : undefined;
}

// Beside the names that every client takes only.
const lengths: readonly number[] = [
  ...new Set([...byName.values()].flatMap((limits) => maxToolNameChars(limits) ?? []).filter((chars) => chars < 64)),
];
