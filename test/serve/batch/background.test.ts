import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Notice } from '../../../src/core/protocol/client.ts';
import { runBatch } from '../../../src/serve/batch/run-batch.ts';
import { batchIdOf, lasting, readCall, running, statusesOf, structuredOf, textOf, writeTo } from './running.ts';

const secondMs = 1_000;
/** Two calls of which one outlives the deadline of 50 s. */
const calls = [lasting(secondMs), lasting(80 * secondMs)];

/** An engine on which a batch has just outlived its deadline, with the reply. */
async function afterDeadline(batch: JsonObject = {}) {
  const stub = running();
  const answer = stub.ask('batch_call', { calls, ...batch });
  await stub.clock.pass(50 * secondMs);
  const reply = await answer;
  return { ...stub, reply, batchId: batchIdOf(reply) };
}

/** A client that counts what it is told of progress. */
function listener(): { notify: (notice: Notice) => void; progressToken: string; seen: unknown[] } {
  const seen: unknown[] = [];
  return { progressToken: 'p', notify: ({ params }) => void seen.push(params['progress']), seen };
}

describe('a batch that outlives its deadline', () => {
  test('answers with what is finished, and says what goes on and how to collect it', async () => {
    const { reply, batchId } = await afterDeadline();
    const [head = '', ...blocks] = textOf(reply).split('\n');
    expect(head).toMatch(/^batch \w+: 2 calls, 1 ok, 1 pending in 50 s/);
    expect(blocks).toEqual([
      `the pending call goes on: batch_await batchId ${batchId} waits and collects`,
      '[c0] ok 1 s files__read',
      'done',
      '[c1] PENDING 50 s files__read (still running)',
    ]);
  });

  test('is partial in the structured form, with how long each call has run, or that it waits', async () => {
    const three = [...calls, { ...readCall, arguments: { n: 2 }, dependsOn: ['c1'] }];
    const { reply } = await afterDeadline({ calls: three, format: 'structured' });
    expect(structuredOf(reply)).toMatchObject({
      status: 'partial',
      counts: { ok: 1, pending: 2 },
      results: [
        { status: 'ok' },
        { status: 'pending', runMs: 50_000, attempts: 1 },
        { status: 'pending', attempts: 0 },
      ],
    });
  });

  test('goes on, its waiting calls included, and batch_await collects the rest', async () => {
    const three = [...calls, { tool: 'files__write', arguments: { path: '/a', ms: 5 }, dependsOn: ['c1'] }];
    const { ask, clock, batchId, sent } = await afterDeadline({ calls: three, format: 'structured' });
    const answer = ask('batch_await', { batchId });
    await clock.pass(40 * secondMs);
    expect(statusesOf(await answer)).toEqual(['ok', 'ok', 'ok']);
    expect(structuredOf(await answer)).toMatchObject({ status: 'completed', timing: { wallMs: 80_005 } });
    expect(sent).toHaveLength(3);
    expect(clock.timers()).toBe(0);
  });

  test('says nothing more to the request that was answered', async () => {
    const stub = running();
    const client = listener();
    const answer = stub.ask('batch_call', { calls }, client);
    await stub.clock.pass(50 * secondMs);
    await answer;
    await stub.clock.pass(50 * secondMs);
    expect(client.seen).toEqual([1]);
  });

  test('asks nobody anything for a request that was answered', async () => {
    const stub = running();
    const asked: string[] = [];
    const answer = runBatch(
      {
        ...stub.engine,
        callUpstream: async (_, { ask }) => {
          await stub.clock.sleep(60 * secondMs);
          const reply = await ask!({ method: 'elicitation/create', params: {} }, new AbortController().signal);
          return { ok: true, result: { content: [{ type: 'text', text: JSON.stringify(reply) }] } };
        },
      },
      {
        input: { calls: [readCall] },
        principal: 'stdio-1',
        ask: ({ method }) => {
          asked.push(method);
          return Promise.resolve({ ok: true, result: {} });
        },
      },
    );
    await stub.clock.pass(50 * secondMs);
    const batchId = batchIdOf(await answer);
    await stub.clock.pass(20 * secondMs);
    expect(asked).toEqual([]);
    expect(textOf(await stub.ask('batch_await', { batchId }))).toContain('there is nobody to ask');
  });

  test('is not cancelled by the cancellation of the request that was answered', async () => {
    const stub = running();
    const controller = new AbortController();
    const answer = stub.ask('batch_call', { calls, format: 'structured' }, { signal: controller.signal });
    await stub.clock.pass(50 * secondMs);
    const batchId = batchIdOf(await answer);
    controller.abort();
    await stub.clock.pass(40 * secondMs);
    expect(statusesOf(await stub.ask('batch_await', { batchId }))).toEqual(['ok', 'ok']);
  });

  test('ends when its time in the background is over', async () => {
    const { ask, clock, batchId } = await afterDeadline({ calls: [readCall, lasting(secondMs)], format: 'structured' });
    await clock.pass(600 * secondMs);
    expect(statusesOf(await ask('batch_await', { batchId }))).toEqual(['timeout', 'ok']);
    expect(clock.timers()).toBe(0);
  });

  test('ends there as ever, where nobody can come back to it', async () => {
    const { engine, clock } = running();
    const answer = runBatch(engine, { input: { calls, format: 'structured' } });
    await clock.pass(50 * secondMs);
    expect(structuredOf(await answer)).toMatchObject({
      status: 'completed',
      results: [{ status: 'ok' }, { status: 'timeout', error: { code: 'deadline' } }],
    });
  });

  test('ends there as ever, where the configuration wants no background', async () => {
    const stub = running();
    const settings = { ...stub.engine.setup().settings, backgroundMs: 0 };
    const engine = { ...stub.engine, setup: () => ({ ...stub.engine.setup(), settings }) };
    const answer = runBatch(engine, { input: { calls, format: 'structured' }, principal: 'stdio-1' });
    await stub.clock.pass(50 * secondMs);
    expect(statusesOf(await answer)).toEqual(['ok', 'timeout']);
  });

  test('ends there with a warning where too many go on already, and makes room by its own end', async () => {
    const { ask, clock } = running();
    const answers = Array.from({ length: 17 }, () => ask('batch_call', { calls: [lasting(80 * secondMs)] }));
    await clock.pass(50 * secondMs);
    const replies = (await Promise.all(answers)).map(textOf);
    expect(replies.slice(0, 16).every((reply) => reply.includes('1 pending'))).toBe(true);
    expect(replies[16]).toMatch(/1 skipped[^]*warning: the batch ended at its deadline: 16 batches of this client/);
    await clock.pass(40 * secondMs);
    const next = ask('batch_call', { calls });
    await clock.pass(50 * secondMs);
    expect(textOf(await next)).toContain('2 pending');
  });

  test('is cancelled when its client leaves', async () => {
    const { engine, clock, batchId, ask } = await afterDeadline({
      calls: [lasting(1), readCall],
      format: 'structured',
    });
    engine.batches.close();
    expect(statusesOf(await ask('batch_await', { batchId }))).toEqual(['ok', 'cancelled']);
    expect(clock.timers()).toBe(0);
  });

  test('is nothing to a client that has left: what it still runs ends at its deadline', async () => {
    const stub = running();
    const answer = stub.ask('batch_call', { calls: [lasting(80 * secondMs, writeTo('/a'))], format: 'structured' });
    stub.engine.batches.close();
    await stub.clock.pass(secondMs * 50);
    expect(statusesOf(await answer)).not.toContain('pending');
  });
});

