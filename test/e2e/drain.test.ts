import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, readLog, startProxy, untilGone, writeConfig } from './support.ts';
import type { RunningProxy, Workspace } from './support.ts';

/** From the end of the drain: servers get two seconds to go. */
const goneWithinMs = 3_000;

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace();
});
afterEach(() => workspace.close());

const log = (): string => join(workspace.path, 'calls.jsonl');

async function start(): Promise<RunningProxy> {
  const servers = { it: fixtureServer('scripted.mjs', [], { SCRIPT_LOG: log() }) };
  const proxy = startProxy(workspace, { config: writeConfig(workspace, { servers }) });
  await proxy.initialize();
  return proxy;
}

/** The results of a batch of these calls, as `status applied`. */
async function batch(proxy: RunningProxy, calls: JsonObject[], more: JsonObject = {}): Promise<string[]> {
  const { result } = await proxy.request('tools/call', {
    name: 'batch_call',
    arguments: { calls, format: 'structured', ...more },
  });
  const reply = isJsonObject(result) ? result['structuredContent'] : undefined;
  const results = isJsonObject(reply) && Array.isArray(reply['results']) ? reply['results'] : [];
  const rows: { status: string; applied: string }[] = JSON.parse(JSON.stringify(results));
  return rows.map(({ status, applied }) => `${status} ${applied}`);
}

const isRunningCall = (key: string): boolean => readLog(log()).some((one) => one.event === 'start' && one.key === key);

describe.runIf(process.platform !== 'win32')('mcp-marshal that is asked to stop', () => {
  test.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const)('by %s lets a batch end, which gets its reply, and begins nothing new', async (signal, code) => {
    const proxy = await start();
    const running = batch(proxy, [
      { tool: 'it__write', arguments: { key: 'w', ms: 1_500 } },
      { tool: 'it__read', arguments: { key: 'r', ms: 1_000 } },
    ]);
    await until(() => isRunningCall('w'));
    const askedMs = performance.now();
    proxy.signal(signal);
    await expect.poll(async () => 'error' in (await proxy.request('tools/list'))).toBe(true);
    expect(await proxy.request('tools/call', { name: 'it__write', arguments: { key: 'late' } })).toMatchObject({
      error: { data: { code: 'server_unavailable', applied: 'no' } },
    });
    expect(await running).toEqual(['ok yes', 'ok no']);
    expect(await proxy.exited).toMatchObject({ code, signal: null });
    // Nobody waits for the rest of the ten seconds.
    expect(performance.now() - askedMs).toBeLessThan(1_500 + goneWithinMs);
    expect(isRunningCall('late')).toBe(false);
    expect(proxy.stderr()).not.toContain('    at ');
  });

  test('waits for what hangs for ten seconds, and then says honestly what has become of it', async () => {
    const proxy = await start();
    const idempotencyKey = 'order-1';
    const calls = [
      { tool: 'it__read', arguments: { key: 'quick' } },
      { tool: 'it__write', arguments: { key: 'hangs', ms: 60_000 } },
      { tool: 'it__read', arguments: { key: 'behind it' } },
    ];
    const hanging = batch(proxy, calls, { idempotencyKey });
    await until(() => isRunningCall('hangs'));
    const alone = proxy.request('tools/call', { name: 'it__read', arguments: { key: 'alone' } });
    const askedMs = performance.now();
    proxy.signal('SIGTERM');
    expect(await hanging).toEqual(['ok no', 'cancelled unknown', 'cancelled no']);
    expect(performance.now() - askedMs).toBeGreaterThan(9_500);
    expect(await alone).toMatchObject({ error: { data: { code: 'connection_lost', applied: 'unknown' } } });
    expect(await proxy.exited).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - askedMs).toBeLessThan(10_000 + goneWithinMs);
    await untilGone([readLog(log())[0]!.pid], goneWithinMs);

    // Sent again under its key, the batch goes on where it was cut off, and the write is not sent again.
    const next = await start();
    expect((await batch(next, calls, { idempotencyKey })).slice(0, 2)).toEqual(['ok no', 'cancelled unknown']);
    const sent = readLog(log()).flatMap(({ event, key }) => (event === 'start' ? [key] : []));
    expect(sent.filter((key) => key === 'quick' || key === 'hangs')).toEqual(['quick', 'hangs']);
    next.signal('SIGKILL');
    await next.exited;
  });

  test('ends at once where nothing runs, and where its client goes meanwhile', async () => {
    const idle = await start();
    let askedMs = performance.now();
    idle.signal('SIGTERM');
    expect(await idle.exited).toMatchObject({ code: 0 });
    expect(performance.now() - askedMs).toBeLessThan(goneWithinMs);

    const left = await start();
    void batch(left, [{ tool: 'it__write', arguments: { key: 'w', ms: 60_000 } }]).catch(() => {});
    await until(() => isRunningCall('w'));
    askedMs = performance.now();
    left.signal('SIGTERM');
    left.endInput();
    expect(await left.exited).toMatchObject({ code: 0 });
    expect(performance.now() - askedMs).toBeLessThan(goneWithinMs + 1_000);
  });
});
