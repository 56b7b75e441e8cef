import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startHttpFixture } from '../upstream/support.ts';
import {
  connectClient,
  createWorkspace,
  firstText,
  fixtureServer,
  lastResult,
  program,
  readLog,
  referenceServer,
  sendBatch,
  serveLaunch,
  startProxy,
  writeConfig,
} from './support.ts';
import type { RunningProxy, Workspace } from './support.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace();
});
afterEach(() => workspace.close());

describe('one server that hangs in its handshake', () => {
  test('[no-wait] holds up the first list for four seconds at most, and the next one for less than one', async () => {
    const servers = {
      hung: fixtureServer('hang.mjs'),
      it: fixtureServer('scripted.mjs'),
      memory: { ...referenceServer('memory'), env: { MEMORY_FILE_PATH: join(workspace.path, 'memory.jsonl') } },
    };
    // A machine that runs tests is busy with other things too, so the first start is measured from when the program is up, and
    // the second, of which starting the program is most, is the best of a few.
    const config = writeConfig(workspace, { servers });
    const first = await firstList(startProxy(workspace, { config }));
    expect(first.names).toEqual(expect.arrayContaining(['batch_call', 'it__echo', 'memory__read_graph']));
    expect(first.afterMs - first.upMs).toBeLessThan(4_500);

    let bestMs = Number.POSITIVE_INFINITY;
    for (let attempt = 1; attempt <= 5 && bestMs > 1_000; attempt++) {
      const again = await firstList(startProxy(workspace, { config }));
      expect(again.names).toEqual(first.names);
      bestMs = Math.min(bestMs, again.afterMs);
    }
    expect(bestMs).toBeLessThan(1_000);
  });

  test('[no-wait] does not hold up calls of the others, and a call to it says what is the matter', async () => {
    const servers = { hung: fixtureServer('hang.mjs'), it: fixtureServer('scripted.mjs') };
    const client = await connectClient(workspace, 'version 2 legacy', serveLaunch(writeConfig(workspace, { servers })));
    await client.listTools();
    const startedMs = performance.now();
    const { results } = await sendBatch(client, [
      { tool: 'it__echo' },
      { tool: 'hung__anything' },
      { tool: 'it__echo' },
    ]);
    expect(performance.now() - startedMs).toBeLessThan(500);
    expect(results.map(({ status }) => status)).toEqual(['ok', 'failed', 'ok']);
    expect(results[1]!.error).toMatchObject({ code: 'server_unavailable', message: expect.stringContaining('hung') });
  });
});

describe('one server that dies', () => {
  test('[isolation] in the middle of a call fails that call alone, and works again afterwards', async () => {
    const log = join(workspace.path, 'calls.jsonl');
    const servers = {
      mortal: fixtureServer('scripted.mjs', [], { SCRIPT_LOG: log }),
      other: fixtureServer('scripted.mjs'),
    };
    const client = await connectClient(workspace, 'version 1', serveLaunch(writeConfig(workspace, { servers })));
    await client.listTools();
    const { results } = await sendBatch(client, [
      { tool: 'other__sleep', arguments: { ms: 300 } },
      { tool: 'mortal__die', arguments: { ms: 100 } },
      { tool: 'mortal__read', arguments: { key: 'next' } },
      { tool: 'other__echo' },
    ]);
    expect(results.map(({ status, applied, error }) => [status, applied, error?.code])).toEqual([
      ['ok', 'no', undefined],
      ['failed', 'unknown', 'connection_lost'],
      // It had not been sent, and waited for the server to come back.
      ['ok', 'no', undefined],
      ['ok', 'no', undefined],
    ]);
    // What the call did is not known, so it is not sent a second time.
    expect(readLog(log).filter(({ event, tool }) => event === 'start' && tool === 'die')).toHaveLength(1);
    expect(firstText(await client.call('mortal__echo', { still: 'there' }))).toContain('there');
  });

  test('during a call by itself gives that client an error that says so', async () => {
    const servers = { mortal: fixtureServer('scripted.mjs') };
    const client = await connectClient(workspace, 'version 2 modern', serveLaunch(writeConfig(workspace, { servers })));
    const lost = await client.call('mortal__die');
    expect(lost['isError']).toBe(true);
    expect(firstText(lost)).toMatch(/^connection_lost: mortal: .*what the call did is not known/);
  });
});

describe('a server whose command does not exist', () => {
  const missing = { command: 'no-such-program-anywhere', args: [] };

  test('is reported by `check` with the reason and the mend, beside those that work', async () => {
    const config = writeConfig(workspace, { servers: { gone: missing, it: fixtureServer('scripted.mjs') } });
    const check = startProxy(workspace, { args: ['check', '--config', config] });
    expect(await check.exited).toMatchObject({ code: 4 });
    const lines = check.stdout().split('\n');
    const line = lines.find((text) => text.startsWith('gone '));
    expect(line).toContain('unreachable');
    expect(line).toContain('the command "no-such-program-anywhere" was not found');
    expect(line).toContain('install it, or write its full path');
    expect(lines.find((text) => text.startsWith('it '))).toContain('ready');
  });

  test.each(['version 1', 'version 2 modern'] as const)(
    'tells a client of %s why, in a batch and by itself',
    async (kind) => {
      const config = writeConfig(workspace, { servers: { gone: missing, it: fixtureServer('scripted.mjs') } });
      const client = await connectClient(workspace, kind, serveLaunch(config));
      await client.listTools();
      const { results } = await sendBatch(client, [{ tool: 'gone__tool' }, { tool: 'it__echo' }]);
      expect(results.map(({ status }) => status)).toEqual(['failed', 'ok']);
      expect(results[0]!.error!.message).toContain('the command "no-such-program-anywhere" was not found');
      const alone = await client.call('gone__tool');
      expect(alone['isError']).toBe(true);
      expect(firstText(alone)).toContain('the command "no-such-program-anywhere" was not found');
    },
  );
});