describe('batch_await on a batch that runs', () => {
  test('waits until it has ended, and tells of calls that end meanwhile', async () => {
    const { ask, clock, batchId } = await afterDeadline({
      calls: [lasting(60 * secondMs), lasting(70 * secondMs, writeTo('/a'))],
    });
    const client = listener();
    const answer = ask('batch_await', { batchId }, client);
    await clock.pass(19 * secondMs);
    expect(client.seen).toEqual([1]);
    await clock.pass(secondMs);
    expect(textOf(await answer)).toContain('2 ok in 1 min 10 s');
    expect(client.seen).toEqual([1, 2]);
  });

  test('waits no longer than it was told, and shows the reply as it stands then', async () => {
    const { ask, clock, batchId } = await afterDeadline();
    const answer = ask('batch_await', { batchId, timeoutMs: 2_000 });
    await clock.pass(2_000);
    expect(textOf(await answer)).toContain('[c1] PENDING 52 s');
  });

  test('waits at most as long as a batch may take to answer, whatever it was told', async () => {
    const { ask, clock, batchId } = await afterDeadline({ calls: [readCall] });
    const answer = ask('batch_await', { batchId, timeoutMs: 3_600_000 });
    await clock.pass(50 * secondMs);
    expect(textOf(await answer)).toContain('[c0] PENDING 1 min 40 s');
  });

  test('waits for one call alone, where it is named', async () => {
    const { ask, clock, batchId } = await afterDeadline({ calls: [lasting(60 * secondMs), lasting(90 * secondMs)] });
    const answer = ask('batch_await', { batchId, id: 'c0' });
    await clock.pass(10 * secondMs);
    expect(textOf(await answer)).toBe('[c0] ok 1 min files__read\ndone');
  });

  test('names what there is where a call is not there, without waiting', async () => {
    const { ask, batchId } = await afterDeadline();
    expect(textOf(await ask('batch_await', { batchId, id: 'c7' }))).toContain('has no call "c7"; it has c0, c1');
  });

  test('waits for one element of a list', async () => {
    const list = { tool: 'files__read', arguments: { ms: 1 }, id: 'list' };
    const each = {
      tool: 'files__write',
      id: 'each',
      forEach: { $result: 'list', path: '/content', view: 'raw' },
      arguments: { path: { $item: '/text' }, ms: 60 * secondMs },
    };
    const { ask, clock, batchId } = await afterDeadline({ calls: [list, each] });
    const answer = ask('batch_await', { batchId, id: 'each[0]' });
    await clock.pass(11 * secondMs);
    expect(textOf(await answer)).toBe('[each[0]] ok 1 min files__write\ndone done');
  });

  test('ends only its own waiting when it is cancelled', async () => {
    const { ask, clock, batchId } = await afterDeadline({ format: 'structured' });
    const controller = new AbortController();
    const answer = ask('batch_await', { batchId }, { signal: controller.signal });
    await clock.pass(secondMs);
    controller.abort();
    expect(statusesOf(await answer)).toEqual(['ok', 'pending']);
    await clock.pass(40 * secondMs);
    expect(statusesOf(await ask('batch_await', { batchId }))).toEqual(['ok', 'ok']);
  });

  test('finds a batch that has not answered yet, too', async () => {
    const { ask, clock, engine } = running();
    const first = ask('batch_call', { calls: [lasting(10 * secondMs)], format: 'structured', idempotencyKey: 'k' });
    await clock.pass(secondMs);
    expect(engine.batches.isBusy()).toBe(false);
    expect(structuredOf(await first)).toMatchObject({ status: 'refused' });
    const second = ask('batch_call', { calls: [lasting(10 * secondMs)] });
    await clock.pass(secondMs);
    expect(engine.batches.isBusy()).toBe(true);
    await clock.pass(10 * secondMs);
    expect(textOf(await second)).toContain('1 ok');
  });
});

