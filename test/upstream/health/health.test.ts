import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Transport } from '../../../src/config/config.ts';
import type { SendResult } from '../../../src/core/outcome.ts';
import type { Upstream, UpstreamOptions } from '../../../src/upstream/upstream.ts';
import { createUpstream } from '../../../src/upstream/upstream.ts';
import { bestOf } from '../../best-of.ts';
import { eventually } from '../../eventually.ts';
import { startFaultyServer } from '../faulty-server.ts';
import { fixture, recordingLogger, serverConfig, silent, temporaryDirectory, textOf, until } from '../support.ts';

const timings = { healthMs: 150, circuitMs: 400 };
const closers: (() => unknown)[] = [];
let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  directory.remove();
});

function open(transport: Transport, options: Partial<UpstreamOptions> = {}): Upstream {
  const upstream = createUpstream({
    server: serverConfig(transport),
    logger: silent,
    random: () => 1,
    timings,
    ...options,
  });
  closers.push(() => upstream.close());
  upstream.start();
  return upstream;
}

const echo = (upstream: Upstream): Promise<SendResult> => upstream.call('echo', { arguments: {} });

/** A call that its sender gives up after so long. */
function giveUp(upstream: Upstream, tool: string, afterMs: number): Promise<SendResult> {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), afterMs);
  return upstream.call(tool, { arguments: { ms: 60_000 } }, { signal: abort.signal });
}

const isRefused = (answer: SendResult): boolean =>
  !answer.ok && answer.error.code === 'server_unavailable' && answer.error.message.includes('times in a row');

describe.runIf(process.platform !== 'win32')('a server that is stopped', () => {
  test.each(['scripted.mjs', 'modern-stdio.mjs'])(
    'is sent nothing more once five calls got no sign of life, and is found back when it goes on (%s)',
    async (file) => {
      const pidFile = join(directory.path, 'pid');
      const { args, ...rest } = fixture(file);
      const server = {
        ...rest,
        command: 'sh',
        args: ['-c', `echo $$ > ${pidFile}; exec "$0" "$@"`, rest.command, ...args],
      };
      const { logger, lines } = recordingLogger();
      const upstream = open(server, { logger });
      await until(() => upstream.state().state === 'ready');
      const pid = Number(readFileSync(pidFile, 'utf8'));
      const tool = file === 'scripted.mjs' ? 'sleep' : 'wait';

      process.kill(pid, 'SIGSTOP');
      const given = await Promise.all(Array.from({ length: 5 }, () => giveUp(upstream, tool, 50)));
      expect(given.map((answer) => !answer.ok && answer.error.code)).toEqual(Array(5).fill('cancelled'));
      const refusedBy = (): boolean => lines().some(({ msg }) => msg === 'its calls are refused for a while');
      await until(refusedBy, 1000);
      const { answer, tookMs } = await bestOf(3, () => echo(upstream), 50);
      expect(isRefused(answer)).toBe(true);
      expect(tookMs).toBeLessThan(50);
      // The probe finds it stopped still, and the next one finds it back: the same process.
      await until(() => lines().filter(({ msg }) => msg === 'its calls are refused for a while').length === 2);
      process.kill(pid, 'SIGCONT');
      await until(() => lines().some(({ msg }) => msg === 'it answers again; its calls are let through'), 2000);
      expect(isRefused(await echo(upstream))).toBe(false);
      expect(lines().filter(({ msg }) => msg === 'ready')).toHaveLength(1);
    },
  );
});

test.runIf(process.platform !== 'win32')(
  'a server that was busy with one call is let through as soon as it answers, however late',
  async () => {
    const pidFile = join(directory.path, 'pid');
    const { args, ...rest } = fixture('scripted.mjs');
    const script = `echo $$ > ${pidFile}; exec "$0" "$@"`;
    const upstream = open(
      { ...rest, command: 'sh', args: ['-c', script, rest.command, ...args] },
      { timings: { healthMs: 150, circuitMs: 60_000 } },
    );
    await until(() => upstream.state().state === 'ready');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    process.kill(pid, 'SIGSTOP');
    await Promise.all(Array.from({ length: 5 }, () => giveUp(upstream, 'sleep', 20)));
    await eventually(async () => expect(isRefused(await giveUp(upstream, 'sleep', 20))).toBe(true));
    process.kill(pid, 'SIGCONT');
    await vi.waitFor(async () => expect((await echo(upstream)).ok).toBe(true), { timeout: 1000, interval: 20 });
  },
);

