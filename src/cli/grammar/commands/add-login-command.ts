import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Run } from '../run.ts';
import { example, jsonOption } from '../shared-options.ts';

interface Options {
  status?: boolean;
  forget?: boolean;
  browser: boolean;
  port?: number;
}

function parsePort(written: string): number {
  const port = /^\d{1,5}$/.test(written) ? Number(written) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError('write a number from 1 to 65535.');
  return port;
}

/** The command by which a person logs in to a server. */
export function addLoginCommand(program: Command, run: Run): void {
  program
    .command('login')
    .description('log in to a server behind a URL, in the browser; the login is kept and renewed')
    .argument('[server]', 'its name in the configuration')
    .option('--no-browser', 'print the address of the page only')
    .option('--port <n>', 'come back to this port, where the client is registered with one; default: any', parsePort)
    .addOption(new Option('--status', 'say whether somebody is logged in, and until when').conflicts('forget'))
    .option('--forget', 'remove the login from this machine')
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal login linear'))
    .action(
      (server: string | undefined, { status = false, forget = false, browser, port }: Options, command: Command) =>
        run(command.optsWithGlobals(), async (context) =>
          (await import('../../commands/login.ts')).login(context, { server, status, forget, browser, port }),
        ),
    );
}
