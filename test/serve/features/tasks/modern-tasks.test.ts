import { describe, expect, test } from 'vitest';
import { Aborter } from '../../../../src/core/abort.ts';
import { isJsonObject, type JsonObject } from '../../../../src/core/json.ts';
import type { ClientRequest } from '../../../../src/serve/client-request.ts';
import { handleRequest } from '../../../../src/serve/handle-request.ts';
import { memoryJournal } from '../../batch/memory-journal.ts';
import { lasting, readCall, running, statusesOf, textOf, type Running } from '../../batch/running.ts';
import {
  accept,
  createModernClient,
  form,
  messagesOf,
  type Exchange,
  type ModernClient,
} from '../../questions/modern-client.ts';
import { requestOf } from '../../stub-engine.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const able: JsonObject = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };
const missing = {
  code: -32021,
  data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
};
/** Two calls of which one outlives the deadline of 50 s. */
const calls = [lasting(secondMs), lasting(80 * secondMs, { ...readCall, arguments: { n: 2 } })];

interface Modern {
  stub: Running;
  client: ModernClient;
  send(batch: JsonObject, changes?: Partial<ClientRequest>): Exchange;
  ask(method: string, params: JsonObject, changes?: Partial<ClientRequest>): Promise<JsonObject>;
}

function modern(stub = running()): Modern {
  const client = createModernClient((request) => handleRequest(stub.engine, request), stub.clock);
  return {
    stub,
    client,
    send: (batch, changes) =>
      client.send(
        { name: 'batch_call', arguments: { format: 'structured', ...batch } },
        { capabilities: able, ...changes },
      ),
    ask: (method, params, changes) =>
      client.serve(requestOf(method, params, { era: 'modern', capabilities: able, ...changes })),
  };
}

function taskIdOf({ result }: Exchange): string {
  const { resultType, taskId } = result ?? {};
  if (resultType === 'task' && typeof taskId === 'string') return taskId;
  throw new Error(`no task was made: ${JSON.stringify(result)}`);
}

/** A batch that has just become a task. */
async function afterDeadline(batch: JsonObject = { calls }) {
  const one = modern();
  const exchange = one.send(batch);
  await one.stub.clock.pass(50 * secondMs);
  return { ...one, exchange, taskId: taskIdOf(exchange) };
}

describe('a modern client that understands tasks', () => {
  test('gets the whole reply at once where the batch ends before its deadline', async () => {
    const { stub, send } = modern();
    const exchange = send({ calls: [lasting(49 * secondMs)] });
    await stub.clock.pass(49 * secondMs);
    expect(exchange.result).not.toHaveProperty('resultType');
    expect(statusesOf(exchange.result!)).toEqual(['ok']);
  });

  test('gets a task in the place of a partial reply, and its result with tasks/get when all has ended', async () => {
    const { stub, exchange, taskId, ask } = await afterDeadline();
    expect(exchange.result).toEqual({
      resultType: 'task',
      taskId: expect.stringMatching(/^[0-9a-f]+-[0-9a-f]{32}$/),
      status: 'working',
      statusMessage: expect.stringContaining('1 of 2 calls have ended'),
      createdAt: expect.stringMatching(/Z$/),
      lastUpdatedAt: exchange.result?.['createdAt'],
      ttlMs: 600_000 + 30 * minuteMs,
      pollIntervalMs: 100,
    });
    const { resultType: _, ...task } = exchange.result!;
    expect(await ask('tasks/get', { taskId })).toEqual(task);
    await stub.clock.pass(30 * secondMs);
    const { result, ...state } = await ask('tasks/get', { taskId });
    expect(state).toMatchObject({ status: 'completed', statusMessage: expect.stringContaining('2 of 2 calls') });
    expect(isJsonObject(result) && statusesOf(result)).toEqual(['ok', 'ok']);
  });

  test('cancels it with tasks/cancel, as often as it likes: it is cancelled, and so are its calls', async () => {
    const { stub, taskId, ask } = await afterDeadline();
    expect(await ask('tasks/cancel', { taskId })).toEqual({});
    await stub.clock.pass(3 * secondMs);
    expect(stub.sent.at(-1)?.signal?.aborted).toBe(true);
    expect(await ask('tasks/get', { taskId })).toMatchObject({ status: 'cancelled' });
    expect(await ask('tasks/cancel', { taskId })).toEqual({});
  });

  test('is acknowledged a cancellation that comes too late, which changes nothing', async () => {
    const { stub, taskId, ask } = await afterDeadline();
    await stub.clock.pass(30 * secondMs);
    expect(await ask('tasks/cancel', { taskId })).toEqual({});
    expect(await ask('tasks/get', { taskId })).toMatchObject({ status: 'completed' });
  });

  test('gets no task where nothing may go on after the deadline', async () => {
    const stub = running();
    const setup = stub.engine.setup();
    stub.engine.setup = () => ({ ...setup, settings: { ...setup.settings, backgroundMs: 0 } });
    const exchange = modern(stub).send({ calls });
    await stub.clock.pass(60 * secondMs);
    expect(statusesOf(exchange.result!)).toEqual(['ok', 'timeout']);
  });

  test('has the task of a batch that it sends again under its idempotency key', async () => {
    const { stub, send } = modern(running({ journal: memoryJournal() }));
    const batch = { calls, idempotencyKey: 'release 7' };
    const first = send(batch);
    await stub.clock.pass(secondMs);
    const again = send(batch);
    await stub.clock.pass(50 * secondMs);
    expect(taskIdOf(again)).toBe(taskIdOf(first));
    expect(stub.sent).toHaveLength(2);
  });

  test.each([
    ['another client', (taskId: string) => ({ params: { taskId }, changes: { principal: 'stdio-2' } })],
    ['a guess', (taskId: string) => ({ params: { taskId: `${taskId.split('-')[0]}-00` }, changes: {} })],
    ['no id', () => ({ params: {}, changes: {} })],
  ])('is found by nobody else: %s', async (_who, asked) => {
    const { taskId, ask } = await afterDeadline();
    const { params, changes } = asked(taskId);
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const request = ask(method, { inputResponses: {}, ...params }, changes);
      await expect(request).rejects.toMatchObject({ code: -32602 });
    }
    expect(await ask('tasks/get', { taskId })).toMatchObject({ status: 'working' });
  });

  test('has none of the methods that only the other era had', async () => {
    const { taskId, ask } = await afterDeadline();
    for (const method of ['tasks/result', 'tasks/list', 'tasks/vendor']) {
      await expect(ask(method, { taskId })).rejects.toMatchObject({ code: -32601 });
    }
  });
});

