import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { isRunning, until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, readLog, startProxy, untilGone, writeConfig } from './support.ts';
import type { Launch, RunningProxy, Workspace } from './support.ts';

/** From the moment in which the program is asked to end. */
const goneWithinMs = 3_000;

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace();
});
afterEach(() => workspace.close());

const posix = process.platform !== 'win32';

describe.runIf(posix)('the servers that mcp-marshal started', () => {
  const ways: [string, (proxy: RunningProxy) => void, number][] = [
    ['the end of its input', (proxy) => proxy.endInput(), 0],
    ['SIGTERM', (proxy) => proxy.signal('SIGTERM'), 0],
    ['SIGINT', (proxy) => proxy.signal('SIGINT'), 130],
  ];

  // One state for all three: on a first start the one that hangs would hold up the first call of each.
  const shared = createWorkspace();
  afterAll(shared.close);

  test.each(ways)(
    '[children] end with it at %s, wrapped, stubborn and hanging ones and their children too',
    async (_way, end, code) => {
      const { servers, pids } = difficultServers(shared);
      const proxy = startProxy(shared, { config: writeConfig(shared, { servers }) });
      await proxy.initialize();
      // Not before all have answered once: what has not been started need not be ended.
      for (const name of ['plain', 'wrapped', 'stubborn', 'parent']) {
        await call(proxy, `${name}__read`, { key: name });
      }
      await until(() => pids().length === 7);
      const living = pids();
      expect(living.every(isRunning)).toBe(true);

      const askedMs = performance.now();
      end(proxy);
      const exit = await proxy.exited;
      expect(exit).toMatchObject({ code, signal: null });
      await untilGone(living, goneWithinMs - (performance.now() - askedMs));
      expectProtocolOnly(proxy);
      expectNoStack(proxy);
    },
  );

  test('[children] end with it in the middle of a call', async () => {
    const log = join(workspace.path, 'calls.jsonl');
    const servers = { it: fixtureServer('scripted.mjs', [], { SCRIPT_LOG: log }) };
    const proxy = startProxy(workspace, { config: writeConfig(workspace, { servers }) });
    await proxy.initialize();
    call(proxy, 'it__write', { key: 'running', ms: 60_000 }).catch(() => {});
    await until(() => readLog(log).length === 1);
    proxy.endInput();
    expect(await proxy.exited).toMatchObject({ code: 0, signal: null });
    await untilGone([readLog(log)[0]!.pid], goneWithinMs);
    expectNoStack(proxy);
  });

  test('[children] end after it even where it was killed and could end nothing itself', async () => {
    const log = join(workspace.path, 'calls.jsonl');
    const servers = { it: fixtureServer('scripted.mjs', [], { SCRIPT_LOG: log }) };
    const proxy = startProxy(workspace, { config: writeConfig(workspace, { servers }) });
    await proxy.initialize();
    await call(proxy, 'it__read', { key: 'k' });
    proxy.signal('SIGKILL');
    expect(await proxy.exited).toMatchObject({ signal: 'SIGKILL' });
    await untilGone([readLog(log)[0]!.pid], goneWithinMs);
  });

  test('[children] end at once at a second signal, which waits for nobody', async () => {
    const pidFile = join(workspace.path, 'grandchild.pid');
    const servers = { it: fixtureServer('scripted.mjs', ['--stubborn', '--grandchild', pidFile]) };
    const proxy = startProxy(workspace, { config: writeConfig(workspace, { servers }) });
    await proxy.initialize();
    await call(proxy, 'it__echo', {});
    const grandchild = Number(readFileSync(pidFile, 'utf8'));
    const askedMs = performance.now();
    // Again and again, since the system may join a signal with the one before.
    const asking = setInterval(() => proxy.signal('SIGTERM'), 50);
    expect(await proxy.exited).toMatchObject({ code: 130 });
    clearInterval(asking);
    // A polite end would have left the stubborn server two seconds.
    expect(performance.now() - askedMs).toBeLessThan(1_500);
    await untilGone([grandchild], goneWithinMs);
  });
});

describe('what mcp-marshal prints while it serves', () => {
  test('is protocol alone on stdout, however much its servers say and however much it logs', async () => {
    const servers = { noisy: fixtureServer('noisy.mjs'), it: fixtureServer('scripted.mjs') };
    const config = writeConfig(workspace, { servers, log: { level: 'debug' } });
    const proxy = startProxy(workspace, { config, env: { MCP_MARSHAL_DEBUG: '1' } });
    await proxy.initialize();
    await proxy.request('tools/list');
    const hello = await call(proxy, 'noisy__hello', {});
    expect(JSON.stringify(hello)).toContain('hällo');
    await call(proxy, 'batch_call', {
      calls: [{ tool: 'noisy__hello' }, { tool: 'it__progress', arguments: { steps: 3 } }],
    });
    proxy.send({ id: 'odd', method: 'no/such/method' });
    await until(() => proxy.stdout().includes('"odd"'));
    proxy.endInput();
    expect(await proxy.exited).toMatchObject({ code: 0 });
    expectProtocolOnly(proxy);
    expect(proxy.stderr()).not.toBe('');
    expectNoStack(proxy);
  });

  test('lines of its client that are no messages change nothing', async () => {
    const servers = { it: fixtureServer('scripted.mjs') };
    const proxy = startProxy(workspace, { config: writeConfig(workspace, { servers }) });
    await proxy.initialize();
    for (const odd of [{ id: {}, method: 'tools/list' }, { method: 5 }, { result: 1 }, { id: 99, result: {} }])
      proxy.send(odd);
    expect(await proxy.request('tools/list')).toMatchObject({ result: { tools: expect.any(Array) } });
    proxy.endInput();
    expect(await proxy.exited).toMatchObject({ code: 0 });
    expectProtocolOnly(proxy);
    expectNoStack(proxy);
  });
});

