import { renderProblem } from '../../core/place.ts';
import type { CliContext } from '../context.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { openConfig } from '../proxy/open-proxy.ts';
import { tell } from '../output.ts';

/** Serves one client over stdin and stdout until it goes or somebody asks us to stop. */
export async function serve(context: CliContext): Promise<number> {
  const { io, parts, stop } = context;
  if (io.env['MCP_MARSHAL_DEPTH'] !== undefined) {
    throw new CliFailure(
      'this mcp-marshal was started by another mcp-marshal; each would start the next one without end (MCP_MARSHAL_DEPTH is set)',
      { exitCode: exitCodes.usage, code: 'recursion', fix: 'remove mcp-marshal from the servers of the configuration' },
    );
  }
  const config = await openConfig(context);
  const isDebug = io.env['MCP_MARSHAL_DEBUG'] === '1';
  const logger = parts.createLogger({ ...config.log, ...(isDebug && { level: 'debug' }) });
  for (const warning of config.warnings) logger.warn({}, renderProblem(warning));
  if (io.stdin.isTTY === true) greet(context, config.file);

  const proxy = parts.createProxy({ config, logger });
  context.closeLater(() => proxy.close());
  context.holdStdout();
  const connection = proxy.serveStdio({ input: io.stdin, output: io.stdout });
  proxy.start();
  await Promise.race([connection.closed, stopped(stop)]);
  // A client or a supervisor that asks a server to stop got what it wanted; a person who presses Ctrl-C interrupted it.
  return context.stoppedBy() === 'SIGINT' ? exitCodes.interrupted : exitCodes.ok;
}

function greet(context: CliContext, file: string): void {
  const [command, script] = context.io.commandLine;
  const entry = { command, args: [script, 'serve', '--config', file] };
  tell(context, [
    'mcp-marshal speaks the Model Context Protocol on stdin and stdout. A client starts it; a person has little to say to it.',
    'Register it with your client:',
    JSON.stringify({ mcpServers: { marshal: entry } }, null, 2),
    'To look around here, run the same with check or tools in place of serve. Ctrl-D ends it.',
  ]);
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
