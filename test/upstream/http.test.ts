import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Upstream, UpstreamOptions } from '../../src/upstream/upstream.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import type { HttpFixture } from './support.ts';
import { recordingLogger, serverConfig, silent, startHttpFixture, textOf, until } from './support.ts';

let http: HttpFixture;
const opened: Upstream[] = [];

beforeAll(async () => {
  http = await startHttpFixture();
});
afterAll(() => http.close());
afterEach(async () => {
  await Promise.all(opened.splice(0).map((upstream) => upstream.close()));
});

function open(type: 'http' | 'sse', url: string, options: Partial<UpstreamOptions> = {}): Upstream {
  const server = serverConfig({ type, url, headers: { 'x-key': 'secret' } }, 'remote');
  const upstream = createUpstream({ server, logger: silent, random: () => 1, ...options });
  opened.push(upstream);
  upstream.start();
  return upstream;
}

/** An address where nobody listens: a port that was free a moment ago. */
async function unusedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${address.port}/`;
}

const call = (upstream: Upstream, tool: string, args: JsonObject = {}) => upstream.call(tool, { arguments: args });

const kinds = [
  ['modern Streamable HTTP', 'http', '/modern', 'modern'],
  ['Streamable HTTP of SDK version 1', 'http', '/v1', 'legacy'],
  ['the old SSE transport', 'sse', '/sse', 'legacy'],
] as const;

describe.each(kinds)('%s', (_, type, path, era) => {
  test('connects in its era, with the configured headers, and answers', async () => {
    const upstream = open(type, http.url(path));
    expect(await call(upstream, 'add', { a: 1, b: 2 })).toMatchObject({
      ok: true,
      result: { structuredContent: { sum: 3 } },
    });
    expect(upstream.state()).toMatchObject({ state: 'ready', era });
  });

  test('many calls side by side get each its own answer', async () => {
    const upstream = open(type, http.url(path));
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => call(upstream, 'add', { a: n, b: 0 })));
    expect(answers.map((answer) => textOf(answer))).toEqual(answers.map((_, n) => String(n)));
  });

  test('progress arrives in order', async () => {
    const upstream = open(type, http.url(path));
    const seen: unknown[] = [];
    await upstream.call('steps', { arguments: { count: 4 } }, { onProgress: ({ progress }) => seen.push(progress) });
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('a cancelled call ends at once and leaves its neighbour alone', async () => {
    const upstream = open(type, http.url(path));
    await until(() => upstream.state().state === 'ready');
    const abort = new AbortController();
    const neighbour = call(upstream, 'wait', { ms: 200 });
    const cancelled = upstream.call('wait', { arguments: { ms: 60_000 } }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    expect(await cancelled).toMatchObject({ ok: false, sent: true, error: { code: 'cancelled' } });
    expect(textOf(await neighbour)).toBe('waited');
  });
});

test('an argument that a modern server wants in a header is put there, encoded where it must be', async () => {
  const upstream = open('http', http.url('/modern'));
  for (const region of ['eu-west', 'Zürich']) {
    expect(textOf(await call(upstream, 'region', { region, query: 'q' }))).toBe(region);
  }
  const seen = await (await fetch(http.url('/seen'))).json();
  expect(seen).toMatchObject({ paramHeaders: ['eu-west', '=?base64?WsO8cmljaA==?='] });
});

test('a legacy server that has forgotten the session is connected anew, and the call that met it is run there', async () => {
  const upstream = open('http', http.url('/v1'));
  expect((await call(upstream, 'add', { a: 1, b: 1 })).ok).toBe(true);
  await http.command('forget');
  expect((await call(upstream, 'add', { a: 1, b: 1 })).ok).toBe(true);
});

test('an SSE stream that breaks loses its calls, and the next call works', async () => {
  const upstream = open('sse', http.url('/sse'));
  await until(() => upstream.state().state === 'ready');
  const open1 = call(upstream, 'wait', { ms: 60_000 });
  await http.command('forget');
  expect(await open1).toMatchObject({ ok: false, sent: true, error: { code: 'connection_lost' } });
  expect((await call(upstream, 'add', { a: 1, b: 1 })).ok).toBe(true);
});

test('a legacy server is told that its session is over, and one that does not answer holds the end no longer than a second', async () => {
  const upstream = open('http', http.url('/v1'));
  await until(() => upstream.state().state === 'ready');
  const sessions = async (): Promise<number> => {
    const { sessions: count }: { sessions: number } = JSON.parse(await (await fetch(http.url('/seen'))).text());
    return count;
  };
  const before = await sessions();
  await upstream.close();
  expect(await sessions()).toBe(before - 1);

  const slow = open('http', http.url('/v1'));
  await until(() => slow.state().state === 'ready');
  await http.command('hold');
  const startedMs = performance.now();
  await slow.close();
  expect(performance.now() - startedMs).toBeLessThan(1500);
});

test('an answer over 64 MiB ends its call with the limit named, its neighbour is answered', async () => {
  const { logger, lines } = recordingLogger();
  const upstream = open('http', http.url('/v1'), { logger });
  const neighbour = call(upstream, 'wait', { ms: 100 });
  expect(await call(upstream, 'big', { megabytes: 65 })).toMatchObject({
    ok: false,
    sent: true,
    error: { code: 'upstream_error', message: expect.stringContaining('over the limit of 64 MiB') },
  });
  expect(textOf(await neighbour)).toBe('waited');
  expect((await call(upstream, 'add', { a: 1, b: 1 })).ok).toBe(true);
  expect(lines().map(({ msg }) => msg)).toContain('sent an answer over 64 MiB; dropped');
});

describe('what cannot be reached', () => {
  test('a redirect to another origin is not followed, and the headers never get there', async () => {
    const upstream = open('http', http.url('/away'));
    await until(() => upstream.state().state === 'failed');
    const seen = await (await fetch(http.url('/seen'))).json();
    expect(seen).toMatchObject({ away: 0, authorization: null });
  });

  test.each([
    ['nobody listening', () => unusedUrl(), /ECONNREFUSED.*check "url"/],
    ['no such host', () => Promise.resolve('http://no-such-host.invalid/'), /ENOTFOUND|EAI_AGAIN/],
  ])('%s is said so', async (_, makeUrl, reason) => {
    const url = await makeUrl();
    for (const type of ['http', 'sse'] as const) {
      const upstream = open(type, url);
      await until(() => upstream.state().state === 'failed');
      expect(upstream.state().reason).toMatch(reason);
      expect(await call(upstream, 'add')).toMatchObject({
        ok: false,
        sent: false,
        error: { code: 'server_unavailable' },
      });
    }
  });

  test('an error page is not quoted, refused credentials are told without showing them', async () => {
    const { logger, lines } = recordingLogger();
    const broken = open('http', http.url('/broken'), { logger });
    const server = serverConfig({ type: 'http', url: http.url('/v1'), headers: { 'x-key': 'wrong-secret' } }, 'locked');
    const locked = createUpstream({ server, logger });
    opened.push(locked);
    locked.start();
    await until(() => broken.state().state === 'failed' && locked.state().state === 'failed');
    expect(broken.state().reason).toContain('HTTP 500');
    expect(locked.state().reason).toMatch(/credentials \(HTTP 401\)/);
    expect(JSON.stringify(lines())).not.toMatch(/secret/);
  });
});
