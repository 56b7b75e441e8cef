import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createProxy, loadConfig, type Proxy } from '../src/app.ts';
import type { Config } from '../src/config/config.ts';
import type { JsonObject } from '../src/core/json.ts';
import { profileOf } from '../src/upstream/instance/capabilities.ts';
import { createKeptCatalog } from '../src/upstream/kept-catalog.ts';
import { eventually } from './eventually.ts';
import { fixture, silent, temporaryDirectory } from './upstream/support.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A proxy in front of the server that lists the tool `ask` only to clients with elicitation. Nothing is kept unless `tools` are. */
async function open(tools?: readonly string[]): Promise<Proxy> {
  const directory = temporaryDirectory();
  const { command, args } = fixture('talkative.mjs');
  const servers = { talk: { command, args } };
  const file = join(directory.path, 'marshal.yaml');
  writeFileSync(file, JSON.stringify({ version: 1, stateDir: join(directory.path, 'state'), servers }));
  const config = await loadConfig({ file });
  if (tools !== undefined) {
    const catalog = createKeptCatalog({ stateDir: config.stateDir, logger: silent });
    const listed = tools.map((name) => ({ name, inputSchema: { type: 'object' } }));
    const seen = { server: config.servers[0]!, profile: profileOf({}) };
    await catalog.save(seen, { tools: listed, verdict: { kind: 'legacy' } });
  }
  const proxy = createProxy({ config, logger: silent });
  onTestFinished(async () => {
    await proxy.close();
    directory.remove();
  });
  return proxy;
}

/** A client of the legacy era over stdio, greeted. Sends a request, and resolves with its answer. */
async function connect(
  proxy: Proxy,
  capabilities: JsonObject,
): Promise<(method: string, params?: JsonObject) => Promise<JsonObject>> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  proxy.serveStdio({ input, output });
  const waiting = new Map<unknown, (answer: JsonObject) => void>();
  createInterface({ input: output }).on('line', (line) => {
    const message: JsonObject = JSON.parse(line);
    waiting.get(message['id'])?.(message);
  });
  const send = (method: string, params: JsonObject = {}): Promise<JsonObject> =>
    new Promise((resolve) => {
      const id = waiting.size + 1;
      waiting.set(id, resolve);
      input.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  await send('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 't', version: '1' } });
  input.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  return send;
}

describe('what a client is shown first', () => {
  test('has the tools for its own capabilities, also if it comes long after the start', async () => {
    const proxy = await open(['wait']);
    proxy.start();
    await proxy.settled(10_000);
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
    const send = await connect(proxy, { elicitation: {} });
    expect(JSON.stringify(await send('tools/list'))).toContain('talk__ask');
  });

  test('has the tools for its own capabilities, though others are kept from a run without any', async () => {
    const proxy = await open(['wait']);
    const send = await connect(proxy, { elicitation: {} });
    expect(JSON.stringify(await send('tools/list'))).toContain('talk__ask');
  });

  test('is the kept list, and a tool that its server lists only since then can be called at once', async () => {
    const proxy = await open(['wait']);
    const send = await connect(proxy, {});
    expect(JSON.stringify(await send('tools/list'))).not.toContain('talk__seen');
    expect(await send('tools/call', { name: 'talk__seen' })).toMatchObject({ result: { content: [{ type: 'text' }] } });
  });
});

describe('another configuration', () => {
  /** A proxy in front of a scripted server, and its configuration with other keys and another policy. */
  async function openScripted(): Promise<{
    proxy: Proxy;
    having: (others: object, policy?: string) => Promise<Config>;
  }> {
    const directory = temporaryDirectory();
    const { command, args } = fixture('scripted.mjs');
    const file = join(directory.path, 'marshal.yaml');
    const policy = join(directory.path, 'it.yaml');
    const having = (others: object, rules = ''): Promise<Config> => {
      writeFileSync(policy, `version: 1\n${rules}`);
      const servers = { it: { command, args, policy } };
      writeFileSync(file, JSON.stringify({ version: 1, stateDir: join(directory.path, 'state'), servers, ...others }));
      return loadConfig({ file });
    };
    const proxy = createProxy({ config: await having({}), logger: silent });
    onTestFinished(async () => {
      await proxy.close();
      directory.remove();
    });
    proxy.start();
    await proxy.settled(20_000);
    return { proxy, having };
  }

  // One of the process and one of the server for each call in flight.
  const slotsOfOne = 2;
  const statusesOf = (reply: JsonObject): unknown => {
    const { structuredContent }: { structuredContent?: { results: { status: string }[] } } = JSON.parse(
      JSON.stringify(reply),
    );
    return structuredContent?.results.map(({ status }) => status);
  };
  const readThenWrite = {
    input: {
      calls: [
        { id: 'a', tool: 'it__read', arguments: { key: 'k', ms: 300 } },
        { tool: 'it__write', arguments: { key: 'k', value: { $result: 'a' } } },
      ],
      format: 'structured',
    },
  };

  test('leaves a batch that runs the policy that it began with, and holds for the next one', async () => {
    const { proxy, having } = await openScripted();
    const denied = await having({}, 'deny: [write]\n');
    const running = proxy.runBatch(readThenWrite);
    await eventually(() => expect(proxy.load().slots).toBe(slotsOfOne));
    expect(proxy.apply(denied)).toMatchObject({ changed: ['it'], reconnected: [] });
    expect(statusesOf(await running)).toEqual(['ok', 'ok']);
    expect(statusesOf(await proxy.runBatch(readThenWrite))).toEqual(['ok', 'denied']);
    expect(proxy.config.servers[0]!.policy.rules).toHaveLength(1);
  });

  test('has other names, other recipes and other limits hold at once', async () => {
    const { proxy, having } = await openScripted();
    const recipes = { look: { description: 'look', calls: [{ tool: 'it__read', arguments: { key: 'k' } }] } };
    proxy.apply(await having({ naming: 'bare', recipes, batch: { maxCalls: 1 } }));
    expect(proxy.catalog().byExposedName.has('echo')).toBe(true);
    expect([...proxy.recipes().keys()]).toEqual(['look']);
    expect(await proxy.runBatch(readThenWrite)).toMatchObject({ isError: true });
    proxy.apply(await having({}));
    expect(proxy.catalog().byExposedName.has('echo')).toBe(false);
    expect([...proxy.recipes().keys()]).toEqual([]);
  });

  test('lets more calls of a server run at once from then on', async () => {
    const { proxy, having } = await openScripted();
    proxy.apply(await having({ maxParallel: 1 }));
    const reads = { calls: ['a', 'b', 'c'].map((key) => ({ tool: 'it__read', arguments: { key, ms: 300 } })) };
    const running = proxy.runBatch({ input: reads });
    await eventually(() => expect(proxy.load().slots).toBe(slotsOfOne));
    proxy.apply(await having({ maxParallel: 8 }));
    await eventually(() => expect(proxy.load().slots).toBeGreaterThan(slotsOfOne));
    await running;
  });
});

test('the journal is opened by serving, so that an interrupted run is known of, and by nobody who only looks', async () => {
  const looking = await open();
  looking.start();
  await looking.settled(10_000);
  const serving = await open();
  serving.serveStdio({ input: new PassThrough(), output: new PassThrough() });
  const hasJournal = ({ config }: Proxy): boolean => existsSync(join(config.stateDir, 'journal', 'journal-1.db'));
  expect([looking, serving].map(hasJournal)).toEqual([false, true]);
});
