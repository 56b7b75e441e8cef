import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { askedOf, createModernClient, stateOf, type Exchange, type ModernClient } from '../questions/modern-client.ts';
import { requestOf } from '../stub-engine.ts';
import { asking, deleteOf, endsOf, type Asking } from './asking.ts';

interface Modern {
  world: Asking;
  client: ModernClient;
}

function modern(): Modern {
  const world = asking();
  return { world, client: createModernClient((request) => world.handle(request), world.clock) };
}

const batchOf = (calls: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  name: 'batch_call',
  arguments: { calls: [...calls], format: 'structured', ...more },
});

/** An answer to every question that was asked. */
function answersTo(exchange: Exchange, decision: string): JsonObject {
  const answer = { action: 'accept', content: { decision } };
  return Object.fromEntries(Object.keys(askedOf(exchange)).map((key) => [key, answer]));
}

describe('a client of the modern era', () => {
  test('is sent back with the question, and gets the results with its answer', async () => {
    const { world, client } = modern();
    const read = { tool: 'files__read', arguments: { path: '/r' } };
    const first = client.send(batchOf([deleteOf('/a'), read, deleteOf('/b')]));
    await world.clock.pass(10);
    const questions = Object.values(askedOf(first));
    expect(questions).toHaveLength(1);
    expect(questions[0]?.method).toBe('elicitation/create');
    expect(questions[0]?.params['message']).toMatch(/2 calls.*"\/a".*"\/b"/s);
    // What needs no approval has run meanwhile.
    expect(world.effects()).toEqual(['read {"path":"/r"}']);
    const second = client.comeBack(first, answersTo(first, 'yes'));
    await world.clock.pass(10);
    expect(endsOf(second.result!)).toEqual(['ok', 'ok', 'ok']);
  });

  test('cannot use its answer twice', async () => {
    const { world, client } = modern();
    const first = client.send(batchOf([deleteOf('/a')]));
    await world.clock.pass(1);
    const answers = answersTo(first, 'yes');
    client.comeBack(first, answers);
    const replayed = client.comeBack(first, answers);
    await world.clock.pass(10);
    expect(replayed.error?.message).toContain('has been used already');
    expect(world.effects()).toEqual(['delete {"path":"/a"}']);
  });

  test.each([
    ['another argument', batchOf([deleteOf('/b')])],
    ['one call more', batchOf([deleteOf('/a'), deleteOf('/b')])],
    ['another tool', { name: 'files__merge', arguments: {} }],
  ])('cannot use its answer for %s', async (_, params) => {
    const { world, client } = modern();
    const first = client.send(batchOf([deleteOf('/a')]));
    await world.clock.pass(1);
    const other = client.comeBack(first, answersTo(first, 'yes'), { params });
    await world.clock.pass(10);
    expect(other.error?.message).toContain('belongs to another request');
    expect(world.effects()).toEqual([]);
  });

  test('cannot use the answer of another client, or one that it has changed', async () => {
    const { world, client } = modern();
    const first = client.send(batchOf([deleteOf('/a')]));
    await world.clock.pass(1);
    const answers = answersTo(first, 'yes');
    const stolen = client.comeBack(first, answers, { principal: 'someone else' });
    const forged = client.send({
      ...batchOf([deleteOf('/a')]),
      inputResponses: answers,
      requestState: `${stateOf(first)}x`,
    });
    await world.clock.pass(10);
    expect(stolen.error?.message).toContain('belongs to another client');
    expect(forged.error?.message).toContain('tampered');
    expect(world.effects()).toEqual([]);
  });

  test('that sends answers to what it was not asked has said nothing', async () => {
    const { world, client } = modern();
    const inputResponses = { q1: { action: 'accept', content: { decision: 'yes' } } };
    const first = client.send({ ...batchOf([deleteOf('/a')]), inputResponses });
    await world.clock.pass(1);
    expect(Object.keys(askedOf(first))).toHaveLength(1);
    expect(world.effects()).toEqual([]);
  });

  test('that comes back with a yes after the deadline has its call run all the same', async () => {
    const { world, client } = modern();
    const first = client.send(batchOf([deleteOf('/a')], { deadlineMs: 1_000 }));
    await world.clock.pass(2_000);
    const late = client.comeBack(first, answersTo(first, 'yes'));
    await world.clock.pass(10);
    expect(endsOf(late.result!)).toEqual(['pending']);
    expect(world.effects()).toEqual(['delete {"path":"/a"}']);
  });

  test('that comes back after the deadline with a no, or after the queue has answered, decides nothing more', async () => {
    const { world, client } = modern();
    const first = client.send(batchOf([deleteOf('/a'), deleteOf('/b')], { deadlineMs: 1_000 }));
    await world.clock.pass(2_000);
    world.queued[0]?.answer('no');
    await world.clock.pass(1);
    client.comeBack(first, answersTo(first, 'yes'));
    await world.clock.pass(10);
    expect(world.effects()).toEqual(['delete {"path":"/b"}']);
    const second = client.send(batchOf([deleteOf('/c')], { deadlineMs: 1_000 }));
    await world.clock.pass(2_000);
    client.comeBack(second, answersTo(second, 'no'));
    await world.clock.pass(10);
    // Its place in the queue is gone as well.
    expect(world.queued.at(-1)?.isWithdrawn).toBe(true);
    expect(world.effects()).toHaveLength(1);
  });

  test('that comes back after the deadline without an answer finds its calls in the queue', async () => {
    const { world, client } = modern();
    const first = client.send(batchOf([deleteOf('/a')], { deadlineMs: 1_000 }));
    await world.clock.pass(1);
    await world.clock.pass(2_000);
    const late = client.comeBack(first, {});
    await world.clock.pass(10);
    expect(endsOf(late.result!)).toEqual(['pending']);
    expect(JSON.stringify(late.result)).toContain(`mcp-marshal approvals allow ${world.queued[0]?.id}`);
    expect(world.effects()).toEqual([]);
  });

  test('that never comes back leaves nothing behind', async () => {
    const { world, client } = modern();
    client.send(batchOf([deleteOf('/a')], { deadlineMs: 1_000 }));
    await world.clock.runOut();
    expect(world.effects()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('is asked about a call by itself in the same way', async () => {
    const { world, client } = modern();
    const first = client.send({ name: 'files__merge', arguments: { n: 1 } });
    await world.clock.pass(1);
    expect(world.effects()).toEqual([]);
    const second = client.comeBack(first, answersTo(first, 'yes'));
    await world.clock.pass(10);
    expect(second.result).toMatchObject({ content: [{ text: '{"n":1}' }] });
    const third = client.comeBack(first, answersTo(first, 'yes'));
    await world.clock.pass(10);
    expect(third.error?.message).toContain('has been used already');
    expect(world.effects()).toHaveLength(1);
  });

  test('that follows its batch as a task has it go on with a yes that came too late for the reply', async () => {
    const { world, client } = modern();
    const extensions = { 'io.modelcontextprotocol/tasks': {} };
    const changes = { capabilities: { elicitation: {}, extensions } };
    const first = client.send(batchOf([deleteOf('/a')], { deadlineMs: 1_000 }), changes);
    await world.clock.pass(2_000);
    const late = client.comeBack(first, answersTo(first, 'yes'));
    await world.clock.pass(10);
    expect(late.result).toMatchObject({ resultType: 'task' });
    expect(world.effects()).toEqual(['delete {"path":"/a"}']);
  });

  test('that follows its batch as a task is asked again through that', async () => {
    const { world, client } = modern();
    const extensions = { 'io.modelcontextprotocol/tasks': {} };
    const changes = { capabilities: { elicitation: {}, extensions } };
    const first = client.send(batchOf([deleteOf('/a')], { deadlineMs: 1_000 }), changes);
    await world.clock.pass(2_000);
    const late = client.comeBack(first, {});
    await world.clock.pass(10);
    expect(late.result).toMatchObject({ resultType: 'task' });
    const taskId: unknown = late.result?.['taskId'];
    const look = await world.handle({ ...requestFor('tasks/get', { taskId: String(taskId) }), ...changes });
    expect(look).toMatchObject({ status: 'input_required' });
    const [key = ''] = Object.keys(JSON.parse(JSON.stringify(look['inputRequests'])));
    const inputResponses = { [key]: { action: 'accept', content: { decision: 'yes' } } };
    await world.handle({
      ...requestFor('tasks/update', { taskId: String(taskId), inputResponses }),
      ...changes,
    });
    await world.clock.pass(10);
    expect(world.effects()).toEqual(['delete {"path":"/a"}']);
  });
});

function requestFor(method: string, params: JsonObject) {
  return requestOf(method, params, { era: 'modern' });
}
