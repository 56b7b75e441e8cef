import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { readJournals } from '../../src/journal/read-journals.ts';
import { until } from '../upstream/support.ts';
import { endsOf, keyLocks, scriptedUnder, sendFlow, type FlowReply } from './flow-support.ts';
import {
  clientKinds,
  connectClient,
  createWorkspace,
  firstText,
  serveLaunch,
  startProxy,
  textsOf,
  writeConfig,
} from './support.ts';
import type { RunningProxy, TestClient } from './support.ts';

const workspace = createWorkspace();
afterAll(workspace.close);

function scripted(name: string) {
  const tools = { ...keyLocks, sleep: { locks: 'none' }, never: { locks: 'none' } };
  return scriptedUnder(workspace, { name, policy: { tools } });
}

function readStructured(result: Record<string, unknown>): FlowReply {
  return JSON.parse(JSON.stringify(result['structuredContent']));
}

describe.each(clientKinds)('a client of %s', (kind) => {
  const name = `it${clientKinds.indexOf(kind)}`;
  const it = scripted(name);
  const sleep = (ms: number): JsonObject => ({ tool: `${name}__sleep`, arguments: { ms } });
  const write = (key: string, ms: number): JsonObject => ({ tool: `${name}__write`, arguments: { key, ms } });
  let client: TestClient;

  beforeAll(async () => {
    const config = writeConfig(workspace, { servers: { [name]: it.server } }, `${name}.yaml`);
    client = await connectClient(workspace, kind, serveLaunch(config));
    await client.listTools();
  });

  test('[background] gets a partial reply at the deadline, and the rest with batch_await', async () => {
    const startedMs = performance.now();
    const { batchId, status, results } = await sendFlow(client, [sleep(1), sleep(1_500), write('/p', 1_500)], {
      batch: { deadlineMs: 400 },
    });
    expect(performance.now() - startedMs).toBeLessThan(400 + 250);
    expect(status).toBe('partial');
    expect(results.map((row) => [row.status, row.applied])).toEqual([
      ['ok', 'no'],
      ['pending', 'no'],
      ['pending', 'unknown'],
    ]);
    const progress: unknown[] = [];
    const options = { onProgress: (params: JsonObject) => void progress.push(params['progress']) };
    const rest = readStructured(await client.call('batch_await', { batchId }, options));
    expect(rest.status).toBe('completed');
    expect(rest.results.map((row) => [row.status, row.applied])).toEqual([
      ['ok', 'no'],
      ['ok', 'no'],
      ['ok', 'yes'],
    ]);
    expect(rest.timing.wallMs).toBeGreaterThanOrEqual(1_490);
    expect(it.starts('/p')).toHaveLength(1);
  });

  test('[background] hears that a write took effect whose answer came three seconds after its timeout; the next one of its key waited for it', async () => {
    const { batchId, results } = await sendFlow(client, [
      { ...write('/late', 3_300), timeoutMs: 300 },
      { tool: `${name}__read`, arguments: { key: '/other', ms: 50 } },
    ]);
    expect(results.map((row) => [row.status, row.applied])).toEqual([
      ['timeout', 'unknown'],
      ['ok', 'no'],
    ]);
    const next = sendFlow(client, [write('/late', 1)]);
    await until(() => it.starts('/late').length === 2, 10_000);
    const ended = it.events().find(({ event, key }) => event === 'end' && key === '/late');
    expect(it.starts('/late')[1]!.at).toBeGreaterThanOrEqual(ended!.at);
    expect(endsOf((await next).results)).toEqual(['ok']);
    const again = await client.call('batch_await', { batchId });
    expect(again['structuredContent']).toMatchObject({
      results: [{ status: 'timeout', applied: 'yes' }, { status: 'ok' }],
      late: [{ batchId, id: 'c0', status: 'ok', applied: 'yes' }],
    });
  });

  test('cancels a batch in the background', async () => {
    const { batchId } = await sendFlow(client, [{ tool: `${name}__never` }, sleep(1), write('/c', 60_000)], {
      batch: { deadlineMs: 300 },
    });
    const startedMs = performance.now();
    const { status, results } = readStructured(await client.call('batch_cancel', { batchId }));
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(status).toBe('cancelled');
    expect(results.map((row) => [row.status, row.applied])).toEqual([
      ['cancelled', 'no'],
      ['ok', 'no'],
      ['cancelled', 'unknown'],
    ]);
    expect(textsOf(await client.call('batch_cancel', { batchId }))[0]).toMatch(
      /^batch \w+: 3 calls, 1 ok, 2 cancelled/,
    );
  });

  test('[key] sends a batch twice under one key and has it run once', async () => {
    const batch = { calls: [write('/once', 300)], idempotencyKey: `once ${kind}` };
    const [first, second] = await Promise.all([client.call('batch_call', batch), client.call('batch_call', batch)]);
    const third = await client.call('batch_call', batch);
    expect(it.starts('/once')).toHaveLength(1);
    expect(textsOf(second)).toEqual(textsOf(first));
    expect(firstText(third)).toContain('a replay');
    const other = await client.call('batch_call', { ...batch, calls: [write('/once', 1)] });
    expect(other['isError']).toBe(true);
    expect(firstText(other)).toContain('idempotency_conflict');
  });
});

