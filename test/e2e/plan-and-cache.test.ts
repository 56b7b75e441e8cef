import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { endsOf, keyLocks, scriptedUnder, sendFlow } from './flow-support.ts';
import type { PlanRow } from './flow-support.ts';
import { connectClient, createWorkspace, firstText, serveLaunch, startProxy, writeConfig } from './support.ts';
import type { TestClient } from './support.ts';

const read = (key: string): JsonObject => ({ tool: 'it__read', arguments: { key } });
const write = (key: string, value = 'new'): JsonObject => ({ tool: 'it__write', arguments: { key, value } });

describe('reads that are the same', () => {
  const workspace = createWorkspace();
  const it = scriptedUnder(workspace, { policy: { tools: { ...keyLocks, echo: { locks: 'none' } } } });
  let client: TestClient;

  beforeAll(async () => {
    const config = writeConfig(workspace, { servers: { it: it.server } });
    client = await connectClient(workspace, 'version 2 modern', serveLaunch(config));
    await client.listTools();
  });
  afterAll(workspace.close);

  const reads = (key: string): number => it.starts(key).filter(({ tool }) => tool === 'read').length;

  test('identical reads of a batch are sent once; the reply shows the result once, and each of them has it', async () => {
    const { batchId, results } = await sendFlow(client, [
      write('same', 'value'),
      read('same'),
      { tool: 'it__read', arguments: { key: 'same', ms: 1 } },
      read('same'),
      { id: 'last', ...read('same') },
      { tool: 'it__echo', arguments: { of: { $result: 'last', path: '/value' } } },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
    const value = { value: 'value' };
    expect(results.slice(1, 5).map((row) => [row.deduplicatedOf, row.attempts, row.result?.structuredContent])).toEqual(
      [
        [undefined, 1, value],
        [undefined, 1, value],
        ['c1', 0, undefined],
        ['c1', 0, undefined],
      ],
    );
    expect(results[5]!.result!.structuredContent).toEqual({ of: 'value' });
    expect(firstText(await client.call('batch_await', { batchId, id: 'last' }))).toMatch(/^\[last\] ok .*\nvalue$/);
    expect(reads('same')).toBe(2);
  });

  test('[order] but not across a write of what they read', async () => {
    const { results } = await sendFlow(client, [
      write('across', 'old'),
      read('across'),
      read('across'),
      write('across', 'new'),
      read('across'),
      read('across'),
    ]);
    expect(results.map((row) => [row.deduplicatedOf, row.result?.structuredContent?.['value']])).toEqual([
      [undefined, undefined],
      [undefined, 'old'],
      ['c1', undefined],
      [undefined, undefined],
      [undefined, 'new'],
      ['c4', undefined],
    ]);
    expect(reads('across')).toBe(2);
  });

  test('elements of a list that are the same read are sent once, what locks nothing each time', async () => {
    const list = { id: 'list', tool: 'it__echo', arguments: { list: ['x', 'y', 'x', 'x'] } };
    const forEach = { $result: 'list', path: '/list' };
    const { results } = await sendFlow(client, [
      list,
      { tool: 'it__read', forEach, arguments: { key: { $concat: ['list/', { $item: '' }] } } },
      { tool: 'it__echo', forEach, arguments: { key: 'clock', of: { $item: '' } } },
      { tool: 'it__write', forEach, arguments: { key: 'thrice', value: { $item: '' } } },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(results[1]!.items!.map(({ deduplicatedOf = 'sent' }) => deduplicatedOf)).toEqual([
      'sent',
      'sent',
      'c1[0]',
      'c1[0]',
    ]);
    expect(['list/x', 'list/y', 'clock', 'thrice'].map((key) => it.starts(key).length)).toEqual([1, 1, 4, 4]);
  });
});

describe('results that are kept for a while', () => {
  const workspace = createWorkspace();
  const it = scriptedUnder(workspace, {
    policy: {
      cache: '60s',
      tools: {
        ...keyLocks,
        change_tools: { locks: 'none' },
        sleep: { cache: 'none' },
        big: { locks: [{ arg: 'key' }], cache: '700ms' },
      },
    },
  });
  const twin = scriptedUnder(workspace, { name: 'twin', policy: { domain: 'it', tools: keyLocks } });
  let client: TestClient;

  beforeAll(async () => {
    const config = writeConfig(workspace, { servers: { it: it.server, twin: twin.server } });
    client = await connectClient(workspace, 'version 1', serveLaunch(config));
    await client.listTools();
  });
  afterAll(workspace.close);

  /** Reads a key in a batch; how often that has been sent by now, and what came. */
  const readOnce = async (key: string): Promise<{ value: unknown; sent: number; cached: boolean }> => {
    const { results } = await sendFlow(client, [read(key)]);
    const sent = it.starts(key).filter(({ tool }) => tool === 'read').length;
    const [row] = results;
    expect(row!.attempts).toBe(row!.cached === true ? 0 : 1);
    return { value: row!.result!.structuredContent!['value'], sent, cached: row!.cached === true };
  };

  test('[cache] a second read is not sent, until what it read is written, in a batch or by itself', async () => {
    await sendFlow(client, [write('k', 'one'), write('other', 'one')]);
    expect(await readOnce('k')).toEqual({ value: 'one', sent: 1, cached: false });
    expect(await readOnce('k')).toEqual({ value: 'one', sent: 1, cached: true });
    expect(await readOnce('other')).toEqual({ value: 'one', sent: 1, cached: false });
    await sendFlow(client, [write('k', 'two')]);
    expect(await readOnce('k')).toEqual({ value: 'two', sent: 2, cached: false });
    await client.call('it__write', { key: 'k', value: 'three' });
    expect(await readOnce('k')).toEqual({ value: 'three', sent: 3, cached: false });
    expect(await readOnce('k')).toEqual({ value: 'three', sent: 3, cached: true });
    // Neither write was of the other key.
    expect(await readOnce('other')).toEqual({ value: 'one', sent: 1, cached: true });
    // What another server of the same domain writes is the same thing.
    await sendFlow(client, [{ tool: 'twin__write', arguments: { key: 'k' } }]);
    expect(await readOnce('k')).toEqual({ value: 'three', sent: 4, cached: false });
    // What no lock rule describes may have touched anything.
    await client.call('it__destroy', { key: 'elsewhere' });
    expect(await readOnce('other')).toEqual({ value: 'one', sent: 2, cached: false });
  });

  test('[cache] within one batch a read after a write is sent, and one before it is not', async () => {
    await readOnce('inside');
    const calls = [read('inside'), write('inside', 'now'), read('inside'), read('outside')];
    const { results } = await sendFlow(client, calls);
    expect(results.map(({ cached }) => cached)).toEqual([true, undefined, undefined, undefined]);
    expect(results.map(({ result }) => result!.structuredContent?.['value'])).toEqual([null, undefined, 'now', null]);
  });

  test('a tool called by itself has a share in it, and the client sees the same result', async () => {
    const alone = await client.call('it__read', { key: 'alone' });
    expect(await readOnce('alone')).toEqual({ value: null, sent: 1, cached: true });
    expect(await client.call('it__read', { key: 'alone' })).toEqual(alone);
    expect(it.starts('alone')).toHaveLength(1);
  });

  test('a server whose tools change is asked anew', async () => {
    await readOnce('a');
    await readOnce('b');
    await client.call('it__change_tools');
    expect(await readOnce('a')).toMatchObject({ sent: 2, cached: false });
    expect(await readOnce('b')).toMatchObject({ sent: 2, cached: false });
  });

  test('a result is used no longer than the policy says', async () => {
    const ask = async (): Promise<boolean[]> => {
      const call = { tool: 'it__big', arguments: { bytes: 3, key: 'short' } };
      const { results } = await sendFlow(client, [call]);
      return results.map(({ cached }) => cached === true);
    };
    expect(await ask()).toEqual([false]);
    expect(await ask()).toEqual([true]);
    await client.call('it__sleep', { ms: 750 });
    expect(await ask()).toEqual([false]);
    expect(it.starts('short')).toHaveLength(2);
  });
});

describe('a plan', () => {
  const workspace = createWorkspace();
  const it = scriptedUnder(workspace, {
    policy: {
      ask: ['change_tools'],
      deny: ['destroy'],
      tools: {
        read: { locks: [{ arg: 'key', type: 'path' }] },
        write: { locks: [{ arg: 'key', type: 'path', mode: 'write' }] },
        echo: { locks: 'none' },
      },
    },
  });
  const config = writeConfig(workspace, { servers: { it: it.server } });
  const calls = [
    { id: 'first', ...write('/a/x') },
    { id: 'see', ...read('/a') },
    { id: 'free', ...read('/b') },
    { id: 'twin', ...read('/b') },
    { id: 'copy', tool: 'it__write', arguments: { key: '/c', value: { $result: 'free', path: '/value' } } },
    { id: 'each', tool: 'it__read', forEach: { $result: 'see', path: '/value' }, arguments: { key: { $item: '' } } },
    { id: 'rid', tool: 'it__destroy', arguments: { key: '/a' } },
    { id: 'unrid', tool: 'it__echo', dependsOn: ['rid'] },
    { id: 'asked', tool: 'it__change_tools' },
    { id: 'end', tool: 'it__echo', dependsOn: [{ id: 'see', when: 'settled' }] },
  ];
  let client: TestClient;

  beforeAll(async () => {
    client = await connectClient(workspace, 'version 2 modern', serveLaunch(config));
    await client.listTools();
  });
  afterAll(workspace.close);

  const expectPlan = (plan: readonly PlanRow[]): void => {
    expect(plan.map(({ id, step, after, why }) => [id, step, after, why])).toEqual([
      ['first', 1, [], []],
      ['see', 2, ['first'], ['both touch it/a']],
      ['free', 1, [], []],
      ['twin', 1, [], []],
      ['copy', 2, ['free'], ['needs its result']],
      ['each', 3, ['first', 'see', 'copy'], ['both touch it', 'needs its result', 'both touch it']],
      ['rid', 0, [], []],
      ['unrid', 0, [], []],
      ['asked', 4, ['see', 'free', 'twin', 'each'], Array(4).fill('both touch it')],
      ['end', 3, ['see'], ['after it, whatever its end']],
    ]);
    const rows = Object.fromEntries(plan.map((row) => [row.id, row]));
    expect(plan.map((row) => row.class).join(' ')).toBe('write read read read write read destructive read write read');
    expect(rows['first']!.locks).toEqual(['X it/a/x']);
    expect(rows['see']!.locks).toEqual(['S it/a']);
    expect(rows['each']!.locks).toEqual(['S it']);
    expect(rows['end']!.locks).toEqual([]);
    expect(rows['twin']!.sameAs).toBe('free');
    expect(plan.flatMap(({ id, open }) => (open ? [id] : []))).toEqual(['copy', 'each']);
    expect(plan.flatMap(({ id, approval }) => (approval ? [id] : []))).toEqual(['asked']);
    expect(plan.flatMap(({ id, error }) => (error ? [[id, error.code]] : []))).toEqual([
      ['rid', 'denied_by_policy'],
      ['unrid', 'dependency_failed'],
    ]);
    expect(rows['see']!.reason).toContain('readOnlyHint');
    expect(rows['unrid']!.error!.message).toContain('rid, which is denied');
  };

  /** Runs the program's own command, whose exit says that some calls would not run. */
  const runCommand = async (args: readonly string[]): Promise<string> => {
    const file = workspace.write('batch.json', JSON.stringify({ calls }));
    const command = startProxy(workspace, { args: ['batch', file, '--config', config, ...args] });
    expect(await command.exited).toMatchObject({ code: 5 });
    return command.stdout();
  };

  test('says of each call when it would run and why, what it would lock, and what would stop it; nothing is sent', async () => {
    const reply = await sendFlow(client, calls, { batch: { mode: 'plan' } });
    expect(reply).toMatchObject({ isError: false, status: 'planned', results: [] });
    expect(Object.values(reply.counts).every((count) => count === 0)).toBe(true);
    expectPlan(reply.plan!);
    const text = firstText(await client.call('batch_call', { calls, mode: 'plan' }));
    expect(text).toContain('10 calls, 8 would run in 4 steps, at most 2 in one; 1 denied, 1 skipped; nothing was sent');
    expect(text).toContain('[see] step 2 read it__read');
    expect(text).toContain('after first: both touch it/a');
    expect(text).toContain('same call as free, sent once');
    expect(text).toMatch(
      /^\[asked\] step 4 write it__change_tools .*\n(?: +.*\n)*? +needs approval: rule ask "change_tools"/m,
    );
    expect(it.events()).toEqual([]);
  });

  test('[order] is what the run then keeps to', async () => {
    const { plan = [] } = await sendFlow(client, calls, { batch: { mode: 'plan' } });
    await client.call('it__write', { key: '/a', value: ['/d', '/e'] });
    const { results } = await sendFlow(client, calls);
    const rows = new Map(results.map((row) => [row.id, row]));
    // The one that needs approval gets none: this client cannot ask its user.
    const ends = plan.map(({ approval, error }) => (approval ? 'approval_unavailable' : error?.code));
    expect(results.map(({ error }) => error?.code)).toEqual(ends);
    expect(rows.get('each')!.items!.map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(rows.get('twin')!.deduplicatedOf).toBe('free');
    for (const { id, after } of plan.filter(({ approval }) => !approval)) {
      for (const earlier of after) {
        const { startedMs, runMs } = rows.get(earlier)!;
        expect(rows.get(id)!.startedMs).toBeGreaterThanOrEqual(startedMs + runMs - 1);
      }
    }
  });

  test('is the same from the shell, as a chart and as JSON', async () => {
    const before = it.events().length;
    const { data }: { data: { status: string; plan: PlanRow[] } } = JSON.parse(await runCommand(['--plan', '--json']));
    expect(data.status).toBe('planned');
    expectPlan(data.plan);
    const chart = await runCommand(['--plan']);
    for (const { id, tool } of calls) expect(chart).toMatch(new RegExp(`^${id} .*${tool}`, 'm'));
    expect(chart).toMatch(/^see .*after first \(both touch it\/a\); locks /m);
    expect(chart).toMatch(/^asked .*; needs approval \(rule ask "change_tools"/m);
    expect(chart).toContain(
      '10 calls, 8 would run in 4 steps, at most 2 in one; 1 denied, 1 skipped; nothing was sent',
    );
    expect(it.events()).toHaveLength(before);
  });
});
