import { describe, expect, test } from 'vitest';
import { Aborter } from '../../../src/core/abort.ts';
import type { Question } from '../../../src/core/protocol/client.ts';
import type { ClientRequest } from '../../../src/serve/client-request.ts';
import {
  accept,
  answered,
  askedOf,
  asking,
  createModernClient,
  form,
  messagesOf,
  never,
  stateOf,
  type Exchange,
} from './modern-client.ts';

const minuteMs = 60_000;
const params = { name: 'deploy', arguments: { env: 'prod' } };

describe('a server that asks in the middle of a modern client’s request', () => {
  test('has the client sent back with the question, and gets the answer when it returns', async () => {
    const client = createModernClient(asking([form('sure?')]));
    const first = client.send(params);
    await client.clock.pass(0);
    expect(first.result).toEqual({
      resultType: 'input_required',
      inputRequests: { q1: form('sure?') },
      requestState: expect.any(String),
    });
    const second = client.comeBack(first, { q1: accept('yes') });
    await client.clock.pass(0);
    expect(second.result).toEqual({ replies: [[answered('yes')]] });
    expect(client.clock.timers()).toBe(0);
  });

  test('may ask several things at once, and again; each answer goes to its question', async () => {
    const client = createModernClient(asking([form('a'), form('b')], [form('c')]));
    const first = client.send(params);
    await client.clock.pass(0);
    expect(messagesOf(first)).toEqual({ q1: 'a', q2: 'b' });
    const second = client.comeBack(first, { q2: accept('B'), q1: accept('A') });
    await client.clock.pass(0);
    expect(messagesOf(second)).toEqual({ q3: 'c' });
    const third = client.comeBack(second, { q3: accept('C'), q1: accept('other') });
    await client.clock.pass(0);
    expect(third.result).toEqual({ replies: [[answered('A'), answered('B')], [answered('C')]] });
  });

  test('gets what the client has answered; the rest is asked again', async () => {
    const client = createModernClient(asking([form('a'), form('b')]));
    const first = client.send(params);
    await client.clock.pass(0);
    const second = client.comeBack(first, { q1: accept('A'), q2: 'nonsense', q9: accept('to nothing') });
    await client.clock.pass(0);
    expect(messagesOf(second)).toEqual({ q2: 'b' });
    expect(stateOf(second)).not.toBe(stateOf(first));
    const third = client.comeBack(second, { q2: accept('B') });
    await client.clock.pass(0);
    expect(third.result).toEqual({ replies: [[answered('A'), answered('B')]] });
  });

  test('may take the question back: the client returns for nothing, and gets the result', async () => {
    const withdrawal = new Aborter();
    const client = createModernClient(async ({ ask }) => {
      const reply = await ask(form('sure?'), withdrawal);
      return { isAnswered: reply.ok };
    });
    const first = client.send(params);
    await client.clock.pass(0);
    withdrawal.abort();
    await client.clock.pass(minuteMs);
    const second = client.comeBack(first, { q1: accept('late') });
    await client.clock.pass(0);
    expect(second.result).toEqual({ isAnswered: false });
  });

  test('asks nothing any more once the question was withdrawn before it went out', async () => {
    const client = createModernClient(async ({ ask }) => {
      const withdrawal = new Aborter();
      const asked = ask(form('sure?'), withdrawal);
      withdrawal.abort();
      return { isAnswered: (await asked).ok };
    });
    const first = client.send(params);
    await client.clock.pass(0);
    expect(first.result).toEqual({ isAnswered: false });
  });

  test('may fail while the client thinks: the client hears of that when it returns', async () => {
    const client = createModernClient(async ({ ask }) => {
      void ask(form('sure?'), never);
      await client.clock.sleep(1_000);
      throw new Error('the server is gone');
    });
    const first = client.send(params);
    await client.clock.pass(2_000);
    const second = client.comeBack(first, { q1: accept('yes') });
    await client.clock.pass(0);
    expect(second.error?.message).toBe('the server is gone');
    expect(client.clock.timers()).toBe(0);
  });

  test('asks for at most 32 things at once, and sends its client back ten times, as often as an SDK takes it', async () => {
    const client = createModernClient(asking(Array.from({ length: 33 }, () => form('a'))));
    const first = client.send(params);
    await client.clock.pass(0);
    expect(Object.keys(askedOf(first))).toHaveLength(32);

    const endless = createModernClient(asking(...Array.from({ length: 17 }, () => [form('a')])));
    let last = endless.send(params);
    for (let round = 1; round <= 10; round++) {
      await endless.clock.pass(0);
      last = endless.comeBack(last, { [`q${round}`]: accept('A') });
    }
    await endless.clock.pass(0);
    expect(last.result).toMatchObject({
      replies: { 9: [{ ok: true }], 10: [{ ok: false, error: { code: -32603 } }] },
    });
  });

  test('is told no where the request is of a kind that cannot be interrupted', async () => {
    const client = createModernClient(asking([form('a')]));
    const sent = client.send({}, { method: 'completion/complete' });
    await client.clock.pass(0);
    expect(sent.result).toMatchObject({ replies: [[{ ok: false, error: { code: -32601 } }]] });
  });
});

