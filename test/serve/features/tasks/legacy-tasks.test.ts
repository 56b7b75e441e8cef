import { describe, expect, test } from 'vitest';
import { Aborter } from '../../../../src/core/abort.ts';
import { isJsonObject, type JsonObject } from '../../../../src/core/json.ts';
import type { Notice, Question } from '../../../../src/core/protocol/client.ts';
import { watchChanges } from '../../../../src/serve/features/client-changes.ts';
import { handleRequest } from '../../../../src/serve/handle-request.ts';
import { recipeOf } from '../../../batch/recipe/recipe-of.ts';
import { makeTool } from '../../../policy/make-policy.ts';
import { memoryJournal } from '../../batch/memory-journal.ts';
import { lasting, readCall, running, statusesOf, textOf, type Running } from '../../batch/running.ts';
import { accept, form } from '../../questions/modern-client.ts';
import { requestOf, stubEngine } from '../../stub-engine.ts';
import { entriesIn, failing, serving } from '../serving.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const related = 'io.modelcontextprotocol/related-task';

interface Followed {
  stub: Running;
  task: JsonObject;
  taskId: string;
  ask(method: string, params?: JsonObject, changes?: Parameters<typeof requestOf>[2]): Promise<JsonObject>;
}

/** Sends a batch as a task, and gives back what is known of it at once. */
async function follow(batch: JsonObject, { task = {}, stub = running() }: { task?: JsonObject; stub?: Running } = {}) {
  const params = { name: 'batch_call', arguments: { format: 'structured', ...batch }, task };
  const created = await handleRequest(stub.engine, requestOf('tools/call', params));
  const made = created['task'];
  if (!isJsonObject(made) || typeof made['taskId'] !== 'string') throw new Error('no task was made');
  const followed: Followed = {
    stub,
    task: made,
    taskId: made['taskId'],
    ask: (method, more = { taskId: made['taskId'] }, changes = {}) =>
      handleRequest(stub.engine, requestOf(method, more, changes)),
  };
  return followed;
}

function timeOf(task: JsonObject, field: string): number {
  return Date.parse(JSON.stringify(task[field]).slice(1, -1));
}

const calls = [lasting(secondMs), lasting(80 * secondMs, { ...readCall, arguments: { n: 2 } })];

