import { Option } from 'commander';
import type { Command } from 'commander';
import type { Run } from './run.ts';
import { example, jsonOption } from './shared-options.ts';

interface Options {
  status?: boolean;
  forget?: boolean;
  browser: boolean;
}

/** The command by which a person logs in to a server. */
export function addLoginCommand(program: Command, run: Run): void {
  program
    .command('login')
    .description('log in to a server behind a URL, in the browser; the login is kept and renewed')
    .argument('[server]', 'its name in the configuration')
    .option('--no-browser', 'print the address of the page only')
    .addOption(new Option('--status', 'say whether somebody is logged in, and until when').conflicts('forget'))
    .option('--forget', 'remove the login from this machine')
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal login linear'))
    .action((server: string | undefined, { status = false, forget = false, browser }: Options, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await import('../commands/login.ts')).login(context, { server, status, forget, browser }),
      ),
    );
}
