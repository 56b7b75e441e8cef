import { Option } from 'commander';
import type { Command } from 'commander';
import { usageFailure } from '../../failure.ts';
import type { Run } from '../run.ts';
import { example, jsonOption } from '../shared-options.ts';

/** Loaded when they are called, as all commands are. */
const commands = {
  add: () => import('../../commands/servers/add.ts'),
  remove: () => import('../../commands/servers/remove.ts'),
};

type ServerType = 'stdio' | 'http' | 'sse';

interface AddFlags {
  env?: string[];
  header?: string[];
  cwd?: string;
  type?: ServerType;
  transport?: ServerType;
  url?: string;
  policy?: string;
  offline?: boolean;
  dryRun?: boolean;
}

type TimeoutOption = readonly [flags: string, description: string, parse: (written: string) => number];

/** Told apart in the command itself: the parser's own messages would show values, and those may be secret. */
const collect = (written: string, before: string[] = []): string[] => [...before, written];
const types: readonly ServerType[] = ['stdio', 'http', 'sse'];

/** The commands that change which servers there are, one by one. */
export function addServerCommands(program: Command, run: Run, timeoutOption: TimeoutOption): void {
  program
    .command('add')
    .description('add one server to the configuration, with a policy by its tools')
    .argument('<name>', 'what to call it; its tools are NAME__TOOL')
    .argument('[target...]', 'its URL, or -- and the command that starts it, with its arguments')
    .option('-e, --env <key[=value]>', 'a variable of its environment; KEY alone: as mcp-marshal has it', collect)
    .option('-H, --header <header>', "an HTTP header, such as 'Authorization: Bearer …'", collect)
    .option('--cwd <folder>', 'where its command starts; default: where mcp-marshal was started')
    .addOption(new Option('--type <type>', 'how a URL is spoken to; default: http').choices(types))
    // As other programs call the same.
    .addOption(new Option('-t, --transport <type>').choices(types).conflicts('type').hideHelp())
    .addOption(new Option('--url <url>').hideHelp())
    .option('--policy <policy>', 'a policy file, or builtin:NAME; default: one is proposed by its tools')
    .option('--offline', 'connect to nothing; tools are then not known')
    .option('--dry-run', 'print what would be written')
    .option(...timeoutOption)
    .option(...jsonOption)
    .addHelpText('after', addHelp)
    .action((name: string, words: string[], flags: AddFlags, command: Command) => {
      const { env = [], header = [], cwd, url, policy, offline, dryRun } = flags;
      if (url !== undefined && words.length > 0)
        throw usageFailure('a URL and more were given', 'write one of the two');
      const asked = {
        name,
        target: url === undefined ? words : [url],
        env,
        headers: header,
        cwd,
        type: flags.type ?? flags.transport,
      };
      return run(command.optsWithGlobals(), async (context) =>
        (await commands.add()).add(context, { ...asked, policy, offline: offline === true, dryRun: dryRun === true }),
      );
    });

  program
    .command('remove')
    .description('take one server out of the configuration, and say what else names it')
    .argument('<server>', 'its name in the configuration')
    .option('--dry-run', 'print what would be written')
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal remove memory --dry-run'))
    .action((name: string, { dryRun }: { dryRun?: boolean }, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await commands.remove()).remove(context, { name, dryRun: dryRun === true }),
      ),
    );
}

const addHelp = `
Starts or reaches it to see its tools. Secrets in its environment, headers, arguments and URL go to the file of
variables beside the configuration, for you alone. Where there is no configuration yet, it makes one, where init
would. A server that cannot be reached is added, too: it ends with 4 then, and with 3 where it wants a login.

Examples:
  mcp-marshal add memory -- npx -y @modelcontextprotocol/server-memory
  mcp-marshal add search --env BRAVE_API_KEY=… -- npx -y @brave/brave-search-mcp-server
  mcp-marshal add linear https://mcp.linear.app/mcp --header 'Authorization: Bearer …'`;