test('a client that no longer reads is gone: mcp-marshal ends quietly, and its servers with it', async () => {
  const log = join(workspace.path, 'calls.jsonl');
  const servers = { it: fixtureServer('scripted.mjs', [], { SCRIPT_LOG: log }) };
  const proxy = startProxy(workspace, { config: writeConfig(workspace, { servers }) });
  await proxy.initialize();
  await call(proxy, 'it__read', { key: 'k' });
  proxy.breakStdout();
  for (let turn = 1; turn <= 2; turn++) proxy.request('tools/list').catch(() => {});
  const exit = await proxy.exited;
  expect(exit).toMatchObject({ code: 0, signal: null });
  await untilGone([readLog(log)[0]!.pid], goneWithinMs);
  expectNoStack(proxy);
});

describe('a configuration that is wrong', () => {
  const mistakes = [
    'version: 1',
    'severs: {}',
    'servers:',
    '  files:',
    '    command: node',
    '    args: "-y server"',
    '    timeout: 30 parsecs',
    '    env: { TOKEN: "${NO_SUCH_VARIABLE}" }',
    '    policy: builtin:filesytem',
    '  both: { command: node, url: https://example.com/mcp }',
    'batch:',
    '  maxCalls: 5000',
    '',
  ];
  const places = ['2:1', '6:11', '7:14', '8:19', '9:13', '10:26', '12:13'];

  test('[configuration] with seven mistakes gives seven lines with place and mend, starts nothing and exits with 2', async () => {
    const config = workspace.write('marshal.yaml', mistakes.join('\n'));
    const proxy = startProxy(workspace, { config: 'marshal.yaml' });
    expect(await proxy.exited).toMatchObject({ code: 2, signal: null });
    expect(proxy.stdout()).toBe('');
    const lines = proxy.stderr().trimEnd().split('\n');
    expect(lines.pop()).toBe('7 problems; nothing was started');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(places.map((place) => `marshal.yaml:${place}`));
    expect(lines[0]).toContain('did you mean servers?');
    expect(lines[2]).toContain('"30 parsecs" is not a duration; write 500ms, 30s or 2m');
    expect(lines[3]).toContain('NO_SUCH_VARIABLE');
    expect(lines[4]).toContain('did you mean builtin:filesystem?');
    expectNoStack(proxy);
    rmSync(config);
  });

  test.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['is not YAML', 'servers: [\n  - {'],
    ['is binary', '\0\x01\x02\xff'],
  ])('[configuration] that %s is one line and exit code 2, and no stack trace', async (_what, text) => {
    if (text !== undefined) workspace.write('marshal.yaml', text);
    const proxy = startProxy(workspace, { config: 'marshal.yaml' });
    expect(await proxy.exited).toMatchObject({ code: 2 });
    expect(proxy.stdout()).toBe('');
    expect(proxy.stderr()).toContain('marshal.yaml');
    expectNoStack(proxy);
  });
});

/** One server of each kind that is hard to end, and the processes that make them up, none of which has started yet. */
function difficultServers({ path }: Workspace): { servers: Record<string, Launch>; pids: () => number[] } {
  const log = join(path, 'calls.jsonl');
  for (const file of [log, ...['wrapper', 'grandchild', 'hung'].map((name) => join(path, `${name}.pid`))]) {
    rmSync(file, { force: true });
  }
  const scripted = (args: string[] = []): Launch => fixtureServer('scripted.mjs', args, { SCRIPT_LOG: log });
  const fileOf = (name: string): string => join(path, `${name}.pid`);
  const shell = (name: string, words: string): Launch => ({
    command: 'sh',
    args: ['-c', `echo $$ > '${fileOf(name)}'; ${words}`],
    env: { SCRIPT_LOG: log },
  });
  const quoted = ({ command, args }: Launch): string => [command, ...args].map((word) => `'${word}'`).join(' ');
  const servers = {
    plain: scripted(),
    // A wrapper that stays in front of its server, as npx does.
    wrapped: shell('wrapper', `exec 3<&0; ${quoted(scripted())} <&3 & wait`),
    stubborn: scripted(['--stubborn']),
    parent: scripted(['--grandchild', fileOf('grandchild')]),
    hung: shell('hung', `exec ${quoted(fixtureServer('hang.mjs'))}`),
  };
  const written = (name: string): number[] => {
    try {
      return [Number(readFileSync(fileOf(name), 'utf8'))];
    } catch {
      return [];
    }
  };
  const pids = (): number[] => [
    ...new Set([...readLog(log).map(({ pid }) => pid), ...['wrapper', 'grandchild', 'hung'].flatMap(written)]),
  ];
  return { servers, pids };
}

function call(proxy: RunningProxy, name: string, args: JsonObject): Promise<JsonObject> {
  return proxy.request('tools/call', { name, arguments: args });
}

/** Every line of stdout is a JSON-RPC message. */
function expectProtocolOnly(proxy: RunningProxy): void {
  const lines = proxy.stdout().split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
}

function expectNoStack(proxy: RunningProxy): void {
  expect(proxy.stderr()).not.toMatch(/^\s+at .+:\d+:\d+/m);
  expect(proxy.stderr()).not.toMatch(/unhandled|uncaught|unexpected error/i);
}
