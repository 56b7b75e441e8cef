import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isJsonObject } from '../../src/core/json.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { isRunning, until } from '../upstream/support.ts';
import { createWorkspace, firstText, fixtureServer, readLog, startProxy, untilGone } from './support.ts';
import type { BatchReply, Launch, RunningProxy, Workspace } from './support.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace();
});
afterEach(() => workspace.close());

/** A configuration of these servers, as a file of the workspace. */
function write(servers: Record<string, Launch & JsonObject>, others: JsonObject = {}): string {
  const state = { stateDir: join(workspace.path, 'state'), log: { level: 'info' } };
  return workspace.write('marshal.yaml', JSON.stringify({ version: 1, ...state, servers, ...others }));
}

/** A scripted server that writes down its calls; its log says which process has answered. */
function scripted(name: string, args: string[] = []): Launch & JsonObject {
  return { ...fixtureServer('scripted.mjs', args, { SCRIPT_LOG: logOf(name) }) };
}
const logOf = (name: string): string => join(workspace.path, `${name}.jsonl`);

/** The program, greeted, with its servers connected. */
async function serve(config: string, ...options: string[]): Promise<RunningProxy> {
  const proxy = startProxy(workspace, { args: ['serve', '--config', config, ...options] });
  const answers = readMessages(proxy);
  let lastId = 0;
  const request = async (method: string, params: object = {}): Promise<JsonObject> => {
    lastId += 1;
    const id = lastId;
    proxy.send({ id, method, params });
    await until(() => answers().some((message) => message['id'] === id), 15_000);
    return answers().find((message) => message['id'] === id)!;
  };
  const clientInfo = { name: 'bare', version: '1.0.0' };
  await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  proxy.send({ method: 'notifications/initialized' });
  return { ...proxy, request };
}

const readMessages = (proxy: RunningProxy) => (): JsonObject[] =>
  proxy
    .stdout()
    .split('\n')
    .slice(0, -1)
    .map((line): JsonObject => JSON.parse(line));

async function call(proxy: RunningProxy, name: string, args: JsonObject = {}): Promise<JsonObject> {
  const { result } = await proxy.request('tools/call', { name, arguments: args });
  return isJsonObject(result) ? result : {};
}

async function batch(proxy: RunningProxy, calls: JsonObject[], options: JsonObject = {}): Promise<BatchReply> {
  const result = await call(proxy, 'batch_call', { calls, format: 'structured', ...options });
  const reply: BatchReply = JSON.parse(JSON.stringify(result['structuredContent']));
  return reply;
}

async function toolsOf(proxy: RunningProxy): Promise<string[]> {
  const { result } = await proxy.request('tools/list');
  const listed = isJsonObject(result) && Array.isArray(result['tools']) ? result['tools'] : [];
  return listed.flatMap((tool) => (isJsonObject(tool) ? JSON.stringify(tool['name']).slice(1, -1) : []));
}

const listChanges = (proxy: RunningProxy): number =>
  readMessages(proxy)().filter(({ method }) => method === 'notifications/tools/list_changed').length;

/** The messages of the log, in their order. */
function logged(proxy: RunningProxy): string[] {
  const lines = proxy.stderr().split('\n').slice(0, -1);
  return lines.map((line) => String(JSON.parse(line)['msg']));
}
const reloads = (proxy: RunningProxy): string[] => logged(proxy).filter((line) => line.startsWith('reloaded:'));

/** Which process answers for a server. */
async function pidOf(proxy: RunningProxy, name: string): Promise<number> {
  await call(proxy, `${name}__echo`);
  return readLog(logOf(name)).at(-1)!.pid;
}