describe('a proxy that is killed in the middle of a batch', () => {
  const it = scripted('kill');
  const write = (id: string, ms: number, more: JsonObject = {}): JsonObject => ({
    id,
    tool: 'kill__write',
    arguments: { key: `/${id}`, ms },
    ...more,
  });
  const args = {
    idempotencyKey: 'survives',
    format: 'structured',
    calls: [
      write('done', 1),
      write('running', 60_000),
      { ...write('same', 1), arguments: { key: '/running', ms: 1 } },
      write('waiting', 1, { dependsOn: [{ id: 'running', when: 'settled' }] }),
    ],
  };
  let config: string;

  const start = async (): Promise<RunningProxy> => {
    const proxy = startProxy(workspace, { config });
    await proxy.initialize();
    return proxy;
  };
  const send = async (proxy: RunningProxy, batch: JsonObject): Promise<FlowReply> => {
    const { result } = await proxy.request('tools/call', { name: 'batch_call', arguments: batch });
    return readStructured(isJsonObject(result) ? result : {});
  };

  /** Whether the journal has the end of this call. */
  const isRecorded = (id: string): boolean => {
    const reader = readJournals({ stateDir: join(workspace.path, 'state') });
    const found = reader.calls({ limit: 100 }).some(({ callId, status }) => callId === id && status === 'ok');
    reader.close();
    return found;
  };

  beforeAll(() => {
    config = writeConfig(workspace, { servers: { kill: it.server } }, 'kill.yaml');
  });

  test('[key] runs nothing twice when the client sends it again, and says what is known', async () => {
    const first = await start();
    send(first, args).catch(() => {});
    await until(() => it.starts('/running').length === 1 && it.events().some(({ event }) => event === 'end'), 10_000);
    // Ends of writes stand in the journal a moment later than they come.
    await until(() => isRecorded('done'), 10_000);
    first.signal('SIGKILL');
    await first.exited;

    const second = await start();
    const reply = await send(second, args);
    expect(endsOf(reply.results)).toEqual(['ok', 'failed connection_lost', 'skipped predecessor_unknown', 'ok']);
    expect(reply.results.map(({ applied }) => applied)).toEqual(['yes', 'unknown', 'no', 'yes']);
    expect(['/done', '/running', '/waiting'].map((key) => it.starts(key).length)).toEqual([1, 1, 1]);
    second.endInput();
    await second.exited;

    const third = await start();
    const replay = await send(third, args);
    expect(endsOf(replay.results)).toEqual(endsOf(reply.results));
    expect(it.starts()).toHaveLength(3);
  });
});