describe('a legacy client that asks for a batch as a task', () => {
  test('gets one at once, which works until its last call has ended, whatever the deadline', async () => {
    const { stub, task, ask } = await follow({ calls, deadlineMs: 5_000 });
    expect(task).toEqual({
      taskId: expect.stringMatching(/^[0-9a-f]+-[0-9a-f]{32}$/),
      status: 'working',
      statusMessage: expect.stringMatching(/^batch \w+: 0 of 2 calls have ended$/),
      createdAt: expect.stringMatching(/Z$/),
      lastUpdatedAt: task['createdAt'],
      ttl: 5_000 + 600_000 + 30 * minuteMs,
      pollInterval: 100,
    });
    await stub.clock.pass(60 * secondMs);
    expect(await ask('tasks/get')).toMatchObject({
      status: 'working',
      statusMessage: expect.stringContaining('1 of 2 calls have ended'),
    });
    expect(timeOf(await ask('tasks/get'), 'lastUpdatedAt')).toBe(timeOf(task, 'createdAt') + secondMs);
    await stub.clock.pass(30 * secondMs);
    expect(await ask('tasks/get')).toMatchObject({ status: 'completed' });
  });

  test('is told to look again after a quarter of the time that it has taken, from 100 ms up to 2 s', async () => {
    const { stub, task, ask } = await follow({ calls });
    const told: unknown[] = [task['pollInterval']];
    for (const ms of [300, 700, 3_000, 40_000]) {
      await stub.clock.pass(ms);
      told.push((await ask('tasks/get'))['pollInterval']);
    }
    expect(told).toEqual([100, 100, 250, 1_000, 2_000]);
  });

  test('waits for its result with tasks/result, and gets what batch_call would have answered', async () => {
    const { stub, taskId, ask } = await follow({ calls });
    let isOver = false;
    const result = ask('tasks/result').finally(() => (isOver = true));
    await stub.clock.pass(79 * secondMs);
    expect(isOver).toBe(false);
    await stub.clock.pass(secondMs);
    expect(statusesOf(await result)).toEqual(['ok', 'ok']);
    expect(await result).toMatchObject({ _meta: { [related]: { taskId } } });
    expect(await ask('tasks/result')).toEqual(await result);
  });

  test('may stop waiting: the batch runs on, and another look finds it', async () => {
    const { stub, ask } = await follow({ calls });
    const signal = new Aborter();
    const first = ask('tasks/result', undefined, { signal });
    signal.abort();
    await first;
    await stub.clock.pass(80 * secondMs);
    expect(statusesOf(await ask('tasks/result'))).toEqual(['ok', 'ok']);
  });

  test('cancels it with tasks/cancel, once: it stays cancelled, and its result tells what became of its calls', async () => {
    const write = { tool: 'files__write', arguments: { path: '/a' } };
    const { stub, ask } = await follow({ calls: [lasting(secondMs), write] });
    await stub.clock.pass(secondMs);
    expect(await ask('tasks/cancel')).toMatchObject({ status: 'cancelled' });
    const result = ask('tasks/result');
    await stub.clock.pass(5 * secondMs);
    expect(statusesOf(await result)).toEqual(['ok', 'cancelled']);
    expect(await ask('tasks/get')).toMatchObject({ status: 'cancelled' });
    await expect(ask('tasks/cancel')).rejects.toMatchObject({
      code: -32602,
      message: "Cannot cancel task: already in terminal status 'cancelled'",
    });
    expect(stub.sent.at(-1)?.signal?.aborted).toBe(true);
  });

  test('cannot cancel what is over', async () => {
    const { stub, ask } = await follow({ calls: [lasting(1)] });
    await stub.clock.pass(1);
    await expect(ask('tasks/cancel')).rejects.toMatchObject({ code: -32602 });
    expect(await ask('tasks/get')).toMatchObject({ status: 'completed' });
  });

  test('gets a task also for what was refused: it has failed, and its result says why', async () => {
    const { task, ask } = await follow({ calls: 'nonsense' });
    expect(task).toMatchObject({ status: 'working' });
    const statusMessage = expect.stringContaining('write an array of calls');
    expect(await ask('tasks/get')).toMatchObject({ status: 'failed', statusMessage });
    const result = await ask('tasks/result');
    expect(result).toMatchObject({ isError: true, _meta: { [related]: { taskId: task['taskId'] } } });
    expect(textOf(result)).toContain('nothing was run');
    await expect(ask('tasks/cancel')).rejects.toMatchObject({ code: -32602 });
  });

  test('keeps the replies of sixteen tasks that ran nothing, the newest', async () => {
    const stub = running();
    const tasks = [];
    for (let n = 0; n < 17; n++) tasks.push(await follow({ calls, mode: 'plan' }, { stub }));
    await expect(tasks[0]!.ask('tasks/get')).rejects.toMatchObject({ code: -32602 });
    expect(await tasks[1]!.ask('tasks/get')).toMatchObject({ status: 'completed' });
  });

  test('has a hundred of them running at most; another one is refused until one has ended', async () => {
    const stub = running();
    for (let n = 0; n < 99; n++) await follow({ calls: [lasting(10 * secondMs)] }, { stub });
    const { ask } = await follow({ calls }, { stub });
    const refused = { code: -32603, message: expect.stringContaining('100 tasks of this client run already') };
    await expect(follow({ calls }, { stub })).rejects.toMatchObject(refused);
    await ask('tasks/cancel');
    await stub.clock.pass(0);
    expect(await follow({ calls }, { stub })).toMatchObject({ task: { status: 'working' } });
  });

  test('can have a recipe as a task, too', async () => {
    const stub = running({ recipes: [recipeOf({ name: 'look', calls: [lasting(secondMs)] })] });
    const params = { name: 'recipe__look', arguments: {}, task: {} };
    const made = await handleRequest(stub.engine, requestOf('tools/call', params));
    const [task] = entriesIn(await handleRequest(stub.engine, requestOf('tasks/list', {})), 'tasks');
    expect(made).toMatchObject({ task: { ...task } });
    const result = handleRequest(stub.engine, requestOf('tasks/result', { taskId: task?.['taskId'] }));
    await stub.clock.pass(secondMs);
    expect(textOf(await result)).toContain('1 ok');
  });

  test.each(['batch_await', 'batch_cancel'])('cannot have %s as one', async (name) => {
    const request = requestOf('tools/call', { name, arguments: {}, task: {} });
    await expect(handleRequest(running().engine, request)).rejects.toMatchObject({ code: -32601 });
  });

  test.each([[{ ttl: 'long' }], [{ ttl: -1 }], [5], [null]])('cannot wish for %j', async (task) => {
    const params = { name: 'batch_call', arguments: { calls }, task };
    const { engine, sent } = running();
    await expect(handleRequest(engine, requestOf('tools/call', params))).rejects.toMatchObject({ code: -32602 });
    expect(sent).toEqual([]);
  });

  test.each([
    [{ ttl: 5 * minuteMs }, 5 * minuteMs],
    [{ ttl: 1 }, minuteMs],
    [{ ttl: 1e15 }, 50_000 + 600_000 + 30 * minuteMs],
    [{ ttl: null }, 50_000 + 600_000 + 30 * minuteMs],
  ])('that wishes for %j has it for %i ms, and no longer', async (wish, ttl) => {
    const { stub, task, ask } = await follow({ calls: [lasting(1)] }, { task: wish });
    expect(task).toMatchObject({ ttl });
    await stub.clock.pass(Math.min(ttl, 29 * minuteMs));
    expect(await ask('tasks/get')).toMatchObject({ status: 'completed', ttl });
    await stub.clock.pass(2 * minuteMs);
    await expect(ask('tasks/get')).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('not found'),
    });
  });

  test('hears of its progress and of each change of its status, until it is over', async () => {
    const stub = running();
    const seen: Notice[] = [];
    const stop = watchChanges(stub.engine, (notice) => void seen.push(notice));
    const params = { name: 'batch_call', arguments: { calls }, task: {} };
    const answer = handleRequest(stub.engine, requestOf('tools/call', params, { progressToken: 'p' }));
    const { task } = await answer;
    const taskId = isJsonObject(task) ? task['taskId'] : undefined;
    await stub.clock.pass(secondMs);
    expect(seen).toMatchObject([
      {
        method: 'notifications/progress',
        params: { progressToken: 'p', progress: 1, _meta: { [related]: { taskId } } },
      },
    ]);
    await stub.clock.pass(80 * secondMs);
    expect(seen.slice(1)).toMatchObject([
      { method: 'notifications/progress', params: { progress: 2 } },
      { method: 'notifications/tasks/status', params: { taskId, status: 'completed' } },
    ]);
    stop();
    await handleRequest(stub.engine, requestOf('tools/call', { ...params, arguments: { calls: [lasting(1)] } }));
    await stub.clock.pass(1);
    expect(seen).toHaveLength(3);
    expect(stub.clock.timers()).toBe(0);
  });
});