describe.runIf(process.platform !== 'win32')('SIGHUP', () => {
  test('has another policy hold at once: a tool that is denied is gone from the list, the client hears so, and its server goes on', async () => {
    const policy = workspace.write('policy.yaml', 'version: 1\n');
    const proxy = await serve(write({ one: { ...scripted('one'), policy } }));
    expect(await toolsOf(proxy)).toContain('one__read');
    const pid = await pidOf(proxy, 'one');
    await until(() => proxy.stderr().includes('ready'));
    const changesBefore = listChanges(proxy);
    workspace.write('policy.yaml', 'version: 1\ndeny: [read]\n');
    proxy.signal('SIGHUP');
    await until(() => listChanges(proxy) > changesBefore);
    expect(reloads(proxy)).toEqual(['reloaded: ~one; 0 kept']);
    expect(await toolsOf(proxy)).not.toContain('one__read');
    expect(firstText(await call(proxy, 'one__read', { key: 'k' }))).toContain('denied_by_policy');
    const reply = await batch(proxy, [{ tool: 'one__read', arguments: { key: 'k' } }]);
    expect(reply.results[0]).toMatchObject({ status: 'denied', error: { code: 'denied_by_policy' } });
    expect(await pidOf(proxy, 'one')).toBe(pid);
  });

  test('adds and removes servers during a batch: what runs ends, what waits is unknown_tool, other servers keep their process', async () => {
    const lone = { ...scripted('lone'), maxParallel: 1 };
    const proxy = await serve(write({ lone, kept: scripted('kept') }));
    const kept = await pidOf(proxy, 'kept');
    const gone = await pidOf(proxy, 'lone');
    const running = batch(proxy, [
      { tool: 'lone__read', arguments: { key: 'a', ms: 1_500 } },
      { tool: 'lone__read', arguments: { key: 'b' } },
      { tool: 'lone__read', arguments: { key: 'c' } },
      { tool: 'kept__read', arguments: { key: 'd', ms: 1_500 } },
    ]);
    await until(() => readLog(logOf('lone')).some(({ key, event }) => key === 'a' && event === 'start'));
    write({ kept: scripted('kept'), more: scripted('more') });
    proxy.signal('SIGHUP');
    await until(() => reloads(proxy).length === 1);
    expect(reloads(proxy)).toEqual(['reloaded: +more, -lone; 1 kept']);
    const { results } = await running;
    expect(results.map(({ status, error }) => error?.code ?? status)).toEqual([
      'ok',
      'unknown_tool',
      'unknown_tool',
      'ok',
    ]);
    expect(readLog(logOf('lone')).some(({ key }) => key === 'b' || key === 'c')).toBe(false);
    await untilGone([gone], 3_000);
    expect(await pidOf(proxy, 'kept')).toBe(kept);
    await until(() => logged(proxy).filter((line) => line === 'ready').length === 3);
    expect(await pidOf(proxy, 'more')).toBeGreaterThan(0);
    const listed = await toolsOf(proxy);
    expect([listed.includes('lone__read'), listed.includes('more__read')]).toEqual([false, true]);
  });

  test('connects a server anew whose command has changed: what runs ends on the old process, what comes goes to the new one', async () => {
    const proxy = await serve(write({ one: scripted('one'), other: scripted('other') }));
    const [old, other] = [await pidOf(proxy, 'one'), await pidOf(proxy, 'other')];
    const running = call(proxy, 'one__write', { key: 'slow', ms: 1_500 });
    await until(() => readLog(logOf('one')).some(({ key }) => key === 'slow'));
    write({ one: scripted('one', ['--extra-tools', '1']), other: scripted('other') });
    proxy.signal('SIGHUP');
    await until(() => reloads(proxy).length === 1);
    expect(reloads(proxy)).toEqual(['reloaded: ~one; 1 kept']);
    const next = await pidOf(proxy, 'one');
    expect(next).not.toBe(old);
    expect(isRunning(old)).toBe(true);
    expect(firstText(await running)).toBe('wrote slow');
    expect(readLog(logOf('one')).find(({ key, event }) => key === 'slow' && event === 'end')?.pid).toBe(old);
    await untilGone([old], 3_000);
    await until(() => isRunning(next) && isRunning(other));
    expect(await toolsOf(proxy)).toContain('one__extra_0');
    expect(await pidOf(proxy, 'other')).toBe(other);
  });

  test('changes nothing where the configuration is wrong: all that is wrong is logged, and a batch that runs is unaffected', async () => {
    const proxy = await serve(write({ one: scripted('one') }));
    const pid = await pidOf(proxy, 'one');
    const running = batch(proxy, [
      { tool: 'one__read', arguments: { key: 'a', ms: 1_000 } },
      { tool: 'one__write', arguments: { key: 'b' } },
    ]);
    await until(() => readLog(logOf('one')).some(({ key }) => key === 'a'));
    workspace.write('marshal.yaml', 'version: 1\nservers:\n  one: { command: x, timeout: 30 parsecs }\n  two: {}\n');
    proxy.signal('SIGHUP');
    await until(() => proxy.stderr().includes('the last good one stays'));
    expect(logged(proxy).filter((line) => line.includes('marshal.yaml'))).toEqual([
      expect.stringMatching(/marshal\.yaml:3:31 servers\.one\.timeout: "30 parsecs" is not a duration; write/),
      expect.stringMatching(/marshal\.yaml:4:3 servers\.two: has neither command nor url; write/),
    ]);
    expect((await running).results.map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(await pidOf(proxy, 'one')).toBe(pid);
    write({ one: scripted('one') });
    proxy.signal('SIGHUP');
    await until(() => reloads(proxy).length === 1);
    expect(reloads(proxy)).toEqual(['reloaded: nothing changed; 1 kept']);
  });

  test('keeps what a restart takes as it was, and says so', async () => {
    const proxy = await serve(write({ one: scripted('one') }));
    await pidOf(proxy, 'one');
    write({ one: scripted('one') }, { stateDir: join(workspace.path, 'elsewhere'), batch: { maxCalls: 1 } });
    proxy.signal('SIGHUP');
    await until(() => reloads(proxy).length === 1);
    expect(logged(proxy)).toContain('stateDir has changed, and takes a restart to hold');
    expect(reloads(proxy)).toEqual(['reloaded: batch; 1 kept']);
    const refused = await call(proxy, 'batch_call', { calls: [{ tool: 'one__echo' }, { tool: 'one__echo' }] });
    expect(refused['isError']).toBe(true);
  });
});

describe('--watch', () => {
  test('heeds a file that an editor puts in the place of another, a policy, and a file of a secret', async () => {
    const policy = workspace.write('policies/one.yaml', 'version: 1\n');
    const secret = workspace.write('secrets/key', 'first');
    const one = { ...scripted('one'), policy };
    const config = write({ one: { ...one, env: { ...one.env, KEY: `\${file:${secret}}` } } });
    const proxy = await serve(config, '--watch');
    const pid = await pidOf(proxy, 'one');

    workspace.write('policies/one.yaml.new', 'version: 1\ndeny: [write]\n');
    renameSync(join(workspace.path, 'policies/one.yaml.new'), policy);
    await until(() => reloads(proxy).length === 1, 8_000);
    expect(await toolsOf(proxy)).not.toContain('one__write');
    expect(await pidOf(proxy, 'one')).toBe(pid);

    writeFileSync(secret, 'second');
    await until(() => reloads(proxy).length === 2, 8_000);
    await until(() => !isRunning(pid));
    expect(firstText(await call(proxy, 'one__env', { name: 'KEY' }))).toContain('second');

    // Once more, since who watches the file itself hears nothing of the one in its place.
    workspace.write('policies/one.yaml.new', 'version: 1\n');
    renameSync(join(workspace.path, 'policies/one.yaml.new'), policy);
    await until(() => reloads(proxy).length === 3, 8_000);
    expect(await toolsOf(proxy)).toContain('one__write');
  });

  test('takes twenty quick edits for one or two, and the last of them holds', async () => {
    const proxy = await serve(write({ one: scripted('one') }), '--watch');
    const pid = await pidOf(proxy, 'one');
    for (let edit = 1; edit <= 20; edit += 1) {
      write({ one: scripted('one') }, { batch: { maxCalls: edit } });
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await until(() => reloads(proxy).length > 0, 8_000);
    const calls = Array.from({ length: 21 }, () => ({ tool: 'one__echo' }));
    await until(() => reloads(proxy).at(-1) === 'reloaded: batch; 1 kept');
    expect(firstText(await call(proxy, 'batch_call', { calls }))).toContain('20');
    expect((await batch(proxy, calls.slice(0, 20))).results).toHaveLength(20);
    expect(reloads(proxy).length).toBeLessThanOrEqual(3);
    expect(await pidOf(proxy, 'one')).toBe(pid);
  });

  const deep = Array.from({ length: 700 }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
  const aliases = Array.from({ length: 12 }, (_, n) => `a${n}: &a${n} [${n === 0 ? '1' : `*a${n - 1},`.repeat(9)}]`);
  const bombs: [string, string | Uint8Array, string][] = [
    ['nested a million deep', '['.repeat(250_000), 'holds more than'],
    ['nested by indentation', deep, 'levels deep'],
    ['aliases of aliases', aliases.join('\n'), 'its aliases unfold without bound'],
    ['5 MB', 'a: 1\n'.repeat(1_000_000), 'is larger than'],
    ['binary', new Uint8Array([118, 0, 1, 2]), 'is not text'],
    ['empty', '', 'the file is empty'],
    ['half of itself', '{"version":1,"servers":{"one":{"comm', 'is missing'],
    ['comments that never end', `{"a":${'/* '.repeat(80_000)}`, 'is missing'],
    ['unknown escapes', `a: "${'\\q'.repeat(130_000)}"`, 'has an unknown escape'],
  ];

  test('lives through every bomb, with a clear error of each, and calls go on without a stall', async () => {
    const good = { one: scripted('one') };
    const config = write(good);
    const proxy = await serve(config, '--watch');
    const pid = await pidOf(proxy, 'one');
    const errors = (): number => logged(proxy).filter((line) => line.includes('the last good one stays')).length;
    let slowestMs = 0;
    const over = new AbortController();
    const calling = (async () => {
      while (!over.signal.aborted) {
        const startMs = performance.now();
        await call(proxy, 'one__echo');
        slowestMs = Math.max(slowestMs, performance.now() - startMs);
      }
    })();
    const mishaps: [string, () => void, string][] = [
      ...bombs.map(([name, content, words]): [string, () => void, string] => [
        name,
        () => writeFileSync(config, content),
        words,
      ]),
      ['deleted', () => rmSync(config), 'does not exist'],
      [
        'a directory in its place',
        () => {
          rmSync(config, { force: true });
          mkdirSync(config);
        },
        'is a directory',
      ],
    ];
    for (const [name, happen, words] of mishaps) {
      const before = errors();
      const linesBefore = logged(proxy).length;
      happen();
      await until(() => errors() > before, 10_000).catch(() => expect.fail(`nothing was logged of: ${name}`));
      expect(`${name}: ${logged(proxy).slice(linesBefore).join('\n')}`).toContain(words);
    }
    rmSync(config, { recursive: true });
    write(good);
    await until(() => reloads(proxy).length === 1, 8_000);
    over.abort();
    await calling;
    expect(reloads(proxy)).toEqual(['reloaded: nothing changed; 1 kept']);
    expect(await pidOf(proxy, 'one')).toBe(pid);
    expect(proxy.stderr()).not.toMatch(/\n\s+at /);
    // A machine under load takes its part of it; what is scanned for too long takes seconds.
    expect(slowestMs).toBeLessThan(1_000);
  }, 120_000);

  test('finds a policy in a folder that was not there when it began', async () => {
    const proxy = await serve(write({ one: scripted('one') }), '--watch');
    await pidOf(proxy, 'one');
    write({ one: { ...scripted('one'), policy: 'late/one.yaml' } });
    await until(() => proxy.stderr().includes('the last good one stays'), 8_000);
    workspace.write('late/one.yaml', 'version: 1\ndeny: [read]\n');
    await until(() => reloads(proxy).length === 1, 8_000);
    expect(await toolsOf(proxy)).not.toContain('one__read');
  });
});
