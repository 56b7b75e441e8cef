#!/usr/bin/env node
import { createProxy, loadConfig } from './app.ts';
import type { CliIo } from './cli/io.ts';
import { runCli } from './cli/run-cli.ts';
import { createLogger } from './lib/logger.ts';
import { killAllGroups } from './upstream/transport/process-group.ts';

let isHungUp = false;

const io: CliIo = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  commandLine: [process.execPath, process.argv[1] ?? ''],
  onSignal(listener) {
    // SIGHUP: the terminal was closed, or the connection to it was lost.
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    let isStopping = false;
    const receive = (signal: (typeof signals)[number]): void => {
      if (isStopping) process.exit(130);
      isStopping = true;
      isHungUp = signal === 'SIGHUP';
      listener(signal);
    };
    for (const signal of signals) process.on(signal, receive);
    return () => signals.forEach((signal) => process.off(signal, receive));
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

const code = await runCli(process.argv.slice(2), io, { createProxy, loadConfig, createLogger });
if (isHungUp) {
  // Node aborts on the way out where it cannot set a terminal back that is gone. Who was hung up ends by that signal instead.
  killAllGroups();
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
process.exit(code);