test.each(['version 1', 'version 2 modern'] as const)(
  'stdio, Streamable HTTP and SSE servers of both eras work side by side for a client of %s',
  async (kind) => {
    const http = await startHttpFixture();
    workspace.closeLater(http.close);
    const headers = { 'x-key': '${FIXTURE_KEY}' };
    const servers = {
      pipe: fixtureServer('v1-stdio.mjs'),
      pipe2: fixtureServer('modern-stdio.mjs', ['--modern-only']),
      web: { url: http.url('/v1'), headers },
      web2: { url: http.url('/modern'), headers },
      old: { type: 'sse', url: http.url('/sse'), headers },
    };
    const config = writeConfig(workspace, { servers, envFile: 'keys.env' });
    workspace.write('keys.env', 'FIXTURE_KEY=secret\n');
    const client = await connectClient(workspace, kind, serveLaunch(config));
    const names = Object.keys(servers);
    const listed = (await client.listTools()).map(({ name }) => name);
    for (const name of names) expect(listed).toEqual(expect.arrayContaining([`${name}__add`, `${name}__steps`]));

    const { results } = await sendBatch(
      client,
      names.map((name, index) => ({ tool: `${name}__add`, arguments: { a: index, b: 40 } })),
    );
    expect(results.map(({ result }) => result?.structuredContent)).toEqual(
      names.map((_, index) => ({ sum: 40 + index })),
    );
    for (const name of names) {
      const before = client.received().length;
      const result = await client.call(`${name}__steps`, { count: 3 }, { onProgress: () => {} });
      expect(firstText(result)).toBe('done');
      // A field of the modern era alone, whichever era the server behind speaks.
      expect('resultType' in lastResult(client)).toBe(kind === 'version 2 modern');
      const steps = client
        .received()
        .slice(before)
        .filter(({ method }) => method === 'notifications/progress');
      expect(steps.map(({ params }) => params)).toMatchObject([1, 2, 3].map((progress) => ({ progress, total: 3 })));
    }
  },
);

describe('a configuration that contains mcp-marshal itself', () => {
  test('serves the others, and warns of the entry that it skips', async () => {
    const servers = {
      self: { command: 'npx', args: ['-y', 'mcp-marshal', 'serve'] },
      it: fixtureServer('scripted.mjs'),
    };
    const proxy = startProxy(workspace, { config: writeConfig(workspace, { servers }) });
    const { names } = await firstList(proxy);
    expect(names).toContain('it__echo');
    expect(names.some((name) => name.startsWith('self'))).toBe(false);
    const warnings = proxy
      .stderr()
      .split('\n')
      .filter((line) => line.includes('servers.self'));
    expect(warnings).toHaveLength(1);
    expect(JSON.parse(warnings[0]!).msg).toMatch(/marshal\.yaml:\d+:\d+ servers\.self: .*mcp-marshal/);
  });

  test('starts no chain of itself even where the entry is not recognised', async () => {
    const started = join(workspace.path, 'started.txt');
    const config = join(workspace.path, 'marshal.yaml');
    // Looks like any other server, and starts this very program with this very configuration.
    const disguise = workspace.write(
      'disguise.mjs',
      `import { appendFileSync } from 'node:fs';
       appendFileSync(${JSON.stringify(started)}, process.ppid + '\\n');
       process.argv.splice(1, 1, ${JSON.stringify(program)});
       await import(${JSON.stringify(program)});`,
    );
    const disguised = { command: process.execPath, args: [disguise, 'serve', '--config', config] };
    writeConfig(workspace, { servers: { disguised, it: fixtureServer('scripted.mjs') } });
    const check = startProxy(workspace, { args: ['check', '--config', config] });
    expect(await check.exited).toMatchObject({ code: 4 });
    expect(check.stdout()).toMatch(/^disguised +unreachable +.*started by another mcp-marshal/m);
    expect(check.stdout()).toMatch(/^it +ready/m);
    // Every start was the outer one's; the inner ones ended before they started anything.
    const parents = new Set(readFileSync(started, 'utf8').trim().split('\n'));
    expect([...parents]).toEqual([String(check.pid)]);
    rmSync(started);
  });
});

/** Opens a session and lists, as clients do right after the start; milliseconds from the start of the process to either answer. */
async function firstList(proxy: RunningProxy): Promise<{ names: string[]; upMs: number; afterMs: number }> {
  await proxy.initialize();
  const upMs = performance.now() - proxy.startedMs;
  const response = await proxy.request('tools/list');
  const afterMs = performance.now() - proxy.startedMs;
  const { tools }: { tools: { name: string }[] } = JSON.parse(JSON.stringify(response['result']));
  proxy.endInput();
  await proxy.exited;
  return { names: tools.map(({ name }) => name), upMs, afterMs };
}
