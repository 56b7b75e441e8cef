import type { JsonObject } from '../../core/json.ts';
import type { ClientId } from '../client.ts';
import type { ClientTraits, Scope } from './registration.ts';

/** How mcp-marshal is started, and what the entry of a client can depend on. */
export interface EntryContext {
  /** For a client that is started from a shell, and for one that is not. */
  launch: { shell: Launch; gui: Launch };
  /** What the command is to be found by in programs without a shell's PATH. Absent: nothing. */
  path?: string;
  /** Names of variables that the configuration refers to. */
  variables: readonly string[];
  /** Those of them that have no default. */
  required: readonly string[];
  /** Of variables that the program itself goes by, those that are set. */
  own: readonly string[];
  /** Those of `variables` that are set where this runs. */
  present: ReadonlySet<string>;
  /** The longest that a batch of the configuration takes to answer. */
  deadlineMs: number;
  scope: Scope;
}

export interface Launch {
  command: string;
  args: readonly string[];
}

/** The limits of a call that clients have by themselves, in seconds; most SDKs' is a minute. */
const usualLimitS = 60;
/** What a reply takes beyond the batch's deadline, and then some: a person may be asked as well. */
const reserveS = 30;

/** The entry of mcp-marshal as this client wants it. `others` are the entries that it has: some versions differ in how they are written. */
export function makeEntry(
  client: ClientId,
  context: EntryContext,
  { traits, others }: { traits: ClientTraits; others: JsonObject },
): JsonObject {
  const { command, args } = traits.isGui ? context.launch.gui : context.launch.shell;
  const limitS = Math.ceil(context.deadlineMs / 1_000) + reserveS;
  const { path } = context;
  // A folder's file is for other machines, too.
  const env = traits.isGui && path !== undefined && context.scope === 'user' ? { env: { PATH: path } } : {};
  const start = { command, args: [...args] };
  const needed = context.variables.filter((name) => context.present.has(name));
  // It hands on HOME, LANG, PATH, SHELL, TERM and what is named here.
  const passed = [...context.own, ...context.variables];
  switch (client) {
    case 'claude-code':
      return { type: 'stdio', ...start, env: {} };
    case 'vscode':
      return { type: 'stdio', ...start, ...env };
    case 'zed':
      // Versions that ask for `source` have it in their other entries; later ones take it out again.
      return { ...(hasSource(others) && { source: 'custom' }), ...start, ...env, timeout: limitS };
    case 'cline':
    case 'roo':
      return { ...start, ...env, ...(limitS > usualLimitS && { timeout: limitS }) };
    case 'codex':
      return {
        ...start,
        ...(passed.length > 0 && { env_vars: passed }),
        startup_timeout_sec: 30,
        tool_timeout_sec: Math.max(120, limitS),
      };
    case 'gemini-cli':
      return { ...start, ...references(needed, (name) => `$${name}`), timeout: Math.max(600, limitS) * 1_000 };
    case 'copilot-cli':
      return { type: 'local', ...start, ...references(needed, (name) => `\${${name}}`), tools: ['*'] };
    case 'opencode':
      return traits.table.path.length > 1
        ? { type: 'local', command: [command, ...args] }
        : { type: 'local', command: [command, ...args], enabled: true, timeout: Math.max(usualLimitS, limitS) * 1_000 };
    case 'claude-desktop':
    case 'cursor':
    case 'windsurf':
    case 'continue':
    default:
      return { ...start, ...env };
  }
}

/** What a person has to see to beside the entry. */
export function entryNotes(client: ClientId, { traits }: { traits: ClientTraits }, context: EntryContext): string[] {
  const { required, present, scope } = context;
  const notes =
    scope === 'project' ? ['it holds paths of this machine: others who share the folder install for themselves'] : [];
  const missing = required.filter((name) => !present.has(name));
  const isPassed = client === 'gemini-cli' || client === 'copilot-cli';
  if (traits.isGui && required.length > 0) {
    notes.push(`it does not know your shell's variables: put ${required.join(', ')} into the configuration's envFile`);
  } else if (isPassed && missing.length > 0) {
    notes.push(`not set here, and so not passed: ${missing.join(', ')}; set what it needs and install again`);
  }
  return notes;
}

/** Variables by reference: the client fills them in, and the file holds no secret. */
function references(names: readonly string[], refer: (name: string) => string): { env?: JsonObject } {
  return names.length === 0 ? {} : { env: Object.fromEntries(names.map((name) => [name, refer(name)])) };
}

function hasSource(others: JsonObject): boolean {
  return Object.values(others).some((entry) => typeof entry === 'object' && entry !== null && 'source' in entry);
}
