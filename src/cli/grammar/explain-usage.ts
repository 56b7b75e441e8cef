/** Words that other programs have for what ours calls otherwise, and what to write here. */
const habits: Readonly<Record<string, string>> = {
  add: 'write the server into marshal.yaml, or take it over from a client with mcp-marshal import --write',
  config: 'mcp-marshal check says which configuration is used, and what is wrong with it',
  explain: 'write mcp-marshal tools explain NAME',
  find: 'write mcp-marshal tools find WORDS',
  history: 'write mcp-marshal log',
  list: 'write mcp-marshal tools',
  ls: 'write mcp-marshal tools',
  remove: 'mcp-marshal install CLIENT --uninstall takes it out of a client, --all of every one',
  run: 'write mcp-marshal serve, call or batch',
  search: 'write mcp-marshal tools find WORDS',
  setup: 'write mcp-marshal init',
  start: 'write mcp-marshal serve',
  status: 'write mcp-marshal doctor',
  uninstall: 'mcp-marshal install CLIENT --uninstall takes it out of a client, --all of every one',
  update: 'npm does that: npm install --global, with the newer package',
  upgrade: 'npm does that: npm install --global, with the newer package',
  validate: 'write mcp-marshal check',
  version: 'write mcp-marshal --version',
};

/** The parser's message about a command line in our form, and what to do about it: `help`, or what is written here for a word from elsewhere. */
export function explainUsage(error: string, help: string): { message: string; fix: string } {
  const message = error
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  const fix = meantBy(message);
  if (fix === undefined) return { message, fix: help };
  // What is near in letters alone, such as install for uninstall, may be the opposite of what is meant.
  return { message: message.replace(/ \(Did you mean [^)]*\)$/, ''), fix };
}

function meantBy(message: string): string | undefined {
  if (message.includes("unknown option '-v'")) return 'write -V or --version';
  const [, word = ''] = /unknown command '([^']*)'/.exec(message) ?? [];
  return Object.hasOwn(habits, word) ? habits[word] : undefined;
}
