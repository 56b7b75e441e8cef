const login = 'log in to it with mcp-marshal login';
const startup = 'mcp-marshal has a limit of its own for the start of a server';
const folders = 'it is about where the client runs it';

const reasons: Readonly<Record<string, string>> = {
  auth: login,
  oauth: login,
  oauth_resource: login,
  scopes: login,
  authProviderType: login,
  bearer_token: 'the client refuses it; it takes bearer_token_env_var',
  headersHelper: 'a program that makes headers has no counterpart; put the header in headers, with a variable',
  connectionTimeout: startup,
  startup_timeout_sec: startup,
  startup_timeout_ms: startup,
  initTimeout: startup,
  networkTimeout: 'it is not the limit of a call',
  timeout: 'it is no length of time',
  tool_timeout_sec: 'it is no length of time',
  required: 'a server that cannot be reached never stops the others',
  supports_parallel_tool_calls: 'a policy says what may run in parallel',
  settings: 'they are handed to an extension of the client',
  dev: 'it restarts the server while somebody works on it',
  remote: folders,
  experimental_environment: folders,
  sandbox: 'mcp-marshal starts servers without a sandbox',
  sandboxEnabled: 'mcp-marshal starts servers without a sandbox',
  serverInstructions: 'mcp-marshal passes on what the server says of itself',
};

/** Why a key of an entry is passed over. */
export function reasonOfKey(key: string): string {
  return (Object.hasOwn(reasons, key) ? reasons[key] : undefined) ?? 'mcp-marshal has no counterpart to it';
}
