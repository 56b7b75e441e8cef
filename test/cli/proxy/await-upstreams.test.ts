import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CliProxy } from '../../../src/cli/context.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { readTool, replyOf, stubParts } from '../stub-proxy.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A command is loaded when it is called; then it watches its servers. */
async function untilItWatches(): Promise<void> {
  while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
}

const ok = replyOf({ status: 'ok', result: { content: [{ type: 'text', text: 'hello' }] } });

test('a call goes on as soon as its own server is there, whatever the others do', async () => {
  const slow = { state: { state: 'connecting' as const } };
  const stub = stubParts({ files: { tools: [readTool] }, slow }, () => ok);
  const proxy: CliProxy = { ...stub.proxy, settled: () => new Promise(() => {}) };
  const fake = fakeIo({});
  const code = runCli(['call', 'files__read_text_file'], fake.io, { ...stub.parts, createProxy: () => proxy });
  await untilItWatches();
  await vi.advanceTimersByTimeAsync(100);
  expect(await code).toBe(0);
  expect(fake.out()).toBe('hello\n');
});

test('a bare name waits for all servers, since any of them could have it too', async () => {
  const stub = stubParts({ files: { tools: [readTool] } }, () => ok);
  let settle = (): void => {};
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const proxy: CliProxy = { ...stub.proxy, settled: () => settled };
  const code = runCli(['call', 'read_text_file'], fakeIo({}).io, { ...stub.parts, createProxy: () => proxy });
  await untilItWatches();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(stub.batches).toHaveLength(0);
  settle();
  expect(await code).toBe(0);
});

test('a person who waits sees for whom; and sees each server of a check as soon as it is there', async () => {
  const states = { files: 'ready', slow: 'connecting' } as Record<string, 'ready' | 'connecting'>;
  const stub = stubParts({ files: { tools: [readTool] }, slow: {} });
  let settle = (): void => {};
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const proxy: CliProxy = {
    ...stub.proxy,
    upstreams: () => stub.proxy.upstreams().map((state) => ({ ...state, state: states[state.name] ?? 'ready' })),
    settled: () => settled,
  };
  const fake = fakeIo({ isTerminal: true, columns: 80, env: {} });
  const code = runCli(['check'], fake.io, { ...stub.parts, createProxy: () => proxy });
  await untilItWatches();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fake.err()).toBe('\r\u001b[2Kconnecting: slow (1 of 2 servers ready)');
  expect(fake.out()).toMatch(/^files {2}\S*ready.*\n$/);
  states['slow'] = 'ready';
  settle();
  expect(await code).toBe(0);
  expect(fake.err().endsWith('ready)\r\u001b[2K')).toBe(true);
  expect(fake.out().match(/^(files|slow ) {2}\S*ready/gm)).toHaveLength(2);
});

test('what a person waits for is off the screen before a server is printed', async () => {
  const states = { files: 'connecting', slow: 'connecting' } as Record<string, 'ready' | 'connecting'>;
  const stub = stubParts({ files: { tools: [readTool] }, slow: {} });
  let settle = (): void => {};
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const proxy: CliProxy = {
    ...stub.proxy,
    upstreams: () => stub.proxy.upstreams().map((state) => ({ ...state, state: states[state.name] ?? 'ready' })),
    settled: () => settled,
  };
  const fake = fakeIo({ isTerminal: true, columns: 80, env: {} });
  const screen: string[] = [];
  fake.io.stderr.on('data', (text: string) => screen.push(text.replace(/connecting: .*/, 'waiting')));
  fake.io.stdout.on('data', (text: string) => screen.push(text.slice(0, 5)));
  const code = runCli(['check'], fake.io, { ...stub.parts, createProxy: () => proxy });
  await untilItWatches();
  await vi.advanceTimersByTimeAsync(1_000);
  states['files'] = 'ready';
  await vi.advanceTimersByTimeAsync(100);
  expect(screen).toEqual(['\r\u001b[2Kwaiting', '\r\u001b[2K', 'files', '\r\u001b[2Kwaiting']);
  settle();
  expect(await code).toBe(4);
});

