import type { Config } from '../../config/config.ts';
import type { ListenAddress } from '../../config/schema/listen-address.ts';
import { renderProblem } from '../../core/place.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { CliFailure, exitCodes, usageFailure } from '../failure.ts';
import { tell } from '../output.ts';
import { openConfig } from '../proxy/open-proxy.ts';
import { keepCurrent } from '../serve/keep-current.ts';
import { toListenFailure } from '../serve/listen-failure.ts';
import { parseAddress } from '../serve/parse-address.ts';
import { openTelemetry } from '../serve/open-telemetry.ts';

export interface ServeOptions {
  /** `[HOST:]PORT`; absent: one client over stdin and stdout. */
  http?: string | undefined;
  /** False where `--no-auth` says that there is to be no authentication. */
  auth: boolean;
  /** Where a proxy is served over HTTP, to stand in front of. */
  connect?: string | undefined;
  /** The file that holds the token for it. Absent: the environment may. */
  tokenFile?: string | undefined;
  /** Whether the configuration is read again whenever one of its files changes. */
  watch?: boolean | undefined;
}

/** Serves one client over stdin and stdout, or any number over HTTP, until they go or somebody asks us to stop. */
export async function serve(context: CliContext, options: ServeOptions): Promise<number> {
  const { io, parts, stop } = context;
  refuseRecursion(context);
  const address = readAddress(options);
  if (options.connect !== undefined) {
    const { serveBridge } = await import('../serve/serve-bridge.ts');
    const { closed } = await serveBridge(context, { url: options.connect, tokenFile: options.tokenFile });
    // It has no configuration, and whoever sends the signal to all of us means the proxy.
    const stopIgnoring = io.onReload(() => {});
    context.closeLater(() => Promise.resolve(stopIgnoring()));
    await Promise.race([closed, stopped(stop)]);
    return exitCodeOf(context);
  }
  const files = new Set<string>();
  const config = await openConfig(context, (file) => files.add(file));
  const isDebug = io.env['MCP_MARSHAL_DEBUG'] === '1';
  const levelOf = ({ log }: Config): Config['log']['level'] => (isDebug ? 'debug' : log.level);
  const logger = parts.createLogger({ ...config.log, level: levelOf(config) });
  for (const warning of config.warnings) logger.warn({}, renderProblem(warning));
  if (address !== undefined && options.auth) {
    const { requireAccess } = await import('../serve/require-access.ts');
    for (const warning of await requireAccess(config, address)) logger.warn({}, warning);
  }
  if (address === undefined && io.stdin.isTTY === true) greet(context, config.file);

  const told = await openTelemetry(context, { config, logger, isOneOfSeveral: address === undefined });
  const proxy = parts.createProxy({ config, logger, telemetry: told?.telemetry });
  context.closeLater(async () => {
    // What is there is on its way while connections end; what that ends comes after.
    told?.flush();
    await proxy.close();
    await told?.close();
  });
  const watched = options.watch === true ? files : undefined;
  const stopReloading = keepCurrent(context, { proxy, logger, levelOf, watched });
  context.closeLater(() => Promise.resolve(stopReloading()));
  const served =
    address === undefined
      ? serveStdio(context, proxy)
      : await serveHttp(context, { proxy, address, auth: options.auth });
  await Promise.race([served.closed, stopped(stop)]);
  // Whoever asks us to stop may wait a little; a second signal ends the process at once.
  if (stop.aborted) await proxy.drain(drainMs);
  return exitCodeOf(context);
}

/** What runs may end in this time (reliability.md, F21): as long as supervisors wait before they kill. */
const drainMs = 10_000;

/** A client or a supervisor that asks a server to stop got what it wanted; a person who presses Ctrl-C interrupted it. */
function exitCodeOf(context: CliContext): number {
  return context.stoppedBy() === 'SIGINT' ? exitCodes.interrupted : exitCodes.ok;
}

/** A client says who it is as soon as we run. One that says nothing gets servers that know nothing of it. */
const awaitClientMs = 1000;

interface Served {
  closed: Promise<void>;
}

function serveStdio(context: CliContext, proxy: CliProxy): Served {
  context.holdStdout();
  const connection = proxy.serveStdio({ input: context.io.stdin, output: context.io.stdout });
  proxy.start({ awaitClientMs });
  return connection;
}

/** Neither stdin nor stdout has anything to do with it: under a supervisor both are often closed. */
async function serveHttp(
  context: CliContext,
  { proxy, address, auth }: { proxy: CliProxy; address: ListenAddress; auth: boolean },
): Promise<Served> {
  const listener = await proxy.serveHttp({ ...address, auth }).catch((error: unknown) => {
    throw toListenFailure(error, address);
  });
  proxy.start();
  if (context.io.stderr.isTTY === true) {
    const entry = { type: 'http', url: listener.url, ...(auth && { headers: { Authorization: 'Bearer TOKEN' } }) };
    tell(context, [
      `mcp-marshal serves the Model Context Protocol at ${listener.url}`,
      'Register it with your clients:',
      JSON.stringify({ mcpServers: { marshal: entry } }, null, 2),
      'Ctrl-C ends it.',
    ]);
  }
  return listener;
}

function refuseRecursion({ io }: CliContext): void {
  if (io.env['MCP_MARSHAL_DEPTH'] === undefined) return;
  throw new CliFailure(
    'this mcp-marshal was started by another mcp-marshal; each would start the next one without end (MCP_MARSHAL_DEPTH is set)',
    { exitCode: exitCodes.usage, code: 'recursion', fix: 'remove mcp-marshal from the servers of the configuration' },
  );
}

/** Whoever wants no authentication has to say so: every program of this machine can then call every tool. */
function readAddress({ http, auth, connect, tokenFile }: ServeOptions): ListenAddress | undefined {
  if (connect !== undefined && http !== undefined) {
    throw usageFailure('--connect and --http exclude each other', 'write one of them: a bridge serves stdio');
  }
  if (tokenFile !== undefined && connect === undefined) {
    throw usageFailure(
      '--token-file is for --connect',
      'tokens of those who come here are made by mcp-marshal token create',
    );
  }
  if (http === undefined) {
    if (!auth) throw usageFailure('--no-auth is for --http', 'write mcp-marshal serve --http PORT --no-auth');
    return undefined;
  }
  return parseAddress(http, { auth });
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
