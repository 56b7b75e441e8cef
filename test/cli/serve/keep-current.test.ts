import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import type { CliParts } from '../../../src/cli/context.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import type { Config } from '../../../src/config/config.ts';
import { temporaryDirectory, until } from '../../upstream/support.ts';
import { fakeIo } from '../fake-io.ts';
import { stubParts } from '../stub-proxy.ts';

/** `serve` with a configuration that is loaded as the test says, from the second time on. */
async function serving(
  args: readonly string[] = [],
  env: Record<string, string> = {},
  files: readonly string[] = [],
  change: Partial<Config> = {},
) {
  const stub = stubParts({ files: {}, web: {} });
  const { calls, proxy } = stub;
  const config: Config = { ...stub.config, ...change };
  const applied: Config[] = [];
  const asked: (string | undefined)[] = [];
  let load: CliParts['loadConfig'] = ({ onFile }) => {
    for (const file of files) onFile?.(file);
    return Promise.resolve(config);
  };
  const fake = fakeIo({ stdin: new PassThrough(), env });
  const parts: CliParts = {
    ...stub.parts,
    loadConfig(options) {
      asked.push(options.file);
      return load(options);
    },
    createProxy: () => ({
      ...proxy,
      config,
      apply(next) {
        applied.push(next);
        return proxy.apply(next);
      },
    }),
  };
  const ended = runCli(['serve', ...args], fake.io, parts);
  const stop = async (): Promise<void> => {
    fake.signal('SIGTERM');
    await ended;
  };
  onTestFinished(stop);
  // Commands are loaded as they are called, which takes a machine under load its time.
  await until(() => calls.started === 1, 15_000);
  const log = (): { level: number; msg: string }[] => calls.logs.map((line) => JSON.parse(line));
  return { fake, config, applied, asked, log, stop, loads: (next: CliParts['loadConfig']) => void (load = next) };
}

/** Writes a file until something comes of it: when the program has begun to watch it is not told. */
async function changedUntil(file: string, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 10 && !holds(); round += 1) {
    writeFileSync(file, `${round} ${performance.now()}`);
    await until(holds, 1_000).catch(() => {});
  }
  expect(holds()).toBe(true);
}

test('SIGHUP has the configuration read again, from where it was read first, and one line says what has changed', async () => {
  const { fake, config, applied, asked, log, loads } = await serving();
  const [files] = config.servers;
  loads(() => Promise.resolve({ ...config, servers: [{ ...files!, timeoutMs: 5 }], maxParallel: 2 }));
  fake.reload();
  await until(() => log().length > 0);
  expect(log()).toMatchObject([{ level: 30, msg: 'reloaded: -web, ~files, maxParallel; 0 kept' }]);
  expect(applied).toHaveLength(1);
  expect(asked).toEqual([undefined, '/etc/marshal.yaml']);
});

test('a lock file that is gone is warned of: no tool is held against it any more', async () => {
  const { fake, config, log, loads } = await serving([], {}, [], { lock: { servers: new Map() } });
  const { lock: _, ...unlocked } = config;
  loads(() => Promise.resolve({ ...unlocked, lockFile: '/etc/marshal.lock' }));
  fake.reload();
  await until(() => log().length > 1);
  expect(log()[0]).toMatchObject({ level: 40, msg: 'the lock file is gone: tools are called whatever they are' });
  loads(() => Promise.resolve(unlocked));
  fake.reload();
  await until(() => log().length > 3);
  expect(log()[2]?.msg).toMatch(/there is no lock file: tools are called whatever they are$/);
});

test('the configuration that was named is named again', async () => {
  const { fake, asked, log } = await serving(['--config', 'mine.yaml']);
  fake.reload();
  await until(() => log().length > 0);
  expect(asked).toEqual(['mine.yaml', 'mine.yaml']);
});