test('Ctrl-C ends the waiting with 130, and everything is closed', async () => {
  const stub = stubParts({ slow: { state: { state: 'connecting' } } });
  const proxy: CliProxy = { ...stub.proxy, settled: () => new Promise(() => {}) };
  const fake = fakeIo({});
  const code = runCli(['tools'], fake.io, { ...stub.parts, createProxy: () => proxy });
  await untilItWatches();
  await vi.advanceTimersByTimeAsync(100);
  fake.signal('SIGINT');
  expect(await code).toBe(130);
  expect(stub.calls.closed).toBe(1);
  expect(fake.out()).toBe('');
});

/** A command whose servers are `files`, which is there, and `hung` and `slow`, which are as the test says. */
function startWith(
  argv: string[],
  states: Record<string, 'ready' | 'connecting' | 'failed'>,
  lastFailures: Record<string, string> = {},
): { code: Promise<number>; fake: ReturnType<typeof fakeIo>; waits: number[]; batches: unknown[] } {
  const stub = stubParts({ files: { tools: [readTool] }, hung: {}, slow: {} }, () => ok);
  const waits: number[] = [];
  const proxy: CliProxy = {
    ...stub.proxy,
    upstreams: () =>
      stub.proxy.upstreams().map((upstream) => {
        const lastFailure = lastFailures[upstream.name];
        const reason = 'it fell';
        return { ...upstream, reason, state: states[upstream.name] ?? 'ready', ...(lastFailure && { lastFailure }) };
      }),
    settled: (timeoutMs) => {
      waits.push(timeoutMs);
      return new Promise((resolve) => setTimeout(resolve, timeoutMs));
    },
  };
  const fake = fakeIo({});
  const code = runCli(argv, fake.io, { ...stub.parts, createProxy: () => proxy });
  return { code, fake, waits, batches: stub.batches };
}

test('a call to a server that has failed ends at once, whatever the others do', async () => {
  const { code, fake } = startWith(['call', 'slow__x'], { hung: 'connecting', slow: 'failed' });
  await vi.advanceTimersByTimeAsync(100);
  expect(await code).toBe(4);
  expect(fake.err()).toContain('the server slow is not connected: it fell;');
});

test('a call of a tool that its server does not have ends at once, whatever the others do', async () => {
  const { code, fake } = startWith(['call', 'files__raed_text_file'], { hung: 'connecting' });
  await vi.advanceTimersByTimeAsync(100);
  expect(await code).toBe(2);
  expect(fake.err()).toBe('there is no tool "files__raed_text_file"; did you mean files__read_text_file?\n');
});

test('a log says once, after 3 s, which servers are waited for and for how long', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval', 'performance'] });
  const { code, fake } = startWith(['tools'], { hung: 'connecting', slow: 'connecting' });
  await vi.advanceTimersByTimeAsync(2_900);
  expect(fake.err()).toBe('');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(fake.err()).toBe('still connecting: hung, slow (3 s); waiting up to 30 s\n');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await code).toBe(4);
});

test.each([
  ['check'],
  ['tools'],
  ['tools', 'explain', 'read_text_file'],
  ['call', 'read_text_file'],
  ['batch', 'b.json'],
])('--timeout says how long to wait: %s %s', async (...argv) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval', 'performance'] });
  const folder = mkdtempSync(join(tmpdir(), 'await-'));
  writeFileSync(join(folder, 'b.json'), '[]');
  const named = argv.map((word) => (word === 'b.json' ? join(folder, word) : word));
  const { code, fake, waits } = startWith([...named, '--timeout', '1500ms'], { hung: 'connecting' });
  await vi.waitUntil(() => waits.length > 0);
  await vi.advanceTimersByTimeAsync(1_500);
  await code;
  rmSync(folder, { recursive: true });
  expect(waits).toEqual([1_500]);
  if (argv[0] === 'tools' && argv.length === 1) {
    expect(fake.err()).toBe('the server hung is not connected: no answer within 1.5 s\n');
  }
});

test('a server that has failed and is tried again at the end of the wait is told with the reason why it failed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval', 'performance'] });
  const states = { hung: 'connecting', slow: 'connecting' } as const;
  const { code, fake, waits } = startWith(['tools', '--timeout', '1500ms'], states, { slow: 'it lacks a key' });
  await vi.waitUntil(() => waits.length > 0);
  await vi.advanceTimersByTimeAsync(1_500);
  await code;
  expect(fake.err()).toContain('the server hung is not connected: no answer within 1.5 s\n');
  expect(fake.err()).toContain('the server slow is not connected: it lacks a key\n');
});
