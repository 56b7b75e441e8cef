import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { endsOf, keyLocks, scriptedUnder, sendFlow } from './flow-support.ts';
import type { FlowReply, Scripted } from './flow-support.ts';
import { connectClient, createWorkspace, serveLaunch, startProxy, writeConfig } from './support.ts';
import type { ClientKind, LogEvent, TestClient, Workspace } from './support.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace();
});
afterEach(() => workspace.close());

/** A client of the program, with the scripted server under each of the policies. */
async function connect(
  scripted: Record<string, Scripted>,
  { kind = 'version 2 modern', ...config }: { kind?: ClientKind; batch?: JsonObject } = {},
): Promise<TestClient> {
  const servers = Object.fromEntries(Object.entries(scripted).map(([name, { server }]) => [name, server]));
  const client = await connectClient(workspace, kind, serveLaunch(writeConfig(workspace, { servers, ...config })));
  await client.listTools();
  return client;
}

/** Of the calls that `counts` holds for, how many ran at once at most. */
function mostAtOnce(events: readonly LogEvent[], counts: (line: LogEvent) => boolean = () => true): number {
  let running = 0;
  return Math.max(0, ...events.filter(counts).map(({ event }) => (running += event === 'start' ? 1 : -1)));
}

describe('the limits of a policy', () => {
  test('[order] a rate of 5 a second lets ten calls take more than one, and keeps their order', async () => {
    const it = scriptedUnder(workspace, { policy: { limits: { rate: '5/s' }, tools: keyLocks } });
    const client = await connect({ it }, { kind: 'version 1' });
    const pairs = [0, 1, 2, 3].flatMap((n): JsonObject[] => [
      { tool: 'it__write', arguments: { key: 'k', value: n } },
      { tool: 'it__read', arguments: { key: 'k', n } },
    ]);
    // Two that come by themselves take their turns as well.
    const startedMs = performance.now();
    const [{ results, timing }] = await Promise.all([
      sendFlow(client, pairs),
      client.call('it__read', { key: 'alone' }),
      client.call('it__read', { key: 'alone' }),
    ]);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(995);
    expect(timing.wallMs).toBeLessThan(2_000);
    const values = results.map(({ result }) => result!.structuredContent?.['value']);
    expect(values).toEqual([0, 1, 2, 3].flatMap((n) => [undefined, n]));
    expect(it.starts()).toHaveLength(10);
    const [sixth] = it.starts().slice(5);
    // A call may be held up on its way to the server, but none is sent before its time.
    expect(sixth!.at - it.starts()[0]!.at).toBeGreaterThan(900);
  });

  test('a call behind a barrier runs with nothing beside it, on any server, and nothing overtakes it', async () => {
    const policy = { tools: { ...keyLocks, sleep: { barrier: true } } };
    const it = scriptedUnder(workspace, { log: 'both.jsonl', policy });
    const other = scriptedUnder(workspace, { name: 'other', log: 'both.jsonl', policy: { tools: keyLocks } });
    const client = await connect({ it, other });
    const sleeps = (prefix: string): JsonObject[] =>
      ['it', 'other', 'it', 'other'].map((server, n) => ({
        tool: `${server}__read`,
        arguments: { key: `${prefix}${n}`, ms: 60 },
      }));
    const barrier = { tool: 'it__sleep', arguments: { ms: 60, key: 'barrier' } };
    const [{ results }] = await Promise.all([
      sendFlow(client, [...sleeps('before '), barrier, ...sleeps('after ')]),
      ...Array.from({ length: 8 }, (_, n) => client.call('other__read', { key: `alone ${n}`, ms: 20 })),
    ]);
    expect(endsOf(results)).toEqual(results.map(() => 'ok'));
    const order = it.events().map(({ event, key = '' }) => `${event} ${key.replace(/ ?\d*$/, '')}`);
    const at = order.indexOf('start barrier');
    expect(order[at + 1]).toBe('end barrier');
    expect(mostAtOnce(it.events().slice(0, at))).toBeGreaterThan(1);
    // What had begun has ended, and of the batch all that stands before it.
    expect(order.slice(0, at).filter((line) => line.startsWith('start'))).toHaveLength(at / 2);
    expect(order.slice(0, at).filter((line) => line === 'end before')).toHaveLength(4);
    expect(order.slice(at).filter((line) => line === 'start after')).toHaveLength(4);
  });

  test('maxParallelWrites: 1 has one write at a time, whatever it touches, and reads go on beside it', async () => {
    const it = scriptedUnder(workspace, { policy: { limits: { maxParallelWrites: 1 }, tools: keyLocks } });
    const client = await connect({ it });
    const calls = [0, 1, 2, 3].flatMap((n): JsonObject[] => [
      { tool: 'it__write', arguments: { key: `w${n}`, ms: 40 } },
      { tool: 'it__read', arguments: { key: `r${n}`, ms: 150 } },
    ]);
    const { results } = await sendFlow(client, calls);
    expect(endsOf(results)).toEqual(results.map(() => 'ok'));
    expect(mostAtOnce(it.events(), ({ tool }) => tool === 'write')).toBe(1);
    expect(mostAtOnce(it.events())).toBe(5);
  });

  test('[order] servers of one domain share their locks: a write on one comes before a read on the other', async () => {
    const shared = { policy: { domain: 'repo', tools: keyLocks }, log: 'both.jsonl' };
    const one = scriptedUnder(workspace, { name: 'one', ...shared });
    const two = scriptedUnder(workspace, { name: 'two', ...shared });
    const client = await connect({ one, two });
    const { results } = await sendFlow(client, [
      { tool: 'one__write', arguments: { key: 'k', ms: 120 } },
      { tool: 'two__read', arguments: { key: 'k' } },
      { tool: 'two__read', arguments: { key: 'free' } },
      { tool: 'two__write', arguments: { key: 'k' } },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'ok', 'ok', 'ok']);
    const ofKey = one.events().filter(({ key }) => key === 'k');
    expect(ofKey.map(({ event, tool }) => `${event} ${tool}`)).toEqual([
      'start write',
      'end write',
      'start read',
      'end read',
      'start write',
      'end write',
    ]);
    expect(ofKey[0]!.pid).not.toBe(ofKey[2]!.pid);
    expect(results[2]!.startedMs).toBeLessThan(results[0]!.startedMs + results[0]!.runMs);
  });
});

