import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Transport } from '../../src/config/config.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Upstream, UpstreamOptions, UpstreamState } from '../../src/upstream/upstream.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { fixture, recordingLogger, serverConfig, silent, textOf, until } from './support.ts';

const opened: Upstream[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((upstream) => upstream.close()));
});

function open(transport: Transport, options: Partial<UpstreamOptions> = {}): Upstream {
  const upstream = createUpstream({ server: serverConfig(transport), logger: silent, random: () => 1, ...options });
  opened.push(upstream);
  upstream.start();
  return upstream;
}

const call = (upstream: Upstream, tool: string, args: JsonObject = {}) => upstream.call(tool, { arguments: args });
const names = (upstream: Upstream) => upstream.tools().map(({ name }) => name);

describe('connecting', () => {
  test.each([
    ['a raw legacy server', 'scripted.mjs', [], 'legacy'],
    ['a server of SDK version 1', 'v1-stdio.mjs', [], 'legacy'],
    ['a server of SDK version 2', 'modern-stdio.mjs', [], 'modern'],
    ['a server that refuses the legacy handshake', 'modern-stdio.mjs', ['--modern-only'], 'modern'],
    ['a server that exits on a request it does not know', 'exit-on-unknown.mjs', [], 'legacy'],
    ['a server that prints all over its stdout', 'noisy.mjs', [], 'legacy'],
  ])('%s is found and its era known', async (_, file, args, era) => {
    const upstream = open(fixture(file, args));
    await until(() => upstream.state().state === 'ready');
    expect(upstream.state()).toMatchObject({ era, toolCount: upstream.tools().length });
    expect(upstream.tools().length).toBeGreaterThan(0);
    expect(upstream.state().reason).toBeUndefined();
  });

  test('a server that never answers leaves its reason, and its calls fail with it', async () => {
    const upstream = open(fixture('hang.mjs'), { timings: { connectLimitMs: 300, probeMs: 100 } });
    const answer = await call(upstream, 'any');
    expect(answer).toMatchObject({ ok: false, sent: false, error: { code: 'server_unavailable' } });
    expect(upstream.state()).toMatchObject({ state: 'failed', reason: 'it was not ready within 0.3 s' });
  });

  test('a call waits for a connection in the making only so long', async () => {
    const upstream = open(fixture('hang.mjs'), { timings: { callWaitMs: 150 } });
    const startedMs = performance.now();
    const answer = await call(upstream, 'any');
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(answer).toMatchObject({
      ok: false,
      sent: false,
      error: { message: expect.stringContaining('within 0.15 s') },
    });
  });

  test('a server that dies at its start is quoted', async () => {
    const upstream = open(fixture('crash.mjs'));
    await until(() => upstream.state().state === 'failed');
    expect(upstream.state().reason).toBe('it exited with code 9; its last words on stderr: cannot open the database');
  });

  test('a server that dies at each start is quoted while it is tried again, too', async () => {
    const seen: UpstreamState[] = [];
    const onState = (): void => void seen.push(upstream.state());
    const upstream = createUpstream({
      server: serverConfig(fixture('crash.mjs')),
      logger: silent,
      random: () => 1,
      onState,
    });
    opened.push(upstream);
    upstream.start();
    await until(() => seen.some(({ lastFailure }) => lastFailure !== undefined));
    expect(seen.find(({ lastFailure }) => lastFailure !== undefined)).toMatchObject({
      state: 'connecting',
      lastFailure: 'it exited with code 9; its last words on stderr: cannot open the database',
    });
    expect(seen.find(({ state }) => state === 'failed')?.lastFailure).toBeUndefined();
  });

  test.each([
    ['exit', /^it exited with code 9; its last words on stderr: ••• \| ••• \| cannot log in with •••$/],
    ['refuse', /no access with •••/],
  ])(
    'a server that tells the secrets it was given (%s) is quoted without them, in the log too',
    async (how, reason) => {
      const TOKEN = 'ghp_0123456789abcdef';
      const KEY = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n-----END KEY-----';
      const { logger, lines } = recordingLogger();
      const upstream = open(fixture('leaky.mjs', [how], { TOKEN, KEY }), { logger });
      await until(() => upstream.state().state === 'failed');
      await upstream.close();
      expect(lines().some(({ msg }) => msg === 'cannot connect')).toBe(true);
      const everything = JSON.stringify([lines(), upstream.state()]);
      for (const secret of [TOKEN, ...KEY.split('\n')]) expect(everything).not.toContain(secret);
      expect(lines().find(({ msg }) => msg === 'cannot connect')!['reason']).toMatch(reason);
    },
  );

  test('a remembered era saves the asking, and one that no longer holds is forgotten', async () => {
    const learnt: string[] = [];
    const onTools = ({ verdict }: { verdict: { kind: string } }): void => void learnt.push(verdict.kind);
    const right = open(fixture('exit-on-unknown.mjs'), { kept: { tools: [], verdict: { kind: 'legacy' } }, onTools });
    const wrong = open(fixture('modern-stdio.mjs', ['--modern-only']), {
      kept: { tools: [], verdict: { kind: 'legacy' } },
      onTools,
    });
    await until(() => right.state().state === 'ready' && wrong.state().state === 'ready');
    expect(learnt.toSorted()).toEqual(['legacy', 'modern']);
  });

  test('kept tools are there before the server is', () => {
    const tools = [{ name: 'kept', inputSchema: {} }];
    const upstream = open(fixture('hang.mjs'), { kept: { tools } });
    expect(upstream.tools()).toEqual(tools);
    expect(upstream.state()).toMatchObject({ state: 'connecting', toolCount: 1 });
  });
});

