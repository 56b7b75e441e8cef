import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { showPath } from '../../config/find-config.ts';
import { renderReload } from '../../config/reload/render-reload.ts';
import { watchFiles } from '../../config/reload/watch-files.ts';
import { renderProblem } from '../../core/place.ts';
import type { RootLogger } from '../../lib/logger.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { createReloader } from './reloader.ts';

/** A broken file of the largest size has more problems than anybody reads; each is a line of the log. */
const maxProblems = 100;

export interface KeepCurrentOptions {
  proxy: CliProxy;
  logger: RootLogger;
  /** Of a configuration, what the log is to tell. */
  levelOf: (config: Config) => Config['log']['level'];
  /** The files that the configuration was read from, to be watched; absent: only SIGHUP has it read again. */
  watched: Iterable<string> | undefined;
}

/**
 * Has the proxy go by its configuration as it is now: read again at SIGHUP and, where the files are watched, when one of them changes.
 * One that is wrong changes nothing, and the log says all that is wrong with it. Returns what ends that.
 */
export function keepCurrent(context: CliContext, options: KeepCurrentOptions): () => void {
  const { io, parts } = context;
  const { proxy, logger, levelOf, watched } = options;
  // The place of the first one: a file that comes to lie in a place that is searched before is another configuration.
  const file = context.configFile ?? showPath(proxy.config.file, io.cwd);
  let lastGood = new Set(watched);
  let isOver = false;

  const load = async (onFile: (file: string) => void): Promise<Config | undefined> => {
    try {
      return await parts.loadConfig({ env: io.env, cwd: io.cwd, file, onFile });
    } catch (error) {
      // What was read may be half of what is there by now.
      if (!isOver && !reloader.isOutdated()) tellProblems(logger, error);
      return undefined;
    }
  };
  const reloader = createReloader(async () => {
    const read = new Set<string>();
    const config = await load((name) => read.add(name));
    if (isOver) return;
    if (config !== undefined) lastGood = read;
    // One that is wrong is mended in its own files, or by going back to those of the last good one.
    void watch?.follow([...lastGood, ...read]);
    if (config !== undefined) apply(config);
  });
  const apply = (config: Config): void => {
    const before = new Set(proxy.config.warnings.map(renderProblem));
    const wasLocked = proxy.config.lock !== undefined;
    const report = proxy.apply(config);
    logger.setLevel(levelOf(config));
    for (const warning of config.warnings.map(renderProblem)) if (!before.has(warning)) logger.warn({}, warning);
    for (const key of report.needRestart) logger.warn({}, `${key} has changed, and takes a restart to hold`);
    if (wasLocked && config.lock === undefined) logger.warn({}, lockGone(config));
    logger.info({}, renderReload(report));
  };

  const watch = watched && watchFiles(reloader.request);
  void watch?.follow(lastGood);
  const stopSignals = io.onReload(reloader.request);
  return () => {
    isOver = true;
    stopSignals();
    watch?.close();
    reloader.close();
  };
}

function lockGone({ lockFile }: Config): string {
  const what = lockFile === undefined ? 'the configuration says that there is no lock file' : 'the lock file is gone';
  return `${what}: tools are called whatever they are`;
}

function tellProblems(logger: RootLogger, error: unknown): void {
  const problems =
    error instanceof ConfigError
      ? error.problems.map(renderProblem)
      : [error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)];
  for (const problem of problems.slice(0, maxProblems)) logger.error({}, problem);
  const more = problems.length - maxProblems;
  const rest = more > 0 ? `, and ${more} more` : '';
  logger.error({}, `the configuration cannot be used as it is now${rest}; the last good one stays until it is mended`);
}
