// Where one row plays: a folder of its own, and everything that is started for it.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { check, until } from './check.mjs';
import { findByMark, isRunning, signal } from './processes.mjs';
import { startProxy } from './proxy.mjs';

const serverProgram = fileURLToPath(new URL('../upstreams/server.mjs', import.meta.url));

/** Locks by `key`, so that calls of different keys run side by side, and `put` declared idempotent. */
const toolRules = {
  ...Object.fromEntries(['read', 'late'].map((name) => [name, { locks: [{ arg: 'key', type: 'id', mode: 'read' }] }])),
  ...Object.fromEntries(
    ['write', 'never_write', 'late_write', 'destroy'].map((name) => [
      name,
      { locks: [{ arg: 'key', type: 'id', mode: 'write' }] },
    ]),
  ),
  put: { locks: [{ arg: 'key', type: 'id', mode: 'write' }], idempotent: true },
};

/**
 * @param options `program`; `way`: { transport, era } of the upstreams, or another word; `isLong`
 * @returns the stage; `close` ends what was started, by its id, and removes the folder
 */
export function createStage({ program, way, isLong = false }) {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'marshal-fault-')));
  const mark = `fault-${randomBytes(6).toString('hex')}`;
  const closers = [];
  const write = (name, text) => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  let proxies = 0;

  /** A policy file for a server of ours, with what `extra` changes. */
  const policy = (name, { tools, ...extra } = {}) =>
    write(
      `${name}.policy.json`,
      JSON.stringify({ version: 1, server: name, tools: { ...toolRules, ...tools }, ...extra }),
    );

  const stage = {
    ...way,
    isLong,
    path,
    mark,
    program,
    write,
    closeLater: (close) => void closers.push(close),

    /**
     * A server that misbehaves, in this row's transport and era unless `given` says otherwise. `entry` stands for it in a configuration;
     * `log()` is what it did.
     */
    async upstream(name, { policy: rules, entry: more, ...given } = {}) {
      const log = join(path, `${name}.log`);
      const options = { transport: way.transport ?? 'stdio', era: way.era ?? 'legacy', log, mark, ...given };
      const read = () => readLines(log);
      const file = policy(name, rules);
      const shared = {
        name,
        log: read,
        pid: () => read().findLast(({ event }) => event === 'up')?.pid,
        starts: (nonce) =>
          read().filter((line) => line.event === 'start' && (nonce === undefined || line.nonce === nonce)),
        /** Waits until the call with the nonce was taken up. */
        started: (nonce) =>
          until(() => read().find((line) => line.event === 'start' && line.nonce === nonce), {
            withinMs: 8_000,
            what: `${nonce} did not reach ${name}`,
          }),
      };
      if (options.transport === 'stdio') {
        const args = [serverProgram, JSON.stringify(options)];
        return { ...shared, args, entry: { command: process.execPath, args, policy: file, ...more } };
      }
      const served = await serveOverHttp(options, stage);
      return { ...shared, ...served, entry: { url: served.url, policy: file, ...more } };
    },

    /** Writes a configuration whose state lies here too. */
    config(servers, { name = 'marshal.json', ...more } = {}) {
      const entries = Array.isArray(servers)
        ? Object.fromEntries(servers.map((one) => [one.name, one.entry]))
        : servers;
      const whole = { version: 1, stateDir: join(path, 'state'), log: { level: 'info' }, servers: entries, ...more };
      return write(name, JSON.stringify(whole, null, 2));
    },

    /** Starts the program on servers, or on a configuration file. */
    async start(servers, { settings, ...options } = {}) {
      const config = typeof servers === 'string' ? servers : stage.config(servers, settings);
      proxies += 1;
      const proxy = await startProxy({ program, folder: path, config, name: `proxy-${proxies}`, ...options });
      closers.push(() => proxy.end());
      return proxy;
    },

    /** Runs another command of the program to its end: { code, stdout, stderr }. */
    run(args, { limitMs = 20_000 } = {}) {
      return new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          [program, ...args],
          { cwd: path, timeout: limitMs, maxBuffer: 512 * 1024 * 1024 },
          (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
        );
        child.stdin.end();
      });
    },

    /** Processes of this stage's servers that live. */
    living: () => findByMark(mark),

    async close() {
      for (const close of closers.splice(0).reverse())
        await Promise.resolve()
          .then(close)
          .catch(() => {});
      for (const pid of findByMark(mark)) signal(pid, 'SIGKILL');
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return stage;
}

async function serveOverHttp(options, stage) {
  let child;
  const start = async (port) => {
    child = spawn(process.execPath, [serverProgram, JSON.stringify({ ...options, mark: undefined, port })], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    return JSON.parse(line).port;
  };
  const kill = async () => {
    if (!isRunning(child.pid)) return;
    const gone = once(child, 'exit');
    signal(child.pid, 'SIGCONT');
    child.kill('SIGKILL');
    await gone;
  };
  const port = await start(0);
  stage.closeLater(kill);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    kill,
    /** At the same address. */
    restart: () => start(port),
    async control(what) {
      const response = await fetch(`http://127.0.0.1:${port}/control/${what}`).catch(() => undefined);
      return response?.json().catch(() => undefined);
    },
  };
}

function readLines(file) {
  try {
    const text = readFileSync(file, 'utf8');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  } catch {
    return [];
  }
}

/** Holds a proxy to what it never may: a stack trace, an unhandled rejection. */
export function checkQuiet(proxy) {
  const bad = proxy
    .stderr()
    .split('\n')
    .find((line) => /^\s+at .+:\d+:\d+\)?$|unhandled|UnhandledPromise|uncaught/i.test(line));
  check(bad === undefined, `on stderr: ${bad?.slice(0, 300)}`);
}
