import type { Command } from 'commander';
import type { Run } from '../run.ts';
import { example, jsonOption } from '../shared-options.ts';

/** The command that accepts what the servers offer. */
export function addLockCommand(
  program: Command,
  run: Run,
  timeoutOption: readonly [string, string, (written: string) => number],
): void {
  program
    .command('lock')
    .description('write down what every server offers now; from then on, what differs is not called')
    .option(
      '--update [name]',
      'accept what has changed: of everything, of a server, or of a tool such as files/read_file',
    )
    .option(...timeoutOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal lock --update files'))
    .action(({ update = false }: { update?: string | boolean }, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await import('../../commands/lock.ts')).lock(context, { update }),
      ),
    );
}
