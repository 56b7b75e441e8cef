import { Argument } from 'commander';
import type { Command } from 'commander';
import { shells } from '../../completion/shells.ts';
import type { Shell } from '../../completion/shells.ts';
import type { Run } from '../run.ts';
import { example } from '../shared-options.ts';

/** Loaded when they are called, as all commands are. */
const commands = { completion: () => import('../../commands/completion.ts') };

/** The command that prints a shell's completion script, and the one that the script asks. */
export function addCompletionCommand(program: Command, run: Run): void {
  program
    .command('completion')
    .description('print the script that has a shell complete commands, tools and batches')
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .addHelpText('after', completionHelp)
    .action((shell: Shell, _options, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await commands.completion()).completion(context, shell)),
    );

  program
    .command('complete', { hidden: true })
    .description('print what can stand at the end of these words')
    .argument('[words...]', 'behind --, up to the cursor')
    .option('--new-word', 'the cursor is behind them, where a new one begins')
    .action((words: string[], { newWord }: { newWord?: boolean }, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await commands.completion()).complete(context, {
          program,
          words: newWord === true ? [...words, ''] : words,
        }),
      ),
    );
}

const completionHelp = `
Tools come from the lists that are kept, batches from the journal: nothing is started. Where a shell looks for it:
  bash:        echo 'source <(mcp-marshal completion bash)' >> ~/.bashrc
  zsh:         mcp-marshal completion zsh > "\${fpath[1]}/_mcp-marshal"
  fish:        mcp-marshal completion fish > ~/.config/fish/completions/mcp-marshal.fish
  powershell:  mcp-marshal completion powershell >> $PROFILE
${example('source <(mcp-marshal completion bash)')}`;
