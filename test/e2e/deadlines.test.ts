import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { until } from '../upstream/support.ts';
import { endsOf, scriptedUnder, sendFlow } from './flow-support.ts';
import { connectClient, createWorkspace, serveLaunch, writeConfig } from './support.ts';
import type { TestClient } from './support.ts';

const workspace = createWorkspace();
const it = scriptedUnder(workspace);
// One of its own: a read that was cut off at a deadline keeps its slot of its server for some seconds.
const crowd = scriptedUnder(workspace, { name: 'crowd' });
let client: TestClient;

beforeAll(async () => {
  const config = writeConfig(workspace, {
    servers: { it: it.server, crowd: crowd.server },
    // Batches end at their deadline.
    batch: { maxCalls: 1_000, background: 'none' },
  });
  client = await connectClient(workspace, 'version 2 modern', serveLaunch(config));
  await client.listTools();
});
afterAll(workspace.close);

const keysOf = (prefix: string): string[] => it.starts().flatMap(({ key }) => (key?.startsWith(prefix) ? [key] : []));

test('[one-result] a deadline in the middle of a chain: the reply is on time, and what did not start says so', async () => {
  const chain = [0, 1, 2, 3, 4].map((n) => ({
    id: `s${n}`,
    tool: 'it__sleep',
    arguments: { ms: 300, key: `s${n}` },
    ...(n > 0 && { dependsOn: [`s${n - 1}`] }),
  }));
  const waiting = { tool: 'it__echo', arguments: { key: 'text', of: { $result: 's3', view: 'text', default: '' } } };
  const startedMs = performance.now();
  const { results, timing } = await sendFlow(client, [...chain, waiting], { batch: { deadlineMs: 750 } });
  expect(performance.now() - startedMs).toBeLessThan(750 + 250);
  expect(timing.wallMs).toBeGreaterThanOrEqual(745);
  expect(endsOf(results)).toEqual([
    'ok',
    'ok',
    'timeout deadline',
    'skipped deadline',
    'skipped deadline',
    'skipped deadline',
  ]);
  expect(keysOf('s')).toEqual(['s0', 's1', 's2']);
});

test('a deadline in the middle of a list: each element says whether it ended, ran or never started', async () => {
  const { results } = await sendFlow(
    client,
    [
      { tool: 'it__echo', arguments: { list: [1, 1, 700, 1, 700, 1, 1].map((ms, n) => ({ ms, key: `each ${n}` })) } },
      {
        tool: 'it__sleep',
        forEach: { $result: 'c0', path: '/list' },
        arguments: { ms: { $item: '/ms' }, key: { $item: '/key' } },
      },
    ],
    { batch: { deadlineMs: 400, maxParallel: 2 } },
  );
  expect(endsOf(results)).toEqual(['ok', 'timeout deadline']);
  expect(endsOf(results[1]!.items!)).toEqual([
    'ok',
    'ok',
    'timeout deadline',
    'ok',
    'timeout deadline',
    'skipped deadline',
    'skipped deadline',
  ]);
  expect(keysOf('each')).toHaveLength(5);
});

test('a batch of 5 beside a batch of 1,000 takes no more than twice its time alone', async () => {
  const sleeps = (count: number, { key, ms }: { key: string; ms: number }): JsonObject[] =>
    Array.from({ length: count }, (_, n) => ({ tool: 'crowd__sleep', arguments: { ms, key, n } }));
  const sendFive = async (key: string): Promise<number> => {
    const startedMs = performance.now();
    const { results } = await sendFlow(client, sleeps(5, { key, ms: 40 }));
    expect(endsOf(results)).toEqual(results.map(() => 'ok'));
    return performance.now() - startedMs;
  };
  const alone: number[] = [];
  const beside: number[] = [];
  for (let run = 0; run < 5; run++) alone.push(await sendFive('alone'));
  const many = sendFlow(client, sleeps(1_000, { key: 'many', ms: 20 }));
  await until(() => crowd.starts('many').length > 40);
  for (let run = 0; run < 5; run++) beside.push(await sendFive('beside'));
  expect(crowd.starts('many').length).toBeLessThan(1_000);
  expect((await many).counts).toMatchObject({ ok: 1_000 });
  expect(median(beside)).toBeLessThanOrEqual(2 * median(alone));
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
