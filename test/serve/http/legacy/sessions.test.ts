import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  begin,
  open,
  openSession,
  send,
  startListener,
  type OpenResponse,
  type StubListener,
  type StubSession,
} from '../support.ts';

let stub: StubListener;
beforeEach(async () => {
  stub = await startListener({ limits: { maxSessions: 3, maxSessionRequests: 2 } });
});
afterEach(() => stub.close());

const echo = (id: number | string, params: object = {}): object => ({ jsonrpc: '2.0', id, method: 'echo', params });
const hold = (id: number | string): object => ({ jsonrpc: '2.0', id, method: 'hold' });
const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-06-18' } };

describe('a session', () => {
  test('is opened by initialize, has an id of its own, and is a client of its own', async () => {
    const [one, two] = [await openSession(stub.port), await openSession(stub.port)];
    expect(one['mcp-session-id']).toMatch(/^[\x21-\x7e]{36}$/);
    expect(two['mcp-session-id']).not.toBe(one['mcp-session-id']);
    expect(stub.sessions.map(({ principal }) => principal)).toEqual(
      [one, two].map((headers) => `http-${headers['mcp-session-id']}`),
    );
  });

  test('gets its requests answered as plain JSON where the answer comes at once, with its id', async () => {
    const headers = await openSession(stub.port);
    const answer = await send(stub.port, { headers, body: echo('a', { deep: { unknown: [1] } }) });
    expect(answer.json).toEqual({ jsonrpc: '2.0', id: 'a', result: { params: { deep: { unknown: [1] } } } });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['mcp-session-id']).toBe(headers['mcp-session-id']);
    // Of sessions alone there is one, that which closes idle ones.
    expect(stub.clock.timers()).toBe(1);
  });

  test('is not opened by an initialize that is answered with an error: nothing of it stays', async () => {
    const { status, json, headers } = await send(stub.port, { body: { ...initialize, params: {} } });
    expect({ status, code: json.error.code, id: headers['mcp-session-id'] }).toEqual({
      status: 200,
      code: -32602,
      id: undefined,
    });
    expect(stub.sessions.map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  test('is not opened twice: 400; but an id that is gone does not keep a client from opening a new one', async () => {
    const headers = await openSession(stub.port);
    expect((await send(stub.port, { headers, body: initialize })).json.error).toMatchObject({ code: -32600 });
    await send(stub.port, { method: 'DELETE', headers });
    expect((await send(stub.port, { headers, body: initialize })).status).toBe(200);
  });

  test('is needed for everything else: 400 without an id, 404 for one that we do not know', async () => {
    const without = await send(stub.port, { body: echo(5) });
    expect({ status: without.status, ...without.json }).toMatchObject({ status: 400, id: 5, error: { code: -32000 } });
    const unknown = await send(stub.port, { headers: { 'mcp-session-id': 'nobody' }, body: echo(5) });
    expect({ status: unknown.status, ...unknown.json }).toMatchObject({
      status: 404,
      id: 5,
      error: { code: -32001, message: 'Session not found' },
    });
  });

  test('takes notifications and answers: 202', async () => {
    const headers = await openSession(stub.port);
    const notice = { jsonrpc: '2.0', method: 'notifications/initialized' };
    const answer = { jsonrpc: '2.0', id: 's1', result: {} };
    for (const body of [notice, answer]) {
      expect(await send(stub.port, { headers, body })).toMatchObject({ status: 202, text: '' });
    }
    expect(stub.sessions[0]?.received.slice(1)).toEqual([notice, answer]);
  });

  test('ends with DELETE: 200, and 404 from then on; what is open in it is answered', async () => {
    const headers = await openSession(stub.port);
    const held = send(stub.port, { headers, body: hold('h') });
    await expect.poll(() => stub.sessions[0]?.received.length).toBe(2);
    expect((await send(stub.port, { method: 'DELETE', headers })).status).toBe(200);
    expect(await held).toMatchObject({ status: 404, json: { id: 'h' } });
    expect(stub.sessions[0]?.isClosed).toBe(true);
    expect((await send(stub.port, { headers, body: echo(1) })).status).toBe(404);
    expect((await send(stub.port, { method: 'DELETE', headers })).status).toBe(404);
  });

  test('is not opened for a client that does not take both forms of an answer: 406', async () => {
    for (const accept of ['application/json', 'text/event-stream', '*/*', '']) {
      expect((await send(stub.port, { headers: { accept }, body: initialize })).status).toBe(406);
    }
  });

  test('has each id open once: a second request with it is refused, and does not take the answer of the first', async () => {
    const headers = await openSession(stub.port);
    const first = send(stub.port, { headers, body: hold(1) });
    await expect.poll(() => stub.sessions[0]?.received.length).toBe(2);
    expect(await send(stub.port, { headers, body: hold(1) })).toMatchObject({ status: 400, json: { id: 1 } });
    // Another type is another id.
    expect((await send(stub.port, { headers, body: echo('1') })).status).toBe(200);
    stub.sessions[0]?.outlet.send({ jsonrpc: '2.0', id: 1, result: { of: 'first' } }, 1);
    expect((await first).json.result).toEqual({ of: 'first' });
  });

  test('shares nothing with another one, not even where their requests have equal ids', async () => {
    const [one, two] = [await openSession(stub.port), await openSession(stub.port)];
    const answers = [one, two].map((headers) => send(stub.port, { headers, body: hold(1) }));
    await expect.poll(() => stub.sessions.map(({ received }) => received.length)).toEqual([2, 2]);
    for (const { outlet, principal } of stub.sessions) outlet.send({ jsonrpc: '2.0', id: 1, result: { principal } }, 1);
    expect((await Promise.all(answers)).map(({ json }) => json.result.principal)).toEqual(
      stub.sessions.map(({ principal }) => principal),
    );
  });

  test('has so many requests open, and no more: 503 until one is answered; notifications go on', async () => {
    const headers = await openSession(stub.port);
    const held = [1, 2].map((id) => send(stub.port, { headers, body: hold(id) }));
    await expect.poll(() => stub.sessions[0]?.received.length).toBe(3);
    expect(await send(stub.port, { headers, body: hold(3) })).toMatchObject({ status: 503, json: { id: 3 } });
    expect((await send(stub.port, { headers, body: { jsonrpc: '2.0', method: 'x' } })).status).toBe(202);
    stub.sessions[0]?.outlet.send({ jsonrpc: '2.0', id: 1, result: {} }, 1);
    await held[0];
    expect((await send(stub.port, { headers, body: echo(3) })).status).toBe(200);
  });

  test('that is cancelled has its request answered with nothing: 202', async () => {
    const headers = await openSession(stub.port);
    const held = send(stub.port, { headers, body: hold(1) });
    await expect.poll(() => stub.sessions[0]?.received.length).toBe(2);
    stub.sessions[0]?.outlet.endWithoutAnswer?.(1);
    expect(await held).toMatchObject({ status: 202, text: '' });
  });

  test('that is long in being opened has its id from the beginning', async () => {
    const { slow, opening } = await startOpening();
    await slow.clock.pass(25);
    const { headers, ended } = await opening;
    slow.sessions[0]?.outlet.send({ jsonrpc: '2.0', id: 0, result: { protocolVersion: '2025-11-25' } }, 0);
    await ended;
    const own = { 'mcp-session-id': String(headers['mcp-session-id']) };
    expect((await send(slow.port, { headers: own, body: { jsonrpc: '2.0', method: 'x' } })).status).toBe(202);
    await slow.close();
  });

  test.each([0, 25])('whose client goes %i ms after it asked for it is closed', async (ms) => {
    const { slow, leave } = await startOpening();
    await slow.clock.pass(ms);
    leave();
    await expect.poll(() => slow.sessions[0]?.isClosed).toBe(true);
    await slow.close();
  });
});

/** A session whose opening waits for the test to be answered. */
async function startOpening(): Promise<{ slow: StubListener; leave: () => void; opening: Promise<OpenResponse> }> {
  const sessions: StubSession[] = [];
  const slow = await startListener({
    openLegacy({ principal, outlet }) {
      const session: StubSession = { principal, outlet, received: [], scopes: [], isClosed: false };
      sessions.push(session);
      return { receive: (message) => void session.received.push(message), close: () => void (session.isClosed = true) };
    },
  });
  const { opened, leave } = begin(slow.port, { body: initialize });
  opened.catch(() => {});
  await expect.poll(() => sessions[0]?.received.length).toBe(1);
  return { slow: { ...slow, sessions }, opening: opened, leave };
}

describe('batches', () => {
  test.each(['2025-03-26', '2024-11-05'])('of a client of %s are taken, and answered one by one', async (revision) => {
    const headers = await openSession(stub.port, revision);
    const body = [echo(1), { jsonrpc: '2.0', method: 'notifications/x' }, echo(2)];
    const { headers: answered, text } = await send(stub.port, { headers, body });
    expect(answered['content-type']).toBe('text/event-stream');
    expect([...text.matchAll(/"id":(\d)/g)].map(([, id]) => id)).toEqual(['1', '2']);
    expect(stub.sessions[0]?.received.slice(1)).toEqual(body);
  });

  test('without a request are taken: 202', async () => {
    const headers = await openSession(stub.port, '2025-03-26');
    expect((await send(stub.port, { headers, body: [{ jsonrpc: '2.0', method: 'x' }] })).status).toBe(202);
  });

  test.each(['2025-06-18', '2025-11-25'])(
    'of a client of %s, which has none any more, are refused: 400',
    async (revision) => {
      const headers = await openSession(stub.port, revision);
      expect((await send(stub.port, { headers, body: [echo(1)] })).json.error.code).toBe(-32600);
      expect(stub.sessions[0]?.received).toHaveLength(1);
    },
  );

  test.each([
    ['opens a session', [initialize]],
    ['has more than 100 messages', Array.from({ length: 101 }, (_, id) => echo(id))],
    ['has an id twice', [echo(1), echo(1)]],
    ['has what is no message', [echo(1), { id: 1 }]],
  ])('that %s is refused whole: 400', async (_what, body) => {
    const headers = await openSession(stub.port, '2025-03-26');
    expect((await send(stub.port, { headers, body })).json.error.code).toBe(-32600);
    expect(stub.sessions[0]?.received).toHaveLength(1);
  });
});

describe('too many sessions', () => {
  test('push out the one that has been idle longest, whose client then gets 404', async () => {
    const [one, two, three] = [
      await openSession(stub.port),
      await openSession(stub.port),
      await openSession(stub.port),
    ];
    await stub.clock.pass(1000);
    await send(stub.port, { headers: one, body: echo(1) });
    await openSession(stub.port);
    const statuses = [];
    for (const headers of [one, two, three]) statuses.push((await send(stub.port, { headers, body: echo(1) })).status);
    expect(statuses).toEqual([200, 404, 200]);
    expect(stub.sessions.map(({ isClosed }) => isClosed)).toEqual([false, true, false, false]);
  });

  test('of which none is idle leave no room for another: 503, and when to come back', async () => {
    const streams = [];
    for (let i = 0; i < 3; i++)
      streams.push(await open(stub.port, { method: 'GET', headers: await openSession(stub.port) }));
    const refused = await send(stub.port, { body: initialize });
    expect(refused).toMatchObject({ status: 503, json: { id: 0, error: { code: -32000 } } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    streams[0]?.leave();
    await expect.poll(async () => (await send(stub.port, { body: initialize })).status).toBe(200);
  });
});

test('a session that is idle for half an hour is closed; one that has a stream or a request open is not', async () => {
  const [idle, streaming, busy] = [
    await openSession(stub.port),
    await openSession(stub.port),
    await openSession(stub.port),
  ];
  await open(stub.port, { method: 'GET', headers: streaming });
  void send(stub.port, { headers: busy, body: hold(1) }).catch(() => {});
  await expect.poll(() => stub.sessions[2]?.received.length).toBe(2);
  await stub.clock.pass(29 * 60_000);
  expect(stub.sessions.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
  await stub.clock.pass(2 * 60_000);
  expect(stub.sessions.map(({ isClosed }) => isClosed)).toEqual([true, false, false]);
  expect((await send(stub.port, { headers: idle, body: echo(1) })).status).toBe(404);
});
