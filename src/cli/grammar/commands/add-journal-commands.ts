import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Run } from '../run.ts';
import { parseSince } from '../parse-since.ts';
import { parseStatusList } from '../parse-status-list.ts';
import type { LoggedStatus } from '../parse-status-list.ts';
import { example, jsonOption } from '../shared-options.ts';

/** Loaded when they are called, as all commands are. */
const commands = {
  log: () => import('../../commands/journal/log.ts'),
  report: () => import('../../commands/journal/report.ts'),
  trace: () => import('../../commands/journal/trace.ts'),
};

/** As many as a program can want at once, and as memory surely has room for. */
const maxLines = 100_000;

interface LogOptions {
  follow?: boolean;
  lines: number;
  batch?: string;
  server?: string;
  tool?: string;
  status?: LoggedStatus[];
  since?: number;
  stateDir?: string;
}

interface ReportOptions {
  all?: boolean;
  since?: number;
  svg?: string;
  html?: string;
  stateDir?: string;
}

const stateDirOption = [
  '--state-dir <folder>',
  'read the journal in this state folder, whatever the configuration says',
] as const;
const sinceOption = ['--since <time>', 'from then on: 10m, 2h or 3d ago, or 2026-11-21 14:30', readSince] as const;

/** The commands that read the journal. */
export function addJournalCommands(program: Command, run: Run): void {
  program
    .command('log')
    .description('show the calls that were made, the newest last')
    .option('-f, --follow', 'go on and show calls as they are made and as they end')
    .option('-n, --lines <count>', 'how many calls', readLines, 50)
    .option('--batch <id>', 'of this batch; the beginning of its id is enough')
    .option('--server <name>', 'of this server')
    .option('--tool <glob>', 'of tools whose name matches, such as "write_*" or files__write_file')
    .option(
      '--status <list>',
      'that ended so, such as ok,timeout; also running, interrupted, and unknown (its effect)',
      readStatuses,
    )
    .option(...sinceOption)
    .option(...stateDirOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal log --follow --status failed,timeout,unknown'))
    .action((options: LogOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await commands.log()).log(context, options)),
    );

  program
    .command('report')
    .description('show a batch after the fact: what nobody knows of it, how each call ended, when it ran')
    .argument('[batch]', 'its id, or how that begins; default: the last one')
    .addOption(new Option('--all', 'totals of all calls instead, for each tool'))
    .option(sinceOption[0], `with --all, which it implies: ${sinceOption[1]}`, readSince)
    .option('--svg <file>', 'draw when each call of the batch ran, as an SVG')
    .option('--html <file>', 'write it all as a page that stands alone; with --all, the totals')
    .option(...stateDirOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal report 7f3a91'))
    .action((batch: string | undefined, options: ReportOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await commands.report()).report(context, { batch, ...options }),
      ),
    );

  program
    .command('trace')
    .description('write when each call of a batch ran, for Perfetto or chrome://tracing')
    .argument('<batch>', 'its id, or how that begins')
    .option('-o, --output <file>', 'where to; default: stdout')
    .option(...stateDirOption)
    .addHelpText('after', example('mcp-marshal trace 7f3a91 -o trace.json'))
    .action((batch: string, options: { output?: string; stateDir?: string }, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await commands.trace()).trace(context, { batch, ...options })),
    );
}

function readLines(written: string): number {
  const lines = /^\d{1,9}$/.test(written) ? Number(written) : Number.NaN;
  if (!(lines <= maxLines)) throw new InvalidArgumentError(`Write a number from 0 to ${maxLines}`);
  return lines;
}

function readSince(written: string): number {
  const now = Date.now();
  const since = parseSince(written, now);
  if (since === undefined) throw new InvalidArgumentError('Write 10m, 2h or 3d, or a time such as 2026-11-21T14:30');
  if (since > now) throw new InvalidArgumentError('That is in the future');
  return since;
}

function readStatuses(written: string): LoggedStatus[] {
  const read = parseStatusList(written);
  if ('problem' in read) throw new InvalidArgumentError(read.problem);
  return read.statuses;
}