test.runIf(process.platform !== 'win32')(
  'a server that has not taken anything from its full input for a while is started again',
  async () => {
    const pidFile = join(directory.path, 'pid');
    const { args, ...rest } = fixture('scripted.mjs');
    const script = `echo $$ > ${pidFile}; exec "$0" "$@"`;
    const upstream = open(
      { ...rest, command: 'sh', args: ['-c', script, rest.command, ...args] },
      { timings: { stallMs: 300 } },
    );
    await until(() => upstream.state().state === 'ready');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    process.kill(pid, 'SIGSTOP');
    const startedMs = performance.now();
    const stuck = await upstream.call('echo', { arguments: { text: 'x'.repeat(1 << 20) } });
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(stuck).toMatchObject({ ok: false, sent: true, fault: 'transport' });
    await until(() => upstream.state().reason?.includes('has not read its input for 0.3 s') === true);
    expect((await echo(upstream)).ok).toBe(true);
    expect(Number(readFileSync(pidFile, 'utf8'))).not.toBe(pid);
  },
);

test('a tool that is slow on a server that answers pings is no reason to refuse anything', async () => {
  const { logger, lines } = recordingLogger();
  const upstream = open(fixture('scripted.mjs'), { logger });
  await until(() => upstream.state().state === 'ready');
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(Array.from({ length: 6 }, () => giveUp(upstream, 'never', 20)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await echo(upstream)).ok).toBe(true);
  }
  expect(lines().filter(({ msg }) => msg === 'ready')).toHaveLength(1);
});

test('twenty calls that are lost with one process count once, and the next call works', async () => {
  const upstream = open(fixture('scripted.mjs'));
  await until(() => upstream.state().state === 'ready');
  const open20 = Array.from({ length: 20 }, () => upstream.call('never', { arguments: {} }));
  void upstream.call('die', { arguments: {} });
  for (const answer of await Promise.all(open20)) expect(answer).toMatchObject({ ok: false, fault: 'transport' });
  expect(textOf(await echo(upstream))).toBe('{}');
});

test('a server over HTTP that loses five calls one after another is sent no sixth, until it answers', async () => {
  const server = await startFaultyServer('legacy');
  closers.push(server.close);
  server.on('bad', ({ response }) => response.socket?.resetAndDestroy());
  const upstream = open({ type: 'http', url: server.url, headers: {} });
  await until(() => upstream.state().state === 'ready');
  for (let count = 0; count < 5; count += 1) {
    expect(await upstream.call('bad', {})).toMatchObject({ error: { code: 'connection_lost' } });
  }
  expect(isRefused(await upstream.call('good', {}))).toBe(true);
  expect(server.count('tools/call')).toBe(5);
  await until(() => server.count('ping') === 1, 1000);
  await eventually(async () => expect((await upstream.call('good', {})).ok).toBe(true));
});

test('a server that is refused calls is let through as soon as anything comes from it', async () => {
  const server = await startFaultyServer('legacy');
  closers.push(server.close);
  server.on('bad', ({ response }) => response.socket?.resetAndDestroy());
  server.on('slow', ({ response, answer }) => {
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(answer), 300);
  });
  const upstream = open({ type: 'http', url: server.url, headers: {} }, { timings: { circuitMs: 60_000 } });
  await until(() => upstream.state().state === 'ready');
  const slow = upstream.call('slow', {});
  for (let count = 0; count < 5; count += 1) await upstream.call('bad', {});
  expect(isRefused(await upstream.call('good', {}))).toBe(true);
  await slow;
  await eventually(async () => expect((await upstream.call('good', {})).ok).toBe(true));
});

test('whoever asks for another try has it at once', async () => {
  const server = await startFaultyServer('modern');
  closers.push(server.close);
  server.on('bad', ({ response }) => response.socket?.resetAndDestroy());
  const upstream = open({ type: 'http', url: server.url, headers: {} }, { timings: { circuitMs: 60_000 } });
  await until(() => upstream.state().state === 'ready');
  for (let count = 0; count < 5; count += 1) await upstream.call('bad', {});
  expect(isRefused(await upstream.call('good', {}))).toBe(true);
  upstream.retry();
  expect((await upstream.call('good', {})).ok).toBe(true);
});
