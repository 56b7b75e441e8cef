import { InvalidArgumentError, type Command } from 'commander';
import type { Run } from '../run.ts';
import { example } from '../shared-options.ts';

/** Adds `tools find` to the command `tools`. */
export function addFindCommand(listing: Command, run: Run): void {
  listing
    .command('find')
    .description('find tools by what they do, as tools_find does for a model; a name shows all of its tool')
    .argument('<query...>', 'what the tool is to do, or a name')
    .option('--limit <number>', 'show so many at most; default: 8', parseLimit)
    .addHelpText('after', example('mcp-marshal tools find close an issue'))
    .action((words: string[], { limit }: { limit?: number }, command: Command) =>
      run(command.optsWithGlobals(), async (context) => {
        const { find } = await import('../../commands/find.ts');
        return find(context, { query: words.join(' '), limit });
      }),
    );
}

function parseLimit(written: string): number {
  const limit = Number(written);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new InvalidArgumentError('Write a whole number above 0');
  return limit;
}