describe('a task', () => {
  test('is its client’s alone: another one neither finds, cancels nor lists it', async () => {
    const { ask, taskId, stub } = await follow({ calls });
    const other = { principal: 'stdio-2' };
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
      await expect(ask(method, { taskId }, other)).rejects.toMatchObject({
        code: -32602,
        message: `Task not found: ${taskId}`,
      });
    }
    expect(entriesIn(await ask('tasks/list', {}, other), 'tasks')).toEqual([]);
    expect(await ask('tasks/get')).toMatchObject({ status: 'working' });
    expect(stub.sent.every(({ signal }) => signal?.aborted !== true)).toBe(true);
  });

  test('is not found by the id of its batch, nor with another secret', async () => {
    const { ask, taskId } = await follow({ calls });
    const [batchId = ''] = taskId.split('-');
    for (const guess of [batchId, `${batchId}-`, `${batchId}-${'0'.repeat(32)}`, '', '-']) {
      await expect(ask('tasks/get', { taskId: guess })).rejects.toMatchObject({ code: -32602 });
    }
  });

  test('of a batch that is sent again under its idempotency key is the same one', async () => {
    const stub = running({ journal: memoryJournal() });
    const batch = { calls, idempotencyKey: 'release 7' };
    const first = await follow(batch, { stub });
    await stub.clock.pass(secondMs);
    const again = await follow(batch, { stub });
    expect(again.taskId).toBe(first.taskId);
    expect(stub.sent).toHaveLength(2);
    expect(entriesIn(await first.ask('tasks/list', {}), 'tasks')).toHaveLength(1);
  });

  test('is listed beside those of the servers, also where these fail', async () => {
    const theirs = { taskId: 't1', status: 'working' };
    const answers: Record<string, JsonObject | Error> = { 'tasks/list': { tasks: [theirs] } };
    const { engine } = serving(
      { mail: { answers } },
      { tools: [makeTool('work')], answer: () => ({ ok: true, result: { task: theirs } }) },
    );
    const send = (params: JsonObject): Promise<JsonObject> => handleRequest(engine, requestOf('tools/call', params));
    await send({ name: 'mail__work', arguments: {}, task: {} });
    await send({ name: 'batch_read', arguments: { calls: [] }, task: {} });
    const list = async (): Promise<unknown[]> =>
      entriesIn(await handleRequest(engine, requestOf('tasks/list', {})), 'tasks').map(({ taskId }) => taskId);
    expect(await list()).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), 't1']);
    answers['tasks/list'] = failing(-32603, 'down');
    expect(await list()).toEqual([expect.any(String)]);
    answers['tasks/list'] = failing(-32601, 'Method not found');
    expect(await list()).toEqual([expect.any(String)]);
  });

  test('is none of a plain call: tools say who can be one, to legacy clients alone', async () => {
    const { engine } = stubEngine({ tools: [makeTool('read')] });
    const support = async (era: 'legacy' | 'modern'): Promise<unknown[]> =>
      entriesIn(await handleRequest(engine, requestOf('tools/list', {}, { era })), 'tools').map(
        ({ execution }) => execution,
      );
    const optional = { taskSupport: 'optional' };
    expect(await support('legacy')).toEqual([optional, optional, undefined, undefined, undefined]);
    expect(await support('modern')).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('a task whose server asks something', () => {
  async function asking() {
    const asked: { question: Question; withdrawn: () => boolean }[] = [];
    const stub = running();
    stub.engine.callUpstream = async (_server, { ask, signal }) => {
      const reply = await ask!(form('sure?'), signal ?? new Aborter());
      return { ok: true, result: { content: [{ type: 'text', text: JSON.stringify(reply) }] } };
    };
    const followed = await follow({ calls: [readCall], format: 'text' }, { stub });
    await stub.clock.pass(0);
    /** Waits for the result, and answers what it is asked meanwhile, or does not. */
    const wait = (answer?: JsonObject, signal = new Aborter()): Promise<JsonObject> =>
      followed.ask('tasks/result', undefined, {
        signal,
        ask: (question, withdrawal) => {
          asked.push({ question, withdrawn: () => withdrawal.aborted });
          return answer === undefined ? new Promise(() => {}) : Promise.resolve({ ok: true, result: answer });
        },
      });
    return { ...followed, asked, wait };
  }

  test('needs input; the question goes to whoever waits for the result, and says whose it is', async () => {
    const { ask, asked, wait, taskId } = await asking();
    expect(await ask('tasks/get')).toMatchObject({ status: 'input_required' });
    expect(asked).toEqual([]);
    expect(textOf(await wait(accept('yes')))).toContain('yes');
    const { method, params } = form('sure?');
    expect(asked.map(({ question }) => question)).toEqual([
      { method, params: { ...params, _meta: { [related]: { taskId } } } },
    ]);
    expect(await ask('tasks/get')).toMatchObject({ status: 'completed' });
  });

  test('asks the next one who waits where the first has left, and takes back what it asked there', async () => {
    const { ask, asked, wait, stub } = await asking();
    const signal = new Aborter();
    const first = wait(undefined, signal);
    await stub.clock.pass(0);
    signal.abort();
    await first;
    expect(asked.map(({ withdrawn }) => withdrawn())).toEqual([true]);
    expect(await ask('tasks/get')).toMatchObject({ status: 'input_required' });
    expect(textOf(await wait(accept('yes')))).toContain('yes');
  });

  test('hears a refusal when nobody has answered for ten minutes', async () => {
    const { ask, stub } = await asking();
    await stub.clock.pass(10 * minuteMs - 1);
    expect(await ask('tasks/get')).toMatchObject({ status: 'input_required' });
    await stub.clock.pass(1);
    expect(textOf(await ask('tasks/result'))).toContain('did not answer in time');
  });

  test('asks nobody any more once it is cancelled', async () => {
    const { ask, asked, wait, stub } = await asking();
    const result = wait();
    await stub.clock.pass(0);
    await ask('tasks/cancel');
    await stub.clock.pass(3 * secondMs);
    expect(textOf(await result)).toContain('cancelled');
    expect(asked.map(({ withdrawn }) => withdrawn())).toEqual([true]);
  });
});
