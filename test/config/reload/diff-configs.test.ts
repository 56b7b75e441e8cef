import { expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { diffConfigs, keepUntilRestart } from '../../../src/config/reload/diff-configs.ts';
import { renderReload } from '../../../src/config/reload/render-reload.ts';
import { load } from '../load-from.ts';
import type { LockFile } from '../../../src/config/lock/lock-file.ts';

async function configOf(
  servers: Record<string, object>,
  others: object = {},
  policy = 'version: 1\n',
): Promise<Config> {
  const files = { 'marshal.yaml': JSON.stringify({ version: 1, servers, ...others }), 'p.yaml': policy };
  const config = await load(files, { env: { HOME: '/home/ann' } });
  // Each of these is loaded from a folder of its own.
  const own = config.servers.map((server) => ({ ...server, policy: { ...server.policy, file: 'p.yaml' } }));
  return { ...config, servers: own };
}
const a = { command: 'a', cwd: '/srv' };
const b = { command: 'b', cwd: '/srv' };
const c = { command: 'c', cwd: '/srv' };

test('names the servers that came, went, changed and stayed, in one line', async () => {
  const report = diffConfigs(await configOf({ a, b, c }), await configOf({ d: a, b: { ...b, timeout: '5s' }, c }));
  expect(report).toMatchObject({ added: ['d'], removed: ['a'], changed: ['b'], kept: ['c'], reconnected: [] });
  expect(renderReload(report)).toBe('reloaded: +d, -a, ~b; 1 kept');
});

test.each([
  ['arguments', { ...a, args: ['x'] }],
  ['environment', { ...a, env: { X: '1' } }],
  ['folder', { ...a, cwd: '/tmp' }],
  ['command', { ...a, command: 'z' }],
])('has a server connected anew for another %s', async (_what, changed) => {
  expect(diffConfigs(await configOf({ a }), await configOf({ a: changed }))).toMatchObject({
    changed: ['a'],
    reconnected: ['a'],
  });
});

test('takes a server that is switched off for one that is not there', async () => {
  const off = { ...a, enabled: false };
  expect(diffConfigs(await configOf({ a, b }), await configOf({ a: off, b }))).toMatchObject({ removed: ['a'] });
  expect(diffConfigs(await configOf({ a: off, b }), await configOf({ a, b }))).toMatchObject({ added: ['a'] });
  const twice = diffConfigs(await configOf({ a: off, b }), await configOf({ a: { ...off, timeout: '1s' }, b }));
  expect(renderReload(twice)).toBe('reloaded: nothing changed; 1 kept');
});

test('sees a changed policy, and no change in comments and empty lines', async () => {
  const withPolicy = { a: { ...a, policy: 'p.yaml' } };
  const before = await configOf(
    withPolicy,
    {},
    'version: 1\ndeny: [x]\ntools: { y: { when: [{ args: { k: v }, class: read }] } }\n',
  );
  const moved = await configOf(
    withPolicy,
    {},
    '# why\nversion: 1\n\ndeny: [x]\ntools: { y: { when: [{ args: { k: v }, class: read }] } }\n',
  );
  expect(diffConfigs(before, moved)).toMatchObject({ kept: ['a'], changed: [] });
  const other = await configOf(withPolicy, {}, 'version: 1\ndeny: [z]\n');
  expect(diffConfigs(before, other)).toMatchObject({ changed: ['a'], reconnected: [] });
});

test('sees that another tool was accepted, wherever the lock file lies', async () => {
  const digest = `sha256-${'A'.repeat(43)}=`;
  const tool = { description: digest, schema: digest, annotations: digest };
  const launch = { command: 'x', args: [], env: [] };
  const locking = (name: string): LockFile => ({
    servers: new Map([['a', { launch, tools: new Map([[name, tool]]) }]]),
  });
  const config = await configOf({ a });
  const locked = { ...config, lock: locking('x') };
  expect(diffConfigs(config, locked).settings).toEqual(['lock']);
  expect(diffConfigs(locked, { ...config, lock: locking('y') }).settings).toEqual(['lock']);
  expect(diffConfigs(locked, { ...config, lockFile: '/elsewhere', lock: locking('x') }).settings).toEqual([]);
  expect(keepUntilRestart(config, locked).lock).toEqual(locking('x'));
});

test('names the keys that hold at once, and those that take a restart, which stay as they were', async () => {
  const recipes = { r: { description: 'r', calls: [{ tool: 'a__x' }] } };
  const before = await configOf({ a });
  const after = await configOf(
    { a },
    {
      batch: { maxCalls: 5 },
      maxParallel: 3,
      naming: 'bare',
      recipes,
      log: { level: 'debug', format: 'pretty' },
      stateDir: '/var/other',
      journal: { keepDays: 1 },
      limits: { sessions: 5 },
    },
  );
  const report = diffConfigs(before, after);
  expect(report.settings).toEqual(['batch', 'maxParallel', 'naming', 'recipes', 'log.level']);
  expect(report.needRestart).toEqual(['stateDir', 'journal', 'limits', 'log.format']);
  expect(renderReload(report)).toBe('reloaded: batch, maxParallel, naming, recipes, log.level; 1 kept');
  const held = keepUntilRestart(before, after);
  expect(held).toMatchObject({
    stateDir: before.stateDir,
    journal: before.journal,
    limits: before.limits,
    log: { level: 'debug', format: 'json' },
    maxParallel: 3,
  });
  expect(before.limits).toMatchObject(held.servers[0]!.limits!);
});