describe('a write that answers after its timeout', () => {
  const late = [{ ...lasting(5 * secondMs, writeTo('/a')), timeoutMs: 2_000 }, lasting(3 * secondMs)];

  async function afterTimeout(format: 'text' | 'structured') {
    const stub = running();
    const answer = stub.ask('batch_call', { calls: late, format });
    await stub.clock.pass(3 * secondMs);
    const reply = await answer;
    return { ...stub, reply, batchId: batchIdOf(reply) };
  }

  test('was applied, as batch_await says after it: its answer stands with the status from before', async () => {
    const { ask, clock, reply, batchId } = await afterTimeout('structured');
    expect(structuredOf(reply)).toMatchObject({ results: [{ status: 'timeout', applied: 'unknown' }, {}] });
    expect(structuredOf(reply)).not.toHaveProperty('late');
    await clock.pass(3 * secondMs);
    expect(structuredOf(await ask('batch_await', { batchId }))).toMatchObject({
      results: [
        { status: 'timeout', applied: 'yes', result: { content: [{ text: 'done /a' }] }, error: { code: 'timeout' } },
        { status: 'ok' },
      ],
      late: [{ batchId, id: 'c0', status: 'ok', applied: 'yes' }],
    });
  });

  test('is told of in words a model can act on', async () => {
    const { ask, clock, batchId } = await afterTimeout('text');
    await clock.pass(3 * secondMs);
    const again = textOf(await ask('batch_await', { batchId }));
    expect(again).toContain('late: c0 ok after all, applied: yes');
    expect(again).toContain('[c0] TIMEOUT 2 s files__write (answered later: ok, applied: yes)\ndone /a');
    expect(textOf(await ask('batch_await', { batchId, id: 'c0' }))).toBe(
      '[c0] TIMEOUT 2 s files__write (answered later: ok, applied: yes)\ndone /a',
    );
  });

  test('is told of with the next reply of another batch, once', async () => {
    const { ask, clock, batchId } = await afterTimeout('text');
    await clock.pass(3 * secondMs);
    const next = ask('batch_call', { calls: [lasting(1)] });
    await clock.pass(1);
    const line = `late: c0 of batch ${batchId} ok after all, applied: yes; batch_await batchId ${batchId} id c0 shows its answer`;
    expect(textOf(await next)).toContain(line);
    const afterIt = ask('batch_call', { calls: [lasting(1)] });
    await clock.pass(1);
    expect(textOf(await afterIt)).not.toContain('late:');
  });

  test('before its batch has ended is told of in the reply, whose row says what the batch went by', async () => {
    const { ask, clock } = running();
    const [text, structured] = ['text', 'structured'].map((format) => {
      const write = { ...lasting(5 * secondMs, writeTo(`/${format}`)), timeoutMs: 2_000 };
      return ask('batch_call', { calls: [write, lasting(6 * secondMs)], format });
    });
    await clock.pass(20 * secondMs);
    const reply = await text!;
    const words = `late: c0 ok after all, applied: yes; batch_await batchId ${batchIdOf(reply)} id c0 shows its answer`;
    expect(textOf(reply)).toContain(words);
    expect(textOf(reply)).toContain('[c0] TIMEOUT 2 s files__write (applied: unknown)');
    expect(structuredOf(await structured!)).toMatchObject({
      results: [{ status: 'timeout', applied: 'unknown' }, {}],
      late: expect.arrayContaining([{ batchId: batchIdOf(await structured!), id: 'c0', status: 'ok', applied: 'yes' }]),
    });
  });
});

