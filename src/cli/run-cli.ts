import { CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { renderProblem } from '../core/place.ts';
import { formatCounted } from '../batch/reply/format-amount.ts';
import { packageVersion } from '../lib/version.ts';
import type { CliContext, CliParts } from './context.ts';
import { CliFailure, exitCodes, usageFailure } from './failure.ts';
import type { CliIo, StopSignal } from './io.ts';
import { drained } from './output.ts';
import { buildProgram } from './program.ts';
import { defaultConnectLimitMs } from './proxy/await-upstreams.ts';
import { plainText } from './terminal/plain-text.ts';

/** What is still open after this long is left to the end of the process. Servers get about three seconds to go. */
const closeLimitMs = 4_000;

/**
 * Runs one command line and returns its exit code, with everything closed that it opened. Never rejects: what goes wrong is one line
 * on stderr, or the error of `--json`, and never a stack trace unless details were asked for.
 */
export async function runCli(argv: readonly string[], io: CliIo, parts: CliParts): Promise<number> {
  // Whoever read these has gone. There is nobody left to tell.
  for (const output of [io.stdout, io.stderr]) output.on('error', () => {});
  let fullness: string | undefined;
  io.stdout.on('error', (error) => (fullness ??= fullnessOf(error)));
  const isJson = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined).includes('--json');
  const stop = new AbortController();
  const open: (() => Promise<void>)[] = [];
  let stoppedBy: StopSignal | undefined;
  let showsStacks = io.env['MCP_MARSHAL_DEBUG'] === '1';
  let isServing = false;
  let isOver = false;
  let exitCode: number = exitCodes.ok;

  const program = buildProgram(io, {
    version: packageVersion(),
    isJson,
    async run(options, command) {
      const context: CliContext = {
        io,
        parts,
        configFile: options.config,
        connectLimitMs: options.timeout ?? defaultConnectLimitMs,
        json: options.json === true,
        stop: stop.signal,
        stoppedBy: () => stoppedBy,
        closeLater: (close) => void open.push(close),
        showStacks: () => (showsStacks = true),
        holdStdout: () => (isServing = true),
      };
      const code = await command(context);
      // After a crash the command ends too, of our own closing; its word does not count then.
      if (!isOver) exitCode = code;
    },
  });

  const forget = [
    io.onSignal((signal) => {
      stoppedBy ??= signal;
      stop.abort();
    }),
  ];
  const crashed = new Promise<never>((_resolve, reject) => void forget.push(io.onCrash(reject)));
  try {
    await Promise.race([program.parseAsync([...argv], { from: 'user' }), crashed]);
  } catch (error) {
    isOver = true;
    exitCode = report(error, { io, isJson, showsStacks });
  } finally {
    // A signal or an error on the way out changes nothing any more.
    await within(closeLimitMs, Promise.allSettled(open.map((close) => close())));
  }
  // A client that has gone may never read the rest; a pager may read it much later.
  if (!isServing) await drained(io.stdout);
  if (!isServing && fullness !== undefined) {
    const cut = `what was printed is not whole, since stdout takes no more (${fullness})`;
    io.stderr.write(`${cut}; make room there; calls that ran stand in mcp-marshal log\n`);
    exitCode ||= exitCodes.unexpected;
  }
  for (const end of forget) end();
  return exitCode;
}

/** Where a file takes no more, somebody may still read it, and would take a part for the whole. Other errors: the reader has gone. */
function fullnessOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined;
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].find((full) => full === code);
}

function report(
  error: unknown,
  { io, isJson, showsStacks }: { io: CliIo; isJson: boolean; showsStacks: boolean },
): number {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
  const { exitCode, code, message, fix, problems } = describe(error);
  if (isJson) {
    const shown = { code, message, fix, ...(problems !== undefined && { problems }) };
    io.stdout.write(`${JSON.stringify({ version: 1, error: shown })}\n`);
  } else if (error instanceof ConfigError) {
    io.stderr.write(`${plainText(message)}\n${formatCounted(error.problems.length, 'problem')}; nothing was started\n`);
  } else if (!(error instanceof CommanderError)) {
    // A bare `mcp-marshal` has been answered with the help.
    const isUnforeseen = code === 'internal' && exitCode === exitCodes.unexpected;
    const said = isUnforeseen ? `mcp-marshal: unexpected error: ${message}` : message;
    const glue = said.includes('\n') ? '\n' : '; ';
    io.stderr.write(`${plainText(fix === '' ? said : said + glue + fix)}\n`);
  }
  if (showsStacks && exitCode === exitCodes.unexpected && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return exitCode;
}

/** Any error as a failure of ours; one that nobody expected in its first line. */
function describe(error: unknown): CliFailure {
  if (error instanceof CliFailure) return error;
  if (error instanceof CommanderError) {
    return usageFailure('no command was given', 'see mcp-marshal --help');
  }
  if (error instanceof ConfigError) {
    const warnings = error.warnings.map((warning) => `warning: ${renderProblem(warning)}`);
    const message = [...error.problems.map(renderProblem), ...warnings].join('\n');
    const { problems } = error;
    const fix = `mend the ${formatCounted(problems.length, 'problem')} listed and run mcp-marshal check again`;
    return new CliFailure(message, { exitCode: exitCodes.usage, code: 'invalid_configuration', fix, problems });
  }
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return new CliFailure(message, { exitCode: exitCodes.unexpected, code: 'internal' });
}

/** Waits for the work, but no longer than this. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