test('every problem of a configuration that is wrong is an error in the log, and nothing changes', async () => {
  const { fake, applied, log, loads } = await serving();
  const place = { file: 'marshal.yaml', line: 3, column: 5 };
  loads(() =>
    Promise.reject(new ConfigError([{ place, key: 'servers.a', message: 'is odd; mend it' }, { message: 'b' }])),
  );
  fake.reload();
  await until(() => log().length === 3);
  expect(log()).toMatchObject([
    { level: 50, msg: 'b' },
    { level: 50, msg: 'marshal.yaml:3:5 servers.a: is odd; mend it' },
    { level: 50, msg: expect.stringContaining('the last good one stays') },
  ]);
  expect(applied).toEqual([]);
});

test('a thousand problems do not flood the log', async () => {
  const { fake, log, loads } = await serving();
  loads(() => Promise.reject(new ConfigError(Array.from({ length: 1000 }, (_, n) => ({ message: `problem ${n}` })))));
  fake.reload();
  await until(() => log().some(({ msg }) => msg.includes('and 900 more')));
  expect(log()).toHaveLength(101);
});

test('what was read while it was being written is not complained of where it is read again anyway', async () => {
  const { fake, config, applied, log, loads } = await serving();
  let fail = (): void => {};
  loads(() => new Promise((_resolve, reject) => (fail = () => reject(new ConfigError([{ message: 'half' }])))));
  fake.reload();
  fake.reload();
  loads(() => Promise.resolve(config));
  fail();
  await until(() => applied.length === 1);
  expect(log().map(({ msg }) => msg)).toEqual(['reloaded: nothing changed; 2 kept']);
});

test('another level of the log holds at once, new warnings are told, and old ones are not told again', async () => {
  const { fake, config, log, loads } = await serving();
  const warnings = [{ message: 'odd' }];
  loads(() => Promise.resolve({ ...config, warnings, log: { level: 'warn', format: 'pretty' } }));
  fake.reload();
  await until(() => log().length === 2);
  expect(log()).toMatchObject([
    { level: 40, msg: 'odd' },
    { level: 40, msg: 'log.format has changed, and takes a restart to hold' },
  ]);
});

test('details that the environment asks for stay, whatever level the new configuration has', async () => {
  const { fake, config, log, loads } = await serving([], { MCP_MARSHAL_DEBUG: '1' });
  loads(() => Promise.resolve({ ...config, log: { level: 'error', format: 'json' } }));
  fake.reload();
  await until(() => log().length === 1);
  expect(log()).toMatchObject([{ level: 30, msg: 'reloaded: log.level; 2 kept' }]);
});

test('nothing is applied once it is to end', async () => {
  const { fake, config, applied, loads, stop } = await serving();
  let finish = (): void => {};
  loads(() => new Promise((resolve) => (finish = () => resolve(config))));
  fake.reload();
  await stop();
  finish();
  await new Promise((resolve) => setImmediate(resolve));
  expect(applied).toEqual([]);
});

test('--watch has it read again as one of its files changes, also one that only a broken version names', async () => {
  const directory = temporaryDirectory();
  onTestFinished(directory.remove);
  const main = join(directory.path, 'main.yaml');
  const policy = join(directory.path, 'policy.yaml');
  writeFileSync(main, '1');
  const { applied, asked, config, log, loads } = await serving(['--watch', '--config', main], {}, [main]);
  loads(({ onFile }) => {
    onFile?.(main);
    onFile?.(policy);
    return Promise.reject(new ConfigError([{ message: 'policy.yaml does not exist' }]));
  });
  await changedUntil(main, () => log().length === 2);
  loads(() => Promise.resolve(config));
  await changedUntil(policy, () => applied.length === 1);
  expect(new Set(asked)).toEqual(new Set([main]));
});

test('without --watch nothing is read again by itself', async () => {
  const { asked } = await serving();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(asked).toHaveLength(1);
});

test('a bridge has no configuration to reload, and outlives the signal', async () => {
  const { parts } = stubParts({});
  const fake = fakeIo({ stdin: new PassThrough() });
  const ended = runCli(['serve', '--connect', 'http://127.0.0.1:9/mcp'], fake.io, parts);
  await until(() => fake.listening() === 3, 15_000);
  fake.reload();
  fake.signal('SIGTERM');
  expect(await ended).toBe(0);
});