describe('what a modern client has not declared', () => {
  const roots: Question = { method: 'roots/list', params: {} };
  const sampling: Question = { method: 'sampling/createMessage', params: { messages: [] } };
  const withTools: Question = { method: 'sampling/createMessage', params: { messages: [], tools: [] } };
  const url: Question = {
    method: 'elicitation/create',
    params: { mode: 'url', url: 'https://a.example', message: 'm' },
  };
  const vendor: Question = { method: 'vendor/ask', params: {} };

  test.each([
    ['a form', form('a'), {}, -32601],
    ['a form of one that knows only URLs', form('a'), { elicitation: { url: {} } }, -32602],
    ['a URL', url, { elicitation: {} }, -32602],
    ['sampling', sampling, { elicitation: {} }, -32601],
    ['sampling with tools', withTools, { sampling: {} }, -32602],
    ['its roots', roots, {}, -32601],
    ['what only a vendor knows', vendor, { elicitation: {}, sampling: {}, roots: {} }, -32601],
  ])('is not asked of it: %s', async (_what, question, capabilities, code) => {
    const client = createModernClient(asking([question]));
    const sent = client.send(params, { capabilities });
    await client.clock.pass(0);
    expect(sent.result).toMatchObject({ replies: [[{ ok: false, error: { code } }]] });
  });

  test.each([
    ['a form, where it named no mode', form('a'), { elicitation: {} }],
    ['a URL', url, { elicitation: { url: {} } }],
    ['sampling', sampling, { sampling: {} }],
    ['sampling with tools', withTools, { sampling: { tools: {} } }],
    ['its roots', roots, { roots: {} }],
  ])('is: what it has declared is: %s', async (_what, question, capabilities) => {
    const client = createModernClient(asking([question]));
    const sent = client.send(params, { capabilities });
    await client.clock.pass(0);
    expect(askedOf(sent)).toEqual({ q1: question });
  });
});

