import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  begin,
  eventsOf,
  open,
  openSession,
  send,
  startListener,
  type OpenResponse,
  type StubListener,
} from '../support.ts';

let stub: StubListener;
let headers: Record<string, string>;
beforeEach(async () => {
  stub = await startListener();
  headers = await openSession(stub.port);
});
afterEach(() => stub.close());

const hold = (id: number): object => ({ jsonrpc: '2.0', id, method: 'hold' });
const progress = (step: number): { jsonrpc: string; method: string; params: { step: number } } => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { step },
});
const answer = (id: number): { jsonrpc: string; id: number; result: { id: number } } => ({
  jsonrpc: '2.0',
  id,
  result: { id },
});
const say = (message: object, related?: number): void => stub.sessions[0]?.outlet.send({ ...message }, related);
const received = (count: number): Promise<void> => expect.poll(() => stub.sessions[0]?.received.length).toBe(count);
const listen = (lastEventId?: string): Promise<OpenResponse> =>
  open(stub.port, {
    method: 'GET',
    headers: { ...headers, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
  });
const messagesOf = (text: string): unknown[] =>
  eventsOf(text)
    .filter(({ data }) => data !== '')
    .map(({ data }) => JSON.parse(data));
const has =
  (text: string) =>
  (whole: string): boolean =>
    whole.includes(text);

/** A request whose stream has begun, with two messages on it. */
async function startStream(id = 1): Promise<OpenResponse> {
  const opening = open(stub.port, { headers, body: hold(id) });
  await expect.poll(() => stub.sessions[0]?.received.some((message) => message['id'] === id)).toBe(true);
  say(progress(1), id);
  say(progress(2), id);
  const stream = await opening;
  await stream.until(has('"step":2'));
  return stream;
}

describe('the stream of a request', () => {
  test('is there at once for a client that names streams before plain bodies, which others get for an answer that comes soon', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'echo', params: { a: 1 } };
    const expected = { jsonrpc: '2.0', id: 1, result: { params: { a: 1 } } };
    const plain = await send(stub.port, { headers, body });
    expect(plain.headers['content-type']).toContain('application/json');
    expect(JSON.parse(plain.text)).toEqual(expected);
    const accept = 'text/event-stream, application/json';
    const streamed = await send(stub.port, { headers: { ...headers, accept }, body });
    expect(streamed.headers['content-type']).toContain('text/event-stream');
    expect(messagesOf(streamed.text)).toEqual([expected]);
  });

  test('begins with its first message, carries all that belongs to it in order, and ends with the answer', async () => {
    const opening = open(stub.port, { headers, body: hold(1) });
    await received(2);
    const question = { jsonrpc: '2.0', id: 's1', method: 'elicitation/create', params: {} };
    for (const message of [progress(1), question, progress(2), answer(1)]) say(message, 1);
    const { status, headers: head, ended } = await opening;
    expect({
      status,
      type: head['content-type'],
      cache: head['cache-control'],
      buffering: head['x-accel-buffering'],
    }).toEqual({
      status: 200,
      type: 'text/event-stream',
      cache: 'no-cache, no-transform',
      buffering: 'no',
    });
    expect(head['mcp-session-id']).toBe(headers['mcp-session-id']);
    const { text, isCut } = await ended;
    expect(isCut).toBe(false);
    expect(messagesOf(text)).toEqual([progress(1), question, progress(2), answer(1)]);
    const ids = eventsOf(text).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('begins by itself where the answer keeps the client waiting: with an id, and when to come back', async () => {
    const opening = open(stub.port, { headers, body: hold(1) });
    await received(2);
    await stub.clock.pass(25);
    const stream = await opening;
    const [first] = eventsOf(await stream.until(has('data')));
    expect(first).toEqual({ id: expect.any(String), retry: expect.stringMatching(/^\d+$/), data: '' });
    say(answer(1), 1);
    expect(messagesOf((await stream.ended).text)).toEqual([answer(1)]);
  });

  test.each(['2025-06-18', '2025-03-26'])(
    'has no event without data for clients of %s, which cannot read one',
    async (revision) => {
      const others = await openSession(stub.port, revision);
      const opening = open(stub.port, { headers: others, body: hold(1) });
      await expect.poll(() => stub.sessions[1]?.received.length).toBe(2);
      await stub.clock.pass(25);
      stub.sessions[1]?.outlet.send(answer(1), 1);
      const { text } = await (await opening).ended;
      expect(eventsOf(text)).toEqual([{ id: expect.any(String), data: JSON.stringify(answer(1)) }]);
    },
  );

  test('carries nothing of the other requests, and nothing that belongs to none', async () => {
    const [one, two] = [await startStream(1), await startStream(2)];
    say({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    say(answer(2), 2);
    say(answer(1), 1);
    expect(messagesOf((await one.ended).text)).toEqual([progress(1), progress(2), answer(1)]);
    expect(messagesOf((await two.ended).text)).toEqual([progress(1), progress(2), answer(2)]);
  });

  test('ends without an answer where its request was cancelled, and a client that comes back is told to stop: 204', async () => {
    const stream = await startStream();
    stub.sessions[0]?.outlet.endWithoutAnswer?.(1);
    const { text, isCut } = await stream.ended;
    expect(isCut).toBe(false);
    expect(
      (await send(stub.port, { method: 'GET', headers: { ...headers, 'last-event-id': lastIdOf(text) } })).status,
    ).toBe(204);
  });

  test('carries a result that is nested too deep to be written as an error, and ends', async () => {
    const stream = await startStream();
    let deep: object = {};
    for (let i = 0; i < 20_000; i++) deep = { deep };
    say({ jsonrpc: '2.0', method: 'notifications/vendor', params: deep }, 1);
    say({ jsonrpc: '2.0', id: 1, result: deep }, 1);
    const messages = messagesOf((await stream.ended).text);
    expect(messages.slice(2)).toEqual([
      { jsonrpc: '2.0', id: 1, error: { code: -32603, message: expect.stringContaining('too deep') } },
    ]);
  });

  test('is kept alive by a comment every 15 s', async () => {
    const stream = await startStream();
    await stub.clock.pass(15_000);
    await stream.until(has(': keepalive\n\n'));
    await stub.clock.pass(15_000);
    await stream.until((text) => text.split(': keepalive').length === 3);
    say(answer(1), 1);
    expect(messagesOf((await stream.ended).text)).toEqual([progress(1), progress(2), answer(1)]);
    expect(stub.clock.timers()).toBe(1);
  });
});

function lastIdOf(text: string): string {
  return eventsOf(text).findLast(({ id }) => id !== undefined)?.id ?? '';
}

describe('a stream that broke off', () => {
  test('is resumed exactly after the last event that the client has; the request has gone on meanwhile', async () => {
    const stream = await startStream();
    const [, first] = eventsOf(stream.text());
    stream.leave();
    say(progress(3), 1);
    const resumed = await listen(first?.id);
    say(progress(4), 1);
    say(answer(1), 1);
    const { text, isCut } = await resumed.ended;
    expect(isCut).toBe(false);
    expect(messagesOf(text)).toEqual([progress(2), progress(3), progress(4), answer(1)]);
  });

  test('is resumed after an event that only gave an id', async () => {
    const opening = open(stub.port, { headers, body: hold(1) });
    await received(2);
    await stub.clock.pass(25);
    const stream = await opening;
    const id = lastIdOf(await stream.until(has('data')));
    stream.leave();
    say(progress(1), 1);
    say(answer(1), 1);
    expect(messagesOf((await (await listen(id)).ended).text)).toEqual([progress(1), answer(1)]);
  });

  test('of a request that has its answer by now is sent to its end, and ended', async () => {
    const stream = await startStream();
    const id = lastIdOf(stream.text());
    stream.leave();
    say(progress(3), 1);
    say(answer(1), 1);
    for (let i = 0; i < 2; i++) {
      const { text, isCut } = await (await listen(id)).ended;
      expect({ messages: messagesOf(text), isCut }).toEqual({ messages: [progress(3), answer(1)], isCut: false });
    }
  });

  test.each([
    ['of a request that is open, ends', true],
    ['of a request that has its answer by now, ends', false],
  ])('%s with an error that says what is known, where the answer is too long to be kept', async (_what, isBatch) => {
    const small = await startListener({ limits: { maxEventChars: 500 } });
    const own = await openSession(small.port, '2025-03-26');
    const opening = open(small.port, { headers: own, body: isBatch ? [hold(1), hold(2)] : hold(1) });
    await expect.poll(() => small.sessions[0]?.received.length).toBe(isBatch ? 3 : 2);
    const outlet = small.sessions[0]!.outlet;
    outlet.send(progress(1), 1);
    const stream = await opening;
    const id = lastIdOf(await stream.until(has('"step":1')));
    stream.leave();
    outlet.send({ jsonrpc: '2.0', id: 1, result: { text: 'x'.repeat(1000) } }, 1);
    const resumed = await open(small.port, { method: 'GET', headers: { ...own, 'last-event-id': id } });
    const lost = { code: -32603, data: { code: 'connection_lost', applied: 'unknown' } };
    expect(messagesOf(await resumed.until(has('no longer kept')))).toMatchObject([{ id: 1, error: lost }]);
    resumed.leave();
    await small.close();
  });

  test('carries nothing of another stream', async () => {
    const [one, two] = [await startStream(1), await startStream(2)];
    const id = lastIdOf(one.text());
    one.leave();
    say(progress(3), 1);
    say(progress(9), 2);
    say(answer(1), 1);
    expect(messagesOf((await (await listen(id)).ended).text)).toEqual([progress(3), answer(1)]);
    two.leave();
  });

  test('is taken over where its client comes back before we have noticed', async () => {
    const stream = await startStream();
    const resumed = await listen(lastIdOf(stream.text()));
    expect((await stream.ended).isCut).toBe(true);
    say(answer(1), 1);
    expect(messagesOf((await resumed.ended).text)).toEqual([answer(1)]);
  });

  test('is not resumed by what is no event of this session: 400', async () => {
    const others = await openSession(stub.port);
    const stream = await startStream();
    for (const id of ['x', '7-1', '-1-1', '1', `${'9'.repeat(40)}-1`, '1-1\u00e4']) {
      expect((await send(stub.port, { method: 'GET', headers: { ...headers, 'last-event-id': id } })).status).toBe(400);
    }
    const id = lastIdOf(stream.text());
    expect((await send(stub.port, { method: 'GET', headers: { ...others, 'last-event-id': id } })).status).toBe(400);
    stream.leave();
  });

  test('is not resumed where no stream had begun: the answer of a client that left at once is dropped', async () => {
    const timers = stub.clock.timers();
    const { opened, leave } = begin(stub.port, { headers, body: hold(1) });
    opened.catch(() => {});
    await received(2);
    const resume = async (): Promise<number> =>
      (await send(stub.port, { method: 'GET', headers: { ...headers, 'last-event-id': '2-0' } })).status;
    expect(await resume()).toBe(400);
    leave();
    await expect.poll(() => stub.clock.timers()).toBe(timers);
    expect(await resume()).toBe(400);
    say(progress(1), 1);
    say(answer(1), 1);
    expect(await resume()).toBe(204);
  });
});

describe('the stream for everything else', () => {
  test('carries what belongs to no request, also what came before it was there', async () => {
    say(progress(1));
    const stream = await listen();
    say(progress(2));
    expect(messagesOf(await stream.until(has('"step":2')))).toEqual([progress(1), progress(2)]);
    stream.leave();
  });

  test('is one: a second is refused, 409, and may be opened when the first has gone', async () => {
    const stream = await listen();
    expect((await send(stub.port, { method: 'GET', headers })).status).toBe(409);
    stream.leave();
    await expect
      .poll(async () => {
        const again = await listen();
        again.leave();
        return again.status;
      })
      .toBe(200);
  });

  test('is resumed after the last event that the client has, and goes on', async () => {
    const stream = await listen();
    say(progress(1));
    say(progress(2));
    const [, first] = eventsOf(await stream.until(has('"step":2')));
    stream.leave();
    say(progress(3));
    const resumed = await listen(first?.id);
    say(progress(4));
    expect(messagesOf(await resumed.until(has('"step":4')))).toEqual([2, 3, 4].map(progress));
    resumed.leave();
  });

  test('goes on with what was never sent, for a client that comes back without an id', async () => {
    const stream = await listen();
    say(progress(1));
    await stream.until(has('"step":1'));
    stream.leave();
    await expect.poll(() => stub.sessions.length).toBe(1);
    await expect
      .poll(async () => {
        const again = await listen();
        if (again.status !== 200) return again.status;
        say(progress(2));
        const messages = messagesOf(await again.until(has('"step":2')));
        again.leave();
        return messages;
      })
      .toEqual([progress(2)]);
  });

  test('carries what is late for its request, but no answer to a request that is no more', async () => {
    const stream = await listen();
    say(answer(99), 99);
    say(progress(5), 99);
    say(progress(6));
    expect(messagesOf(await stream.until(has('"step":6')))).toEqual([progress(5), progress(6)]);
    stream.leave();
  });

  test('wants a client that takes a stream: 406', async () => {
    expect((await send(stub.port, { method: 'GET', headers: { ...headers, accept: 'application/json' } })).status).toBe(
      406,
    );
  });
});

test('what is kept for streams that broke off is bounded: the oldest goes first', async () => {
  const small = await startListener({ limits: { maxEvents: 3 } });
  const own = await openSession(small.port);
  for (let step = 1; step <= 10; step++) small.sessions[0]?.outlet.send(progress(step));
  const stream = await open(small.port, { method: 'GET', headers: own });
  expect(messagesOf(await stream.until(has('"step":10')))).toEqual([8, 9, 10].map(progress));
  stream.leave();
  await small.close();
});

test('what was kept of a session makes room for the others when it ends', async () => {
  const message = progress(1);
  const chars = JSON.stringify(message).length + 1;
  const small = await startListener({ limits: { maxTotalEventChars: 2 * chars } });
  const [one, two] = [await openSession(small.port), await openSession(small.port)];
  const tell = (at: number, step: number): void => small.sessions[at]?.outlet.send(progress(step));
  tell(1, 1);
  tell(0, 2);
  await send(small.port, { method: 'DELETE', headers: one });
  // A session that has ended may still have something to say; there is nobody to hear it.
  tell(0, 9);
  tell(1, 3);
  const stream = await open(small.port, { method: 'GET', headers: two });
  expect(messagesOf(await stream.until(has('"step":3')))).toEqual([progress(1), progress(3)]);
  stream.leave();
  await small.close();
});