test('a trace of a run holds each call that was sent once, and no two at once in one slot', async () => {
  const it = scriptedUnder(workspace, { policy: { deny: ['destroy'], tools: keyLocks } });
  const other = scriptedUnder(workspace, { name: 'other', policy: { tools: keyLocks } });
  const config = writeConfig(workspace, { servers: { it: it.server, other: other.server } });
  const calls = [
    { id: 'list', tool: 'it__echo', arguments: { list: ['a', 'b', 'c', 'a'] } },
    {
      tool: 'it__read',
      forEach: { $result: 'list', path: '/list' },
      arguments: { key: { $item: '' }, ms: 30 },
    },
    { tool: 'other__write', arguments: { key: 'a', ms: 30 } },
    { tool: 'other__read', arguments: { key: 'a' } },
    { tool: 'other__read', arguments: { key: 'a' } },
    { tool: 'it__destroy', arguments: { key: 'a' } },
    { tool: 'it__fail' },
  ];
  const trace = join(workspace.path, 'trace.json');
  const args = ['batch', workspace.write('batch.json', JSON.stringify(calls)), '--config', config];
  const command = startProxy(workspace, { args: [...args, '--trace', trace, '--json'] });
  expect(await command.exited).toMatchObject({ code: 5 });
  const { data }: { data: FlowReply } = JSON.parse(command.stdout());
  const sent = data.results.flatMap((row) => row.items ?? [row]).filter(({ attempts }) => attempts > 0);
  expect(sent.map(({ id }) => id)).toEqual(['list', 'c1[0]', 'c1[1]', 'c1[2]', 'c2', 'c3', 'c6']);
  expect(it.starts().length + other.starts().length).toBe(sent.length);

  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(readFileSync(trace, 'utf8'));
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  expect(slices.map(({ args: { id } }) => id).sort()).toEqual(sent.map(({ id }) => id).sort());
  for (const [index, slice] of slices.entries()) {
    const { runMs } = sent.find(({ id }) => id === slice.args.id)!;
    expect(slice.dur).toBeGreaterThanOrEqual((runMs - 1) * 1_000);
    for (const later of slices.slice(index + 1)) {
      if (slice.pid !== later.pid || slice.tid !== later.tid) continue;
      expect(slice.ts + slice.dur <= later.ts || later.ts + later.dur <= slice.ts).toBe(true);
    }
  }
});

interface TraceEvent {
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur: number;
  args: { id: string };
}