describe('a modern client that has not declared tasks', () => {
  test('can write what it likes into a call of batch_await: the field means nothing to its era', async () => {
    const params = { name: 'batch_await', arguments: { batchId: '00000a' }, task: {} };
    expect(await modern().ask('tools/call', params, { capabilities: {} })).toMatchObject({ isError: true });
  });

  test('gets a partial reply, and no task, whatever it wrote into the call', async () => {
    const { stub, client } = modern();
    const params = { name: 'batch_call', arguments: { calls, format: 'structured' }, task: {} };
    const exchange = client.send(params, { capabilities: { extensions: { other: {} } } });
    await stub.clock.pass(50 * secondMs);
    expect(statusesOf(exchange.result!)).toEqual(['ok', 'pending']);
  });

  test('hears which capability is missing, also where the task is its own', async () => {
    const { taskId, ask } = await afterDeadline();
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const request = ask(method, { taskId, inputResponses: {} }, { capabilities: {} });
      await expect(request).rejects.toMatchObject(missing);
    }
  });
});

describe('a question of a server to a modern client that understands tasks', () => {
  /** A server that asks twice, one minute apart. */
  function asking() {
    const stub = running();
    const never = new Aborter();
    stub.engine.callUpstream = async (_server, { ask }) => {
      const first = await ask!(form('first'), never);
      await stub.clock.sleep(minuteMs);
      const second = await ask!(form('second'), never);
      const { message = '' } = second.ok ? {} : second.error;
      return { ok: true, result: { content: [{ type: 'text', text: JSON.stringify([first, second, message]) }] } };
    };
    return modern(stub);
  }

  async function askedTwice(changes?: Partial<ClientRequest>) {
    const one = asking();
    const { stub, client, send } = one;
    const begun = send({ calls: [readCall], format: 'text' }, changes);
    await stub.clock.pass(2 * secondMs);
    const back = client.comeBack(begun, { q1: accept('one') });
    await stub.clock.pass(2 * minuteMs);
    return { ...one, begun, back, taskId: taskIdOf(back) };
  }

  test('goes with the call before the deadline, and with the task after it; each is asked once', async () => {
    const { stub, begun, taskId, ask } = await askedTwice();
    expect(messagesOf(begun)).toEqual({ q1: 'first' });
    const { createdAt, lastUpdatedAt, ...task } = await ask('tasks/get', { taskId });
    expect(task).toMatchObject({ status: 'input_required', inputRequests: { q1: form('second') } });
    expect(lastUpdatedAt).not.toBe(createdAt);
    expect(await ask('tasks/update', { taskId, inputResponses: { q9: accept('nobody') } })).toEqual({});
    expect(await ask('tasks/get', { taskId })).toMatchObject({ status: 'input_required' });
    expect(await ask('tasks/update', { taskId, inputResponses: { q1: accept('two') } })).toEqual({});
    await stub.clock.pass(0);
    const { result, status } = await ask('tasks/get', { taskId });
    expect(status).toBe('completed');
    expect(isJsonObject(result) && textOf(result)).toMatch(/one.*two/);
  });

  test('is refused in a task as it would be before, where the client has not declared that it can be asked', async () => {
    const one = modern();
    one.stub.engine.callUpstream = async (_server, { ask }) => {
      await one.stub.clock.sleep(minuteMs);
      const reply = await ask!(form('late'), new Aborter());
      return { ok: true, result: { content: [{ type: 'text', text: JSON.stringify(reply) }] } };
    };
    const { elicitation: _, ...mute } = able;
    const exchange = one.send({ calls: [readCall], format: 'text' }, { capabilities: mute });
    await one.stub.clock.pass(2 * minuteMs);
    const { result } = await one.ask('tasks/get', { taskId: taskIdOf(exchange) });
    expect(isJsonObject(result) && textOf(result)).toContain('Method not found');
  });

  test('needs answers that are an object', async () => {
    const { taskId, ask } = await askedTwice();
    for (const inputResponses of [[], 'yes', null]) {
      await expect(ask('tasks/update', { taskId, inputResponses })).rejects.toMatchObject({ code: -32602 });
    }
  });
});