describe('a write whose effect is not known', () => {
  const silent = { calls: [{ ...writeTo('/a'), timeoutMs: 1_000 }], format: 'structured' };
  const next = { calls: [lasting(1, writeTo('/a'))], format: 'structured' };

  test('keeps later writes of its key from running until its client was told, and not after that', async () => {
    const { ask, clock } = running();
    const first = ask('batch_call', silent);
    await clock.pass(500);
    const before = ask('batch_call', next);
    await clock.pass(500);
    expect(statusesOf(await first)).toEqual(['timeout']);
    await clock.pass(40 * secondMs);
    const after = ask('batch_call', next);
    await clock.pass(10);
    expect(structuredOf(await before)).toMatchObject({ results: [{ error: { code: 'predecessor_unknown' } }] });
    expect(structuredOf(await after)).toMatchObject({
      results: [{ status: 'ok' }],
      warnings: [expect.stringMatching(/^c0: .*whether it took effect is not known/)],
    });
  });

  test('is told of to a client that awaits it', async () => {
    const { ask, clock } = running();
    const slow = { calls: [writeTo('/a'), { tool: 'files__read' }], format: 'structured' };
    const first = ask('batch_call', slow);
    await clock.pass(50 * secondMs);
    const batchId = batchIdOf(await first);
    const cancelled = ask('batch_cancel', { batchId });
    await clock.pass(3 * secondMs);
    expect(structuredOf(await cancelled)).toMatchObject({ results: [{ applied: 'unknown' }, {}] });
    const after = ask('batch_call', next);
    await clock.pass(10);
    expect(statusesOf(await after)).toEqual(['ok']);
  });
});
