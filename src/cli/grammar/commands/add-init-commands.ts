import { Option } from 'commander';
import type { Command } from 'commander';
import { usageFailure } from '../../failure.ts';
import type { Run } from '../run.ts';
import { example, jsonOption } from '../shared-options.ts';

/** Loaded when they are called, as all commands are. */
const commands = {
  init: () => import('../../commands/clients/init.ts'),
  import: () => import('../../commands/clients/import.ts'),
  importPolicies: () => import('../../commands/clients/import-policies.ts'),
};

interface InitOptions {
  yes?: boolean;
  from?: string[];
  here?: boolean;
  dryRun?: boolean;
  offline?: boolean;
}

interface ImportOptions {
  permissions?: boolean;
  policies?: boolean;
  from?: string[];
  write?: boolean;
  dryRun?: boolean;
  takeAll?: boolean;
}

const fromOption = [
  '--from <client|file...>',
  'clients, such as cursor, or their files; default: all clients',
] as const;

/** The commands that take over what clients have. */
export function addInitCommands(program: Command, run: Run, timeoutOption: TimeoutOption): void {
  program
    .command('init')
    .description("propose a first configuration from your clients' servers, with a policy for each")
    .option('-y, --yes', 'ask nothing, and take everything')
    .option(...fromOption)
    .option('--here', 'write marshal.yaml in this folder; default: the one of your user, or --config')
    .option('--dry-run', 'print what would be written')
    .option('--offline', 'connect to nothing; tools are then not known')
    .option(...timeoutOption)
    .option(...jsonOption)
    .addHelpText('after', initHelp)
    .action(({ yes, from = [], here, dryRun, offline }: InitOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await commands.init()).init(context, {
          yes: yes === true,
          from,
          here: here === true,
          dryRun: dryRun === true,
          offline: offline === true,
        }),
      ),
    );

  program
    .command('import')
    .description("add your clients' servers to the configuration, or take over their rules for tools")
    .option('--permissions', 'allow, ask and deny rules for tools, as policy, in the place of servers')
    .addOption(
      new Option('--policies', 'a policy for each server that nobody has judged, by its tools').conflicts([
        'permissions',
        'from',
      ]),
    )
    .option(...fromOption)
    .option('--write', 'write the changes; the old files are kept beside the new ones')
    .addOption(new Option('--dry-run', 'print what would be written; the default').conflicts('write'))
    .option(
      '--take-all',
      'with --permissions: the allow of a whole server, too; its destructive tools need no approval then',
    )
    .option(...timeoutOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal import --from cursor --write'))
    .action(({ permissions, policies, from = [], write, takeAll }: ImportOptions, command: Command) => {
      if (takeAll === true && permissions !== true) {
        throw usageFailure('--take-all is about rules for tools', 'write mcp-marshal import --permissions --take-all');
      }
      return run(command.optsWithGlobals(), async (context) => {
        if (policies === true)
          return (await commands.importPolicies()).importPolicies(context, { write: write === true });
        const { importPermissions, importServers } = await commands.import();
        const options = { from, write: write === true };
        return permissions === true
          ? importPermissions(context, { ...options, takeAll: takeAll === true })
          : importServers(context, options);
      });
    });
}

type TimeoutOption = readonly [string, string, (written: string) => number];

const initHelp = `
Reads the files of your clients, starts the servers that you choose to see their tools, and writes marshal.yaml, a
policy for each server, and marshal.env with the secrets, for you alone. Writes over no file. Ends with 1 where no
server was found, and with 2 where there is a configuration already or nobody can be asked: see --yes.

Example:
  mcp-marshal init --yes --from claude-code cursor`;
