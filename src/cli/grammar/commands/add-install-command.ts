import { Argument, InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { clientIds } from '../../../clients/client.ts';
import type { ClientId } from '../../../clients/client.ts';
import { usageFailure } from '../../failure.ts';
import type { Run } from '../run.ts';
import { example, jsonOption } from '../shared-options.ts';

/** Loaded when it is called, as all commands are. */
const load = () => import('../../commands/clients/install.ts');

interface InstallFlags {
  all?: boolean;
  print?: boolean;
  dryRun?: boolean;
  uninstall?: boolean;
  scope: 'user' | 'project';
  name: string;
  switchOff?: boolean;
  keep?: boolean;
  yes?: boolean;
}

/** Registers mcp-marshal in clients, and takes it out again. */
export function addInstallCommand(program: Command, run: Run): void {
  program
    .command('install')
    .description('register mcp-marshal in your clients, or take it out again')
    .addArgument(new Argument('[clients...]', 'which').choices(clientIds))
    .option('--all', 'every client that is there')
    .addOption(
      new Option('--print', 'print the entry and where it belongs; touch nothing').conflicts(['uninstall', 'dryRun']),
    )
    .option('--dry-run', 'print what would change; touch nothing')
    .option('--uninstall', 'take it out: files that did not change since are put back to the last byte')
    .addOption(
      new Option('--scope <scope>', 'for you everywhere, or for the folder you are in')
        .choices(['user', 'project'])
        .default('user'),
    )
    .option('--name <name>', 'what clients are to call it', parseName, 'marshal')
    .option('--switch-off', "switch off the clients' servers that mcp-marshal has, too")
    .addOption(
      new Option('--keep', 'keep them as they are; the default where nobody can be asked').conflicts('switchOff'),
    )
    .option('-y, --yes', 'do not ask')
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal install claude-code cursor --dry-run'))
    .action((clients: ClientId[], flags: InstallFlags, command: Command) => {
      const { all = false, print = false, dryRun = false, uninstall = false, yes = false, scope, name } = flags;
      if (clients.length === 0 && !all) {
        throw usageFailure('no client was named', `name some of ${clientIds.join(', ')}, or write --all`);
      }
      const switchOff = flags.switchOff === true ? true : flags.keep === true ? false : undefined;
      const options = {
        clients: all ? clientIds : clients,
        all,
        print,
        dryRun,
        uninstall,
        yes,
        scope,
        name,
        switchOff,
      };
      return run(command.optsWithGlobals(), async (context) => (await load()).install(context, options));
    });
}

/** VS Code cuts there, and tools are called after it. */
const maxNameChars = 13;

function parseName(written: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(written) || written.length > maxNameChars) {
    throw new InvalidArgumentError(`Write at most ${maxNameChars} letters, digits, - and _`);
  }
  return written;
}