describe('while a client is away', () => {
  test('notifications are dropped; what comes after goes to its return, progress under its new token', async () => {
    const progress = (progressToken: number, n: number) => ({
      method: 'notifications/progress',
      params: { progressToken, progress: n },
    });
    const log = { method: 'notifications/message', params: { level: 'info', data: 'x' } };
    const client = createModernClient(async ({ notify, ask }) => {
      notify(progress(7, 1));
      const asked = ask(form('a'), never);
      await client.clock.sleep(10);
      notify(progress(7, 2));
      notify(log);
      await asked;
      notify(progress(7, 3));
      notify(log);
      return {};
    });
    const first = client.send(params, { progressToken: 7 });
    await client.clock.pass(20);
    const second = client.comeBack(first, { q1: accept('A') }, { progressToken: 8 });
    await client.clock.pass(0);
    expect(first.notices).toEqual([progress(7, 1)]);
    expect(second.notices).toEqual([progress(8, 3), log]);
  });

  test('its request is not cancelled by the end of the exchange that sent it back', async () => {
    let signal: ClientRequest['signal'] | undefined;
    const client = createModernClient(async (request) => {
      signal = request.signal;
      return asking([form('a')])(request);
    });
    const first = client.send(params);
    await client.clock.pass(0);
    first.cancel();
    expect(signal?.aborted).toBe(false);
    const second = client.comeBack(first, { q1: accept('A') });
    await client.clock.pass(0);
    expect(second.result).toEqual({ replies: [[answered('A')]] });
  });

  test('it is waited for ten minutes; then its questions are refused, its request is cancelled, and its state is of no more use', async () => {
    const seen: unknown[] = [];
    const client = createModernClient(async ({ ask, signal }) => {
      signal.addEventListener('abort', () => seen.push(`cancelled at ${client.clock.now()}`));
      seen.push(await ask(form('a'), never));
      return {};
    });
    const first = client.send(params);
    await client.clock.pass(10 * minuteMs - 1);
    expect(seen).toEqual([]);
    await client.clock.pass(1);
    expect(seen).toEqual([
      `cancelled at ${10 * minuteMs}`,
      { ok: false, error: { code: -32603, message: 'the client did not answer in time' } },
    ]);
    const second = client.comeBack(first, { q1: accept('A') });
    await client.clock.pass(0);
    expect(second.error).toMatchObject({ code: -32602, message: 'requestState has expired' });
    expect(client.clock.timers()).toBe(0);
  });

  test('a client that cancels its return cancels the request', async () => {
    let isCancelled = false;
    const client = createModernClient(async ({ ask, signal }) => {
      signal.addEventListener('abort', () => (isCancelled = true));
      await ask(form('a'), never);
      await client.clock.sleep(1_000);
      return {};
    });
    const first = client.send(params);
    await client.clock.pass(0);
    const second = client.comeBack(first, { q1: accept('A') });
    await client.clock.pass(0);
    expect(isCancelled).toBe(false);
    second.cancel();
    expect(isCancelled).toBe(true);
  });

  test('a client that cancels before the question went out is not asked', async () => {
    const client = createModernClient(asking([form('a')]));
    const first = client.send(params);
    first.cancel();
    await client.clock.pass(0);
    expect(first.result).toMatchObject({ replies: [[{ ok: false }]] });
  });
});

describe('requests that wait for their clients', () => {
  test('are at most 100 of one client: then the oldest is given up, and no other client’s', async () => {
    const client = createModernClient(asking([form('a')]));
    const other = client.send(params, { principal: 'other' });
    await client.clock.pass(0);
    const sent: Exchange[] = [];
    for (let count = 0; count < 101; count++) sent.push(client.send(params));
    await client.clock.pass(0);
    const oldest = client.comeBack(sent[0]!, { q1: accept('A') });
    const next = client.comeBack(sent[1]!, { q1: accept('A') });
    const others = client.comeBack(other, { q1: accept('A') });
    await client.clock.pass(0);
    expect(oldest.error?.message).toMatch(/its request has ended/);
    expect([next.result, others.result]).toEqual([{ replies: [[answered('A')]] }, { replies: [[answered('A')]] }]);
  });

  test('are at most 1,000 in all', async () => {
    const client = createModernClient(asking([form('a')]));
    const sent: Exchange[] = [];
    for (let count = 0; count < 1_001; count++) sent.push(client.send(params, { principal: `p${count % 20}` }));
    await client.clock.pass(0);
    const oldest = client.comeBack(sent[0]!, { q1: accept('A') });
    const next = client.comeBack(sent[1]!, { q1: accept('A') });
    await client.clock.pass(0);
    expect(oldest.error?.message).toMatch(/its request has ended/);
    expect(next.result).toEqual({ replies: [[answered('A')]] });
  });

  test('are given up when the proxy ends, and leave no timer behind', async () => {
    let isCancelled = false;
    const client = createModernClient(async (request) => {
      request.signal.addEventListener('abort', () => (isCancelled = true));
      return asking([form('a')])(request);
    });
    client.send(params);
    await client.clock.pass(0);
    client.suspensions.close();
    expect(isCancelled).toBe(true);
    expect(client.clock.timers()).toBe(0);
  });
});

test('a request in which nothing is asked takes no timer and nothing is held for it', async () => {
  const client = createModernClient(() => new Promise(() => {}));
  client.send(params);
  await new Promise((resolve) => setImmediate(resolve));
  expect(client.clock.timers()).toBe(0);
});
