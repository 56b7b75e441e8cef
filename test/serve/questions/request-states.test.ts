import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { ClientRequest } from '../../../src/serve/client-request.ts';
import {
  accept,
  answered,
  askedOf,
  asking,
  createModernClient,
  form,
  messagesOf,
  stateOf,
  type Exchange,
} from './modern-client.ts';

const params = { name: 'deploy', arguments: { env: 'prod' } };

describe('the state of a request', () => {
  const sendBack = async (handle = asking([form('a')])) => {
    const client = createModernClient(handle);
    const first = client.send(params);
    await client.clock.pass(0);
    return { client, first };
  };
  const errorOf = async (client: ReturnType<typeof createModernClient>, returned: Exchange) => {
    await client.clock.pass(0);
    return returned.error && `${returned.error.code}: ${returned.error.message}`;
  };

  test('works once, also where two returns come at the same time', async () => {
    const { client, first } = await sendBack(asking([form('a')], [form('b')]));
    const second = client.comeBack(first, { q1: accept('A') });
    const twin = client.comeBack(first, { q1: accept('other') });
    expect(await errorOf(client, twin)).toBe('-32602: requestState has been used already, or its request has ended');
    expect(messagesOf(second)).toEqual({ q2: 'b' });
    const replayed = client.comeBack(first, { q1: accept('A'), q2: accept('B') });
    expect(await errorOf(client, replayed)).toMatch(/used already/);
    const third = client.comeBack(second, { q2: accept('B') });
    await client.clock.pass(0);
    expect(third.result).toEqual({ replies: [[answered('A')], [answered('B')]] });
  });

  test.each<[string, Parameters<ReturnType<typeof createModernClient>['comeBack']>[2], RegExp]>([
    ['another client', { principal: 'mallory' }, /another client/],
    ['another method', { method: 'prompts/get' }, /another request/],
    ['other arguments', { params: { ...params, arguments: { env: 'test' } } }, /another request/],
    ['an argument more', { params: { ...params, task: {} } }, /another request/],
  ])('is of no use for %s, and of use for its own after that', async (_what, changes, message) => {
    const { client, first } = await sendBack();
    expect(await errorOf(client, client.comeBack(first, { q1: accept('B') }, changes))).toMatch(message);
    const second = client.comeBack(first, { q1: accept('A') });
    await client.clock.pass(0);
    expect(second.result).toEqual({ replies: [[answered('A')]] });
  });

  test('does not depend on the order of fields, nor on _meta', async () => {
    const { client, first } = await sendBack();
    const { name, arguments: args } = params;
    const second = client.comeBack(first, { q1: accept('A') }, { params: { _meta: { n: 1 }, arguments: args, name } });
    await client.clock.pass(0);
    expect(second.result).toEqual({ replies: [[answered('A')]] });
  });

  test('cannot be changed by a single character', async () => {
    const { client, first } = await sendBack();
    const state = stateOf(first);
    for (let at = 0; at < state.length; at++) {
      const forged = state.slice(0, at) + (state[at] === 'A' ? 'B' : 'A') + state.slice(at + 1);
      const returned = client.send({ ...params, inputResponses: { q1: accept('A') }, requestState: forged });
      await client.clock.pass(0);
      // What is not even marked as ours is passed to the server, which asks anew.
      if (at >= 'marshal:'.length) expect(returned.error?.message).toMatch(/tampered|not given by this process/);
      else expect(messagesOf(returned)).toEqual({ q1: 'a' });
    }
  });

  test('of a process that is no more is told from a forged one', async () => {
    const { first } = await sendBack();
    const restarted = createModernClient(asking([form('a')]));
    const returned = restarted.send({ ...params, inputResponses: {}, requestState: stateOf(first) });
    expect(await errorOf(restarted, returned)).toMatch(/^-32602: requestState was not given by this process/);
  });

  test('of a server behind is passed both ways as it is', async () => {
    const seen: unknown[] = [];
    const handle = ({ params: given }: ClientRequest): Promise<JsonObject> => {
      seen.push(given['requestState']);
      return Promise.resolve({ resultType: 'input_required', requestState: 'server:1', inputRequests: {} });
    };
    const client = createModernClient(handle);
    const first = client.send(params);
    await client.clock.pass(0);
    expect(first.result).toEqual({ resultType: 'input_required', requestState: 'server:1', inputRequests: {} });
    client.comeBack(first, {});
    expect(seen).toEqual([undefined, 'server:1']);
  });

  test('of an mcp-marshal behind this one finds its way to that one', async () => {
    const behind = createModernClient(asking([form('a')]));
    const { clock } = behind;
    const between = createModernClient(behind.serve, clock);
    const inFront = createModernClient(between.serve, clock);
    const first = inFront.send(params);
    await clock.pass(0);
    expect(askedOf(first)).toEqual({ q1: form('a') });
    const second = inFront.comeBack(first, { q1: accept('A') });
    await clock.pass(0);
    expect(second.result).toEqual({ replies: [[answered('A')]] });
  });
});
