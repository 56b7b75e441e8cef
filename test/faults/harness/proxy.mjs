// The program under test, started as a client or a supervisor starts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { check, until } from './check.mjs';
import { createCaller } from './client/calls.mjs';
import { openHttpSession } from './client/http-session.mjs';
import { openStdioSession } from './client/stdio-session.mjs';
import { isRunning, signal } from './processes.mjs';

const probe = fileURLToPath(new URL('probe.mjs', import.meta.url));
const startLimitMs = 15_000;
const endLimitMs = 15_000;

/**
 * Starts `serve`. Over stdio: a session is opened unless `isClosed`. Over HTTP (`http: true`): waits until it listens.
 * `shell` is run before the program in the same process (limits, ignored signals).
 */
export async function startProxy({
  program,
  folder,
  config,
  http = false,
  args = [],
  env = {},
  shell,
  opens = true,
  name = 'proxy',
}) {
  const probeFile = `${folder}/${name}.probe`;
  const words = [
    '--expose-gc',
    '--import',
    probe,
    program,
    'serve',
    '--config',
    config,
    ...(http ? ['--http', '127.0.0.1:0', '--no-auth'] : []),
    ...args,
  ];
  const [command, rest] =
    shell === undefined
      ? [process.execPath, words]
      : ['/bin/sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...words]];
  const startedMs = performance.now();
  const startedAt = Date.now();
  const child = spawn(command, rest, {
    cwd: folder,
    stdio: 'pipe',
    env: { ...process.env, FAULT_PROBE: probeFile, ...env },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr = (stderr + chunk).slice(-4_000_000)));
  const exited = once(child, 'close').then(([code, by]) => ({ code, signal: by, atMs: performance.now() }));
  const lines = () => stderr.split('\n').flatMap((line) => parse(line) ?? []);
  let seq = 0;

  const base = {
    pid: child.pid,
    startedMs,
    startedAt,
    exited,
    stderr: () => stderr,
    /** Its log. */
    lines,
    /** Lines of its log whose message has the text. */
    logged: (text) => lines().filter(({ msg }) => String(msg).includes(text)),
    signal: (by) => signal(child.pid, by),
    isRunning: () => isRunning(child.pid),
    endInput: () => void child.stdin.end(),
    breakStdout: () => void child.stdout.destroy(),
    /** Asks the probe inside for something. */
    async ask(deed, order = {}) {
      const own = ++seq;
      writeFileSync(probeFile, JSON.stringify({ seq: own, do: deed, ...order }));
      signal(child.pid, 'SIGUSR2');
      const look = () => {
        const answer = parse(tryRead(`${probeFile}-answer`));
        return answer?.seq === own && answer;
      };
      return until(look, { withinMs: 10_000, what: 'the program does not answer its probe' });
    },
    async end() {
      child.stdin.end();
      signal(child.pid, 'SIGCONT');
      if (http) signal(child.pid, 'SIGTERM');
      const timer = setTimeout(() => signal(child.pid, 'SIGKILL'), endLimitMs);
      const end = await exited;
      clearTimeout(timer);
      return end;
    },
  };

  if (http) {
    const url = await until(
      () => lines().find(({ msg }) => msg === 'listening')?.url ?? (child.exitCode !== null && 'ended'),
      {
        withinMs: startLimitMs,
        what: () => `it does not listen: ${stderr.slice(-500)}`,
      },
    );
    check(url !== 'ended', `it did not start: ${stderr.slice(-500)}`);
    child.stdout.resume();
    return { ...base, url, connect: async (options) => createCaller(await openHttpSession(url, options)) };
  }
  const session = openStdioSession(child);
  if (opens) {
    const late = setTimeout(() => signal(child.pid, 'SIGKILL'), startLimitMs);
    const answer = await session.open();
    clearTimeout(late);
    check(!answer.isOver, `it did not start: ${stderr.slice(-500)}`);
  }
  return { ...base, ...createCaller(session), notices: session.notices };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function tryRead(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
