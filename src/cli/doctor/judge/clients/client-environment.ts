import type { ClientId } from '../../../../clients/client.ts';

/** What a client hands on of its environment to a server that it starts, beside what the entry sets. */
export interface ClientEnvironment {
  passes(variable: string): boolean;
  /** In words that follow the client's title. */
  how: string;
  /** The key of its entry that hands more on. */
  key: string;
  /** How such a key is written. */
  write(variable: string): string;
}

// What the SDK of the protocol hands on (getDefaultEnvironment): clients that are built on it start servers so.
const ofSdk = new Set(['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER']);
// From its source (create_env_for_mcp_server), and what it adds for certificates.
const ofCodex = new Set([
  ...ofSdk,
  '__CF_USER_TEXT_ENCODING',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TZ',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
]);
const ofWindows =
  /^(?:APPDATA|HOMEDRIVE|HOMEPATH|LOCALAPPDATA|PATH|PATHEXT|PROCESSOR_ARCHITECTURE|SYSTEMDRIVE|SYSTEMROOT|TEMP|TMP|USERNAME|USERPROFILE|PROGRAMFILES)$/i;
// From its source: names that look secret are taken out before a server is started.
const ofGemini = /TOKEN|SECRET|PASSWORD|PASSWD|KEY|AUTH|CREDENTIAL|CREDS|PRIVATE|CERT/i;

const env = { key: 'env', write: (name: string): string => `"env": { "${name}": "…" }` };
const sdk: ClientEnvironment = {
  ...env,
  passes: (name) => ofSdk.has(name) || ofWindows.test(name),
  how: 'hands on HOME, PATH and the like only',
};

const environments: Partial<Record<ClientId, ClientEnvironment>> = {
  codex: {
    passes: (name) => ofCodex.has(name) || ofWindows.test(name),
    how: 'hands on HOME, LANG, PATH, SHELL, TERM and the like only',
    key: 'env_vars',
    write: (name) => `env_vars = ["${name}"]`,
  },
  'gemini-cli': {
    passes: (name) => !ofGemini.test(name),
    how: 'takes variables out whose names look secret',
    key: 'env',
    write: (name) => `"env": { "${name}": "$${name}" }`,
  },
  'claude-desktop': { ...sdk, how: 'has no variables of your shell, and hands on HOME, PATH and the like only' },
  cline: sdk,
  roo: sdk,
  continue: sdk,
};

/** Absent: it hands everything on, as far as is known. */
export function environmentOf(client: ClientId): ClientEnvironment | undefined {
  return environments[client];
}

/** Programs with windows, which the desktop starts rather than a shell. */
const started: ReadonlySet<ClientId> = new Set([
  'claude-desktop',
  'cursor',
  'vscode',
  'windsurf',
  'zed',
  'cline',
  'roo',
  'continue',
]);
/** Those of them that ask a shell of its user for its variables when they start (documentation of VS Code, its forks; Zed). */
const asksShell: ReadonlySet<ClientId> = new Set(['cursor', 'vscode', 'windsurf', 'zed', 'cline', 'roo', 'continue']);

/** How far the search path of the client is the one of its user's shell. */
export function searchPathOf(client: ClientId): 'shell' | 'perhaps' | 'own' {
  if (!started.has(client)) return 'shell';
  return asksShell.has(client) ? 'perhaps' : 'own';
}
