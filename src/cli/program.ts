import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../config/schema/parse-duration.ts';
import { suggest } from '../config/schema/suggest.ts';
import { describeScreen } from './terminal/screen.ts';
import { usageFailure } from './failure.ts';
import { addClientCommands } from './grammar/commands/add-client-commands.ts';
import { addApprovalsCommands } from './grammar/commands/add-approvals-commands.ts';
import { addInitCommands } from './grammar/commands/add-init-commands.ts';
import { addInstallCommand } from './grammar/commands/add-install-command.ts';
import { addFindCommand } from './grammar/commands/add-find-command.ts';
import { addCompletionCommand } from './grammar/commands/add-completion-command.ts';
import { addJournalCommands } from './grammar/commands/add-journal-commands.ts';
import { addLockCommand } from './grammar/commands/add-lock-command.ts';
import { addLoginCommand } from './grammar/commands/add-login-command.ts';
import { addServerCommands } from './grammar/commands/add-server-commands.ts';
import { addTokenCommands } from './grammar/commands/add-token-commands.ts';
import { explainUsage } from './grammar/explain-usage.ts';
import { findCommand, pathOf } from './grammar/find-command.ts';
import type { Run } from './grammar/run.ts';
import { example, jsonOption } from './grammar/shared-options.ts';
import type { CliIo } from './io.ts';

/** Loaded when they are called: who starts the proxy does not wait for what draws charts. */
const commands = {
  batch: () => import('./commands/batch.ts'),
  call: () => import('./commands/call.ts'),
  check: () => import('./commands/check.ts'),
  explain: () => import('./commands/explain.ts'),
  schema: () => import('./commands/schema.ts'),
  serve: () => import('./commands/serve.ts'),
  tools: () => import('./commands/tools.ts'),
};

interface ServeOptions {
  http?: string;
  auth: boolean;
  connect?: string;
  tokenFile?: string;
  watch?: boolean;
}

interface BatchOptions {
  read?: boolean;
  plan?: boolean;
  trace?: string;
  svg?: string;
}

const timeoutOption = [
  '--timeout <duration>',
  'how long to wait for servers to connect, such as 5s; default: 30s',
  parseTimeout,
] as const;
const argsOption = ['--args <json>', 'arguments as JSON, @FILE, or - for stdin'] as const;
const pairsArgument = ['[arguments...]', 'key=value, key:=json or key=@file'] as const;

