import type { Config } from '../../config/config.ts';
import { renderProblem } from '../../core/place.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { interruptedFailure } from '../failure.ts';
import { tell } from '../output.ts';

/** Loads the configuration, and tells `onFile` of each file of it. Throws ConfigError, or a failure where the command is stopped meanwhile. */
export async function openConfig(context: CliContext, onFile?: (file: string) => void): Promise<Config> {
  const { io, parts, configFile } = context;
  const file = configFile === undefined ? {} : { file: configFile };
  const loading = parts.loadConfig({ env: io.env, cwd: io.cwd, ...file, ...(onFile && { onFile }) });
  const config = await unlessStopped(loading, context.stop);
  if (wantsDetails(config)) context.showStacks();
  return config;
}

/** Says on stderr what is odd about the configuration. */
export function tellWarnings(context: CliContext, config: Config): void {
  tell(
    context,
    config.warnings.map((warning) => `warning: ${renderProblem(warning)}`),
  );
}

/**
 * The proxy for a command that does one thing and ends. Its log stays silent, since the command says itself what matters, unless the
 * configuration or `MCP_MARSHAL_DEBUG` asks for details. Closed by the command line.
 */
export function openProxy(context: CliContext, config: Config): CliProxy {
  const { parts, io } = context;
  const level = wantsDetails(config) ? config.log.level : io.env['MCP_MARSHAL_DEBUG'] === '1' ? 'debug' : 'silent';
  const proxy = parts.createProxy({ config, logger: parts.createLogger({ level, format: config.log.format }) });
  context.closeLater(() => proxy.close());
  return proxy;
}

/** Files take less; a pipe takes as long as whoever writes to it. */
const stopGraceMs = 250;

function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = (): void => {
      timer = setTimeout(() => reject(interruptedFailure()), stopGraceMs);
    };
    stop.addEventListener('abort', giveUp, { once: true });
    if (stop.aborted) giveUp();
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', giveUp);
    };
    work.finally(end).then(resolve, reject);
  });
}

function wantsDetails({ log }: Config): boolean {
  return log.level === 'debug' || log.level === 'trace';
}