describe('tool lists', () => {
  test('all pages are read, with fields we do not know', async () => {
    const upstream = open(fixture('scripted.mjs', ['--page-size', '5', '--extra-tools', '30']));
    await until(() => upstream.state().state === 'ready');
    expect(names(upstream)).toContain('extra_29');
    expect(new Set(names(upstream)).size).toBe(names(upstream).length);
    expect(upstream.tools().find(({ name }) => name === 'odd')).toMatchObject({ 'x-unknown': { kept: true } });
  });

  test('a list that repeats its cursor ends', async () => {
    const { logger, lines } = recordingLogger();
    const upstream = open(fixture('scripted.mjs', ['--page-size', '2', '--repeat-cursor']), { logger });
    await until(() => upstream.state().state === 'ready');
    expect(lines().map(({ msg }) => msg)).toContain('its tool list repeats a cursor; what came until then is used');
  });

  test('a change is noticed; a storm of changes is read few times and its last one is not missed', async () => {
    const upstream = open(fixture('scripted.mjs'), { timings: { relistGapMs: 100 } });
    await call(upstream, 'change_tools', { times: 100 });
    await until(() => names(upstream).includes('new_100'));
    expect(JSON.parse(textOf(await call(upstream, 'lists'))).lists).toBeLessThanOrEqual(3);
  });

  test('a modern server’s change is noticed too', async () => {
    const upstream = open(fixture('modern-stdio.mjs'), { timings: { relistGapMs: 50 } });
    await until(() => upstream.state().state === 'ready');
    const before = upstream.tools().length;
    // The stream of changes opens after the connection is ready; a change before that would be in no notification.
    await until(() => {
      void call(upstream, 'grow');
      return upstream.tools().length > before;
    });
    expect(upstream.tools().length).toBeGreaterThan(before);
  });
});

describe('calls', () => {
  test('results keep unknown fields, content types and _meta; the modern server’s identity is removed', async () => {
    const legacy = open(fixture('scripted.mjs'));
    const modern = open(fixture('modern-stdio.mjs'));
    expect(await call(legacy, 'odd')).toEqual({
      ok: true,
      result: {
        content: [
          { type: 'hologram', beams: [1, 2] },
          { type: 'text', text: 'plain', 'x-note': 'kept' },
        ],
        'x-unknown': { nested: [null, 1] },
        _meta: { 'example.com/trace': 'abc' },
      },
    });
    const answer = await call(modern, 'add', { a: 1, b: 2 });
    expect(answer).toMatchObject({ ok: true, result: { structuredContent: { sum: 3 } } });
    expect(JSON.stringify(answer)).not.toContain('serverInfo');
  });

  test('trace context goes along; the recursion marker is set', async () => {
    const upstream = open(fixture('scripted.mjs'));
    const answer = await upstream.call('meta', {
      arguments: {},
      _meta: { traceparent: '00-1-2-01', progressToken: 5 },
    });
    expect(JSON.parse(textOf(answer))).toEqual({ traceparent: '00-1-2-01' });
    expect(JSON.parse(textOf(await call(upstream, 'env', { name: 'MCP_MARSHAL_DEPTH' })))).toEqual({ value: '1' });
  });

  test('an error of the upstream is kept whole for passing on', async () => {
    const upstream = open(fixture('scripted.mjs'));
    expect(await call(upstream, 'rpc_error', { code: -32042, data: { url: 'x' } })).toEqual({
      ok: false,
      sent: true,
      error: {
        code: 'upstream_error',
        message: 'files: refused by script (-32042)',
        retryable: false,
        rpc: { code: -32042, message: 'refused by script', data: { url: 'x' } },
      },
    });
  });

  test.each([false, true])('progress comes whole and in order (all in one read with the answer: %s)', async (burst) => {
    const upstream = open(fixture('scripted.mjs'));
    const seen: unknown[] = [];
    const params = { arguments: { steps: 5, ms: 1, burst } };
    const answer = await upstream.call('progress', params, { onProgress: (given) => seen.push(given) });
    expect(textOf(answer)).toBe('done');
    expect(seen).toMatchObject(
      [1, 2, 3, 4, 5].map((n) => ({ progress: n, total: 5, message: `step ${n}`, 'x-extra': n - 1 })),
    );
  });

  test.each(['v1-stdio.mjs', 'modern-stdio.mjs'])('progress of %s arrives', async (file) => {
    const upstream = open(fixture(file));
    const seen: unknown[] = [];
    await upstream.call('steps', { arguments: { count: 3 } }, { onProgress: ({ progress }) => seen.push(progress) });
    expect(seen).toEqual([1, 2, 3]);
  });

  test('a cancelled call ends at once and its server hears of it; its neighbour is answered', async () => {
    const { logger, lines } = recordingLogger();
    for (const file of ['v1-stdio.mjs', 'modern-stdio.mjs']) {
      const upstream = open(fixture(file), { logger: logger.child({ file }) });
      await until(() => upstream.state().state === 'ready');
      const abort = new AbortController();
      const neighbour = call(upstream, 'wait', { ms: 300 });
      const cancelled = upstream.call('wait', { arguments: { ms: 60_000 } }, { signal: abort.signal });
      setTimeout(() => abort.abort(), 50);
      expect(await cancelled).toMatchObject({ ok: false, sent: true, error: { code: 'cancelled' } });
      expect(textOf(await neighbour)).toBe('waited');
      await until(() => lines().some((line) => line['file'] === file && line['stderr'] === 'wait was cancelled'));
    }
  });

  test('a server that breaks the protocol fails that call; foreign and double answers harm nobody', async () => {
    const upstream = open(fixture('scripted.mjs'));
    for (const how of ['both', 'neither', 'not-an-object', 'oversized']) {
      expect(await call(upstream, 'malformed', { how })).toMatchObject({
        ok: false,
        sent: true,
        error: { code: 'upstream_error' },
      });
    }
    expect(textOf(await call(upstream, 'malformed', { how: 'twice' }))).toBe('answer 1');
    expect(textOf(await call(upstream, 'malformed', { how: 'foreign' }))).toBe('for you');
    expect(textOf(await call(upstream, 'echo', { a: 1 }))).toBe('{"a":1}');
  });
});

