import { isatty } from 'node:tty';
import type { CliParts } from './cli/context.ts';
import type { CliIo } from './cli/io.ts';
import { runCli } from './cli/run-cli.ts';
import { readJournals } from './journal/read-journals.ts';
import { createLogger } from './lib/logger.ts';
import { killAllGroups } from './upstream/processes/process-group.ts';

let isHungUp = false;
/** A daemon has none, and is told by SIGHUP to read its configuration again. */
const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
const reloadListeners = new Set<() => void>();

const io: CliIo = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  commandLine: [process.execPath, process.argv[1] ?? ''],
  onSignal(listener) {
    // SIGHUP: the terminal was closed, or the connection to it was lost; unless somebody reloads at it.
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    let isStopping = false;
    const receive = (signal: (typeof signals)[number]): void => {
      if (signal === 'SIGHUP' && reloadListeners.size > 0) return reloadListeners.forEach((reload) => reload());
      if (isStopping) process.exit(130);
      isStopping = true;
      isHungUp = signal === 'SIGHUP';
      listener(signal);
    };
    for (const signal of signals) process.on(signal, receive);
    return () => signals.forEach((signal) => process.off(signal, receive));
  },
  onReload(listener) {
    if (!hasTerminal) reloadListeners.add(listener);
    return () => reloadListeners.delete(listener);
  },
  onCrash(listener) {
    process.on('uncaughtException', listener);
    process.on('unhandledRejection', listener);
    return () => {
      process.off('uncaughtException', listener);
      process.off('unhandledRejection', listener);
    };
  },
};

// Whatever ends this process, a second Ctrl-C included: no server that we started outlives it.
process.on('exit', killAllGroups);

// Since this process was started; what Node and our own loading took is part of a client's patience.
const loadApp = async (): Promise<Pick<CliParts, 'createProxy' | 'loadConfig'>> => {
  const { createProxy, loadConfig } = await import('./app.ts');
  return { createProxy: (options) => createProxy({ ...options, startupMs: performance.now() }), loadConfig };
};
/** Who presses Tab starts nothing, and does not wait until everything is loaded that a proxy needs. */
const loadForCompletion = async (): Promise<Pick<CliParts, 'createProxy' | 'loadConfig'>> => {
  const { loadConfig } = await import('./config/load-config.ts');
  const createProxy = (): never => {
    throw new Error('completion starts nothing');
  };
  return { createProxy, loadConfig };
};
const argv = process.argv.slice(2);
const parts: CliParts = {
  ...(await (argv[0] === 'complete' ? loadForCompletion() : loadApp())),
  createLogger,
  readJournals,
};
const code = await runCli(argv, io, parts);
if (isHungUp) {
  // Node aborts on the way out where it cannot set a terminal back that is gone. Who was hung up ends by that signal instead.
  killAllGroups();
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
process.exit(code);