/** The grammar of the command line. What a command does stands in its own file. */
export function buildProgram(
  io: CliIo,
  { version, isJson, run }: { version: string; isJson: boolean; run: Run },
): Command {
  const program = new Command('mcp-marshal')
    .description('One MCP server in front of all of yours, with batches of calls. Begin with mcp-marshal init.')
    .version(version, '-V, --version', 'print the version')
    .option(
      '--config <file>',
      'configuration; default: $MCP_MARSHAL_CONFIG, marshal.yaml here, then the one of your user',
    )
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void (isJson || io.stderr.write(text)),
      // `refuseUsage` throws what it would write.
      outputError: () => {},
      getOutHelpWidth: () => describeScreen(io, 'stdout').width,
      getErrHelpWidth: () => describeScreen(io, 'stderr').width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });

  program
    .command('serve')
    .description('serve one MCP client over stdin and stdout, or many over HTTP')
    .option('--http <address>', 'serve over HTTP at [HOST:]PORT; the host is 127.0.0.1 unless told; see token')
    .option('--no-auth', 'without authentication: every program on this machine may call every tool')
    .option('--watch', 'reload when a file of the configuration changes; SIGHUP reloads always')
    .option('--connect <url>', 'serve stdio in front of a proxy that runs over HTTP, and outlive its restarts')
    .option('--token-file <file>', 'with --connect: holds the token for the proxy; default: $MCP_MARSHAL_TOKEN')
    .addHelpText('after', example('mcp-marshal serve --config marshal.yaml'))
    .action((options: ServeOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await commands.serve()).serve(context, options)),
    );

  program
    .command('check')
    .description('validate configuration and policies, connect, report what is odd')
    .option('--offline', 'read the files only, connect to nothing')
    .option(...timeoutOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal check --config marshal.yaml'))
    .action(({ offline }: { offline?: boolean }, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await commands.check()).check(context, { offline: offline === true }),
      ),
    );

  addLockCommand(program, run, timeoutOption);

  const listing = program
    .command('tools')
    .description('list every tool with its class, what may be done with it, and why')
    .option(...timeoutOption)
    .option(...jsonOption)
    .allowExcessArguments()
    .addHelpText('after', example('mcp-marshal tools'))
    .action((_options, command: Command) => {
      refuseNames(command.args);
      return run(command.optsWithGlobals(), async (context) => (await commands.tools()).tools(context));
    });
  listing
    .command('explain')
    .description('explain one tool, or one call of it: every rule considered, its locks and limits')
    .argument('<name>', 'the tool, such as files__write_file')
    .argument(...pairsArgument)
    .option(...argsOption)
    .addHelpText('after', example('mcp-marshal tools explain files__write_file path=notes.md'))
    .action((name: string, pairs: string[], { args }: { args?: string }, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await commands.explain()).explain(context, { name, pairs, args }),
      ),
    );
  addFindCommand(listing, run);

  program
    .command('call')
    .description('call one tool and print what it says')
    .argument('<name>', 'the tool, such as files__read_text_file')
    .argument(...pairsArgument)
    .option(...argsOption)
    .option(...timeoutOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal call files__read_text_file path=README.md head=5'))
    .action((name: string, pairs: string[], { args }: { args?: string }, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await commands.call()).call(context, { name, pairs, args })),
    );

  program
    .command('batch')
    .description('run a batch as a client would, and draw when each call ran')
    .argument('[file]', 'JSON or YAML with {"calls": [...]}; - or none: stdin')
    .option('--read', 'as batch_read: nothing runs unless every call is a read')
    .option('--plan', 'send nothing; draw what would run in which order, and why')
    .addOption(new Option('--trace <file>', 'write when each call ran, for Perfetto').conflicts('plan'))
    .addOption(new Option('--svg <file>', 'draw when each call ran, as an SVG').conflicts('plan'))
    .option(...timeoutOption)
    .option(...jsonOption)
    .addHelpText(
      'after',
      example(`echo '{"calls":[{"tool":"files__list_directory","arguments":{"path":"."}}]}' | mcp-marshal batch`),
    )
    .action((file: string | undefined, options: BatchOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) => {
        const { read, plan, trace, svg } = options;
        return (await commands.batch()).batch(context, {
          file,
          readOnly: read === true,
          planOnly: plan === true,
          trace,
          svg,
        });
      }),
    );

  addJournalCommands(program, run);
  addApprovalsCommands(program, run);
  addInitCommands(program, run, timeoutOption);
  addServerCommands(program, run, timeoutOption);
  addClientCommands(program, run, timeoutOption);
  addInstallCommand(program, run);
  addTokenCommands(program, run);
  addLoginCommand(program, run);

  addCompletionCommand(program, run);

  program
    .command('schema')
    .description('print the JSON Schemas of configuration and policy files')
    .addArgument(new Argument('[which]', 'one of them; default: both').choices(['config', 'policy']))
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal schema policy > policy.schema.json'))
    .action((which: 'config' | 'policy' | undefined, _options, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await commands.schema()).schema(context, which)),
    );

  program
    .command('help')
    .description('print the help of a command')
    .argument('[command...]', 'such as batch, or tools explain')
    .action((names: string[]) => findCommand(program, names).help());

  refuseUsage(program);
  return program;
}

/** Has every command throw what it does not understand as a failure of ours, with the way to its own help. */
function refuseUsage(command: Command): void {
  command.exitOverride((error) => {
    if (error.exitCode === 0 || error.code === 'commander.help') throw error;
    const { message, fix } = explainUsage(error.message, pathOf(command));
    throw usageFailure(message, fix);
  });
  for (const inner of command.commands) refuseUsage(inner);
}

/** `tools` lists all tools; who names one wants it explained. */
function refuseNames(names: readonly string[]): void {
  const [first] = names;
  if (first === undefined) return;
  const meant = suggest(first, ['explain']) === undefined ? names : names.slice(1);
  throw usageFailure(
    `tools lists every tool, and takes no "${first}"`,
    `did you mean mcp-marshal tools explain ${meant.join(' ')}? see mcp-marshal tools --help`,
  );
}

function parseTimeout(written: string): number {
  const timeoutMs = parseDuration(written);
  if (timeoutMs === undefined) throw new InvalidArgumentError('Write 500ms, 30s or 2m');
  return timeoutMs;
}
