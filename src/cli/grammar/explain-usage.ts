/** Words that other programs have for what ours calls otherwise, and what to write here. */
const habits: Readonly<Record<string, string>> = {
  config: 'mcp-marshal check says which configuration is used, and what is wrong with it',
  delete: 'write mcp-marshal remove NAME',
  explain: 'write mcp-marshal tools explain NAME',
  find: 'write mcp-marshal tools find WORDS',
  history: 'write mcp-marshal log',
  list: 'write mcp-marshal tools',
  ls: 'write mcp-marshal tools',
  mcp: 'write mcp-marshal add, remove or tools',
  rm: 'write mcp-marshal remove NAME',
  run: 'write mcp-marshal serve, call or batch',
  search: 'write mcp-marshal tools find WORDS',
  server: 'write mcp-marshal add, remove or tools',
  servers: 'write mcp-marshal add, remove or tools',
  setup: 'write mcp-marshal init',
  start: 'write mcp-marshal serve',
  status: 'write mcp-marshal doctor',
  uninstall:
    'mcp-marshal install CLIENT --uninstall takes it out of a client, --all of every one; mcp-marshal remove NAME takes out a server',
  update: 'npm does that: npm install --global, with the newer package',
  upgrade: 'npm does that: npm install --global, with the newer package',
  validate: 'write mcp-marshal check',
  version: 'write mcp-marshal --version',
};

/**
 * The parser's message about a command line in our form, and what to do about it: to see the help of the command `path`, or what is
 * written here for a word from elsewhere, where a command is expected: below another one it means something of that.
 */
export function explainUsage(error: string, path: string): { message: string; fix: string } {
  const message = error
    .replace(/^error: /, '')
    // What stands behind a flag may be secret.
    .replace(/(unknown option '-[^'=]*)=[^']*'/, "$1'")
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  const fix = path.includes(' ') ? undefined : meantBy(message);
  const help = `see ${path} --help`;
  if (message.startsWith("unknown option '--scope'")) {
    return { message, fix: `leave it out: --config FILE says which configuration is meant; ${help}` };
  }
  // It is the server's own.
  const isGlued = path === 'mcp-marshal add' && message.startsWith('unknown option');
  if (isGlued) return { message, fix: `write -- before the command of the server: ${path} NAME -- COMMAND; ${help}` };
  if (fix === undefined) return { message, fix: help };
  // What is near in letters alone, such as install for uninstall, may be the opposite of what is meant.
  return { message: message.replace(/ \(Did you mean [^)]*\)$/, ''), fix };
}

function meantBy(message: string): string | undefined {
  if (message.includes("unknown option '-v'")) return 'write -V or --version';
  const [, word = ''] = /unknown command '([^']*)'/.exec(message) ?? [];
  return Object.hasOwn(habits, word) ? habits[word] : undefined;
}