describe('losing the server', () => {
  test('a death in the middle of calls fails those at once, and the next call works', async () => {
    const upstream = open(fixture('scripted.mjs'));
    await until(() => upstream.state().state === 'ready');
    const open20 = Array.from({ length: 20 }, () => call(upstream, 'never'));
    const startedMs = performance.now();
    const death = await call(upstream, 'die');
    expect(death).toMatchObject({ ok: false, sent: true, error: { code: 'connection_lost', retryable: true } });
    for (const answer of await Promise.all(open20)) expect(answer).toMatchObject({ ok: false, sent: true });
    expect(performance.now() - startedMs).toBeLessThan(400);
    expect(upstream.state()).toMatchObject({
      state: 'connecting',
      reason: expect.stringContaining('exited with code 3'),
    });
    expect(textOf(await call(upstream, 'echo', { back: true }))).toBe('{"back":true}');
  });

  test('a server that keeps dying is tried ever more seldom, then said to be in a crash loop', async () => {
    // Only our own timers are faked: the process lives in real time.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { logger, lines } = recordingLogger();
    const upstream = open(fixture('crash.mjs'), { logger });
    const retries = (): number[] => lines().flatMap(({ retryMs }) => (typeof retryMs === 'number' ? [retryMs] : []));
    for (let failures = 1; failures <= 6; failures += 1) {
      while (retries().length < failures) await new Promise((resolve) => setImmediate(resolve));
      if (failures < 6) await vi.advanceTimersByTimeAsync(retries().at(-1)!);
    }
    expect(retries()).toEqual([400, 800, 1600, 3200, 6400, 2_880_000]);
    const reason = expect.stringMatching(/crash loop, 6 failures.*fix the server, then reload \(SIGHUP\) or restart/);
    expect(upstream.state()).toMatchObject({ state: 'failed', reason });
    expect(await call(upstream, 'any')).toMatchObject({
      ok: false,
      sent: false,
      error: { code: 'server_unavailable', message: reason },
    });

    // Somebody has mended it and says so: it is tried at once, and has its five short waits again.
    upstream.retry();
    while (retries().length < 7) await new Promise((resolve) => setImmediate(resolve));
    expect(retries().at(-1)).toBe(400);
  });

  test('closing fails what is open and what comes after', async () => {
    const upstream = open(fixture('scripted.mjs'));
    await until(() => upstream.state().state === 'ready');
    const open1 = call(upstream, 'never');
    await upstream.close();
    expect(await open1).toMatchObject({ ok: false, sent: true, error: { code: 'connection_lost' } });
    expect(await call(upstream, 'echo')).toMatchObject({
      ok: false,
      sent: false,
      error: { code: 'server_unavailable' },
    });
    expect(upstream.state().state).toBe('closed');
  });
});
