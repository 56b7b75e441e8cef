import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { isId } from '../../../approvals/line/line-messages.ts';
import type { Remembrance } from '../../../core/approval.ts';
import type { Run } from '../run.ts';
import { example, jsonOption } from '../shared-options.ts';

/** Loaded when they are called, as all commands are. */
const commands = {
  answer: () => import('../../commands/approvals/answer.ts'),
  list: () => import('../../commands/approvals/list.ts'),
  show: () => import('../../commands/approvals/show.ts'),
  watch: () => import('../../commands/approvals/watch.ts'),
};

interface SharedOptions {
  stateDir?: string;
}

const stateDirOption = [
  '--state-dir <folder>',
  'of the proxies with this state folder, whatever the configuration says',
] as const;

/** The commands that look after the calls that wait for approval. */
export function addApprovalsCommands(program: Command, run: Run): void {
  const approvals = program
    .command('approvals')
    .description('list the calls that wait for approval, in all running proxies; allow or deny them')
    .option(...stateDirOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal approvals'))
    .action((_options: unknown, command: Command) => {
      const options: SharedOptions = command.optsWithGlobals();
      return run(command.optsWithGlobals(), async (context) => (await commands.list()).list(context, options));
    });

  approvals
    .command('list')
    .description('the same')
    .addHelpText('after', example('mcp-marshal approvals list'))
    .action((_options: unknown, command: Command) => {
      const options: SharedOptions = command.optsWithGlobals();
      return run(command.optsWithGlobals(), async (context) => (await commands.list()).list(context, options));
    });

  approvals
    .command('watch')
    .description('show calls as they come to need approval, and ask about each; calls wait while somebody watches')
    .addHelpText('after', example('mcp-marshal approvals watch'))
    .action((_options: unknown, command: Command) => {
      const options: SharedOptions = command.optsWithGlobals();
      return run(command.optsWithGlobals(), async (context) => (await commands.watch()).watch(context, options));
    });

  approvals
    .command('show')
    .description('show one question with its whole arguments')
    .argument('<id>', 'such as 3f2a1b', readId)
    .addHelpText('after', example('mcp-marshal approvals show 3f2a1b'))
    .action((id: string, _options: unknown, command: Command) => {
      const options: SharedOptions = command.optsWithGlobals();
      return run(command.optsWithGlobals(), async (context) =>
        (await commands.show()).show(context, { id, ...options }),
      );
    });

  approvals
    .command('allow')
    .description('allow calls: each passes once, or as long as it is remembered')
    .argument('<id...>', 'such as 3f2a1b', readIds)
    .addOption(
      new Option(
        '--remember <how-far>',
        'arguments: this call for an hour; session: this tool until the client goes; where policy allows it',
      ).choices(['arguments', 'session']),
    )
    .addHelpText('after', example('mcp-marshal approvals allow 3f2a1b'))
    .action((ids: string[], _options: unknown, command: Command) => {
      const { stateDir, remember }: SharedOptions & { remember?: Remembrance } = command.optsWithGlobals();
      const asked = { ids, answer: 'allow', ...(stateDir && { stateDir }), ...(remember && { remember }) } as const;
      return run(command.optsWithGlobals(), async (context) => (await commands.answer()).answer(context, asked));
    });

  approvals
    .command('deny')
    .description('deny calls: each ends as declined')
    .argument('<id...>', 'such as 3f2a1b', readIds)
    .addHelpText('after', example('mcp-marshal approvals deny 3f2a1b'))
    .action((ids: string[], _options: unknown, command: Command) => {
      const { stateDir }: SharedOptions = command.optsWithGlobals();
      const asked = { ids, answer: 'deny', ...(stateDir && { stateDir }) } as const;
      return run(command.optsWithGlobals(), async (context) => (await commands.answer()).answer(context, asked));
    });
}

function readId(written: string): string {
  const id = written.toLowerCase();
  if (!isId(id)) throw new InvalidArgumentError('An id has six digits or letters from a to f');
  return id;
}

function readIds(written: string, before: string[] = []): string[] {
  return [...before, readId(written)];
}
