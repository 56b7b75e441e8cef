import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { begin, eventsOf, modernRequest, open, send, startListener, type StubListener } from '../support.ts';

let stub: StubListener;
beforeEach(async () => {
  stub = await startListener();
});
afterEach(() => stub.close());

const held = (id = 1): ReturnType<typeof modernRequest> => modernRequest({ name: 'hold' }, { id });
const notice = (step: number): { jsonrpc: string; method: string; params: { step: number } } => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { step },
});
const received = (count: number): Promise<void> => expect.poll(() => stub.exchanges.length).toBe(count);

describe('a request of a modern client', () => {
  test('is answered as plain JSON where the answer comes first, without any session', async () => {
    const { status, headers, json } = await send(stub.port, modernRequest());
    expect({ status, type: headers['content-type'], session: headers['mcp-session-id'] }).toEqual({
      status: 200,
      type: 'application/json',
      session: undefined,
    });
    expect(json).toMatchObject({ jsonrpc: '2.0', id: 1, result: { params: { name: 'echo' } } });
    expect(stub.exchanges[0]?.exchange.principal).toBe('http');
  });

  test('is answered with a stream from the first notification on, which ends with the answer', async () => {
    const opening = open(stub.port, held());
    await received(1);
    const { exchange } = stub.exchanges[0]!;
    exchange.send(notice(1));
    exchange.send(notice(2));
    exchange.send({ jsonrpc: '2.0', id: 1, result: {} }, { httpStatus: 404 });
    exchange.send(notice(3));
    const { status, headers, ended } = await opening;
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/event-stream' });
    const { text, isCut } = await ended;
    expect(isCut).toBe(false);
    expect(eventsOf(text)).toEqual(
      [notice(1), notice(2), { jsonrpc: '2.0', id: 1, result: {} }].map((message) => ({
        data: JSON.stringify(message),
      })),
    );
    expect(exchange.signal.aborted).toBe(false);
  });

  test('is answered with a stream where the answer is long in coming, so that nothing on the way takes it for dead', async () => {
    const opening = open(stub.port, held());
    await received(1);
    await stub.clock.pass(10_000);
    const stream = await opening;
    await stub.clock.pass(15_000);
    await stream.until((text) => text === ': keepalive\n\n');
    stub.exchanges[0]?.exchange.send({ jsonrpc: '2.0', id: 1, result: {} });
    expect(eventsOf((await stream.ended).text)).toHaveLength(1);
  });

  test('is answered under the status that the protocol wants for an error', async () => {
    const opening = send(stub.port, held());
    await received(1);
    const error = { code: -32601, message: 'Method not found' };
    stub.exchanges[0]?.exchange.send({ jsonrpc: '2.0', id: 1, error }, { httpStatus: 404 });
    expect(await opening).toMatchObject({ status: 404, json: { id: 1, error } });
  });

  test('is taken back by a client that closes its connection, before the answer has begun or after', async () => {
    const { opened, leave } = begin(stub.port, held());
    opened.catch(() => {});
    const opening = open(stub.port, held());
    await received(2);
    leave();
    await expect.poll(() => stub.exchanges[0]?.exchange.signal.aborted).toBe(true);
    expect(stub.exchanges[1]?.exchange.signal.aborted).toBe(false);
    stub.exchanges[1]?.exchange.send(notice(1));
    (await opening).leave();
    await expect.poll(() => stub.exchanges[1]?.exchange.signal.aborted).toBe(true);
    stub.exchanges[1]?.exchange.send({ jsonrpc: '2.0', id: 1, result: {} });
  });

  test('may have the id of another request that is open', async () => {
    const openings = [send(stub.port, held(1)), send(stub.port, held(1))];
    await received(2);
    stub.exchanges.forEach(({ exchange }, at) => exchange.send({ jsonrpc: '2.0', id: 1, result: { at } }));
    expect((await Promise.all(openings)).map(({ json }) => json.result.at).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });
});

test('a notification of a modern client is taken: 202', async () => {
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'notifications/x' };
  const body = { jsonrpc: '2.0', method: 'notifications/x' };
  expect(await send(stub.port, { headers, body })).toMatchObject({ status: 202, text: '' });
  expect(stub.exchanges.map(({ message }) => message)).toEqual([body]);
});

describe('a modern request that is not as it should be', () => {
  test.each(['2027-01-01', '2026-08-01'])(
    'names the revision %s, which we do not speak: 400 with those that we do',
    async (revision) => {
      const { status, json } = await send(stub.port, modernRequest({ name: 'echo' }, { revision, id: 9 }));
      expect({ status, ...json }).toEqual({
        status: 400,
        jsonrpc: '2.0',
        id: 9,
        error: {
          code: -32022,
          message: expect.stringContaining(revision),
          data: { supported: ['2026-07-28'], requested: revision },
        },
      });
    },
  );

  test.each([
    ['no MCP-Protocol-Version', { 'mcp-protocol-version': '' }, 'MCP-Protocol-Version'],
    ['another MCP-Protocol-Version', { 'mcp-protocol-version': '2025-11-25' }, 'MCP-Protocol-Version'],
    ['no Mcp-Method', { 'mcp-method': '' }, 'Mcp-Method'],
    ['another Mcp-Method', { 'mcp-method': 'tools/list' }, 'Mcp-Method'],
    ['no Mcp-Name', { 'mcp-name': '' }, 'Mcp-Name'],
    ['another Mcp-Name', { 'mcp-name': 'other' }, 'Mcp-Name'],
  ])('has %s: 400, naming the header', async (_what, changes, named) => {
    const { headers, body } = modernRequest();
    const changed = Object.entries({ ...headers, ...changes }).filter(([, value]) => value !== '');
    const { status, json } = await send(stub.port, { headers: Object.fromEntries(changed), body });
    expect({ status, id: json.id, code: json.error.code }).toEqual({ status: 400, id: 1, code: -32020 });
    expect(json.error.message).toContain(named);
    expect(json.error.data.mismatch.body).toContain(named);
    expect(stub.exchanges).toEqual([]);
  });

  test('lacks its envelope: 400', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
    expect(await send(stub.port, { headers, body })).toMatchObject({
      status: 400,
      json: { id: 1, error: { code: -32602 } },
    });
  });

  test('stands in a batch: 400', async () => {
    const { headers, body } = modernRequest();
    expect(await send(stub.port, { headers, body: [body] })).toMatchObject({
      status: 400,
      json: { error: { code: -32600 } },
    });
  });

  test('says otherwise in a header than in the argument that its tool wants repeated there: 400', async () => {
    const properties = { region: { type: 'string', 'x-mcp-header': 'Region' } };
    const strict = await startListener({ inputSchemaOf: (name) => (name === 'echo' ? { properties } : undefined) });
    const { headers, body } = modernRequest({ name: 'echo', arguments: { region: 'eu' } });
    const statuses = [];
    for (const region of ['eu', 'us', undefined]) {
      const param = region === undefined ? {} : { 'mcp-param-region': region };
      statuses.push((await send(strict.port, { headers: { ...headers, ...param }, body })).status);
    }
    expect(statuses).toEqual([200, 400, 400]);
    await strict.close();
  });
});
