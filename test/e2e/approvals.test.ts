import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { modernRequest, send } from '../serve/http/support.ts';
import { until } from '../upstream/support.ts';
import {
  atTerminal,
  connectAsked,
  fieldsOf,
  listen,
  queueIdIn,
  type AskedClient,
  type Person,
  type Target,
} from './asked-client.ts';
import { endsOf, keyLocks, scriptedUnder, sendFlow, type FlowRow, type Scripted } from './flow-support.ts';
import { clientKinds, createWorkspace, textsOf, writeConfig, type Workspace } from './support.ts';

interface House {
  workspace: Workspace;
  config: string;
  scripted: Scripted;
  /** Added to the description of every tool. */
  words: string;
}

function furnish(): House {
  const workspace = createWorkspace();
  // `big` is a read that a rule asks about, also where it is called by itself.
  const policy = { ask: ['big'], tools: { ...keyLocks, destroy: { locks: [{ arg: 'key', type: 'id' }] } } };
  const scripted = scriptedUnder(workspace, { policy });
  const words = join(workspace.path, 'words.txt');
  const server = { ...scripted.server, env: { ...scripted.server.env, SCRIPT_WORDS: words } };
  return { workspace, scripted, words, config: configure(workspace, server) };
}

function configure(workspace: Workspace, server: object): string {
  return writeConfig(workspace, { servers: { it: server }, log: { level: 'info' } });
}

/** Waits until the server is there, which takes long where many programs start at once. */
async function untilServed(client: AskedClient): Promise<AskedClient> {
  await vi.waitFor(async () => expect(await client.call('it__echo')).not.toHaveProperty('isError', true), 20_000);
  return client;
}

const destroy = (key: string, more: JsonObject = {}): JsonObject => ({
  tool: 'it__destroy',
  arguments: { key },
  ...more,
});
const read = (key: string): JsonObject => ({ tool: 'it__read', arguments: { key } });
const accept = (decision: string, ticks: JsonObject = {}): JsonObject => ({
  action: 'accept',
  content: { decision, ...ticks },
});
const says =
  (answer: JsonObject): Person =>
  () =>
    answer;

const combinations = clientKinds.flatMap((kind) => (['stdio', 'HTTP'] as const).map((over) => ({ kind, over })));

describe.each(combinations)('a client of $kind over $over', ({ kind, over }) => {
  let house: House;
  let client: AskedClient;
  let lastKey = 0;
  const newKey = (): string => `k${++lastKey}`;

  beforeAll(async () => {
    house = furnish();
    const { workspace, config } = house;
    const target: Target = over === 'HTTP' ? { url: await listen(workspace, config) } : { config };
    client = await untilServed(await connectAsked(workspace, kind, { target }));
  });
  afterAll(() => house.workspace.close());
  beforeEach(() => void client.asked.splice(0));

  test('[asked] is asked once about all calls that need it, while the others run, and those run that were ticked', async () => {
    const [a, b, c, r] = [newKey(), newKey(), newKey(), newKey()];
    const { scripted } = house;
    client.seat(async (question) => {
      expect(fieldsOf(question)).toEqual(['decision', 'call_1', 'call_2', 'call_3']);
      // The answer comes after the end of a call that did not wait for it.
      await until(() => scripted.events().some(({ event, key }) => event === 'end' && key === r));
      return accept('some', { call_1: true, call_3: true });
    });
    const reply = await sendFlow(client, [destroy(a), destroy(b), read(r), destroy(c)]);
    expect(endsOf(reply.results)).toEqual(['ok', 'denied approval_declined', 'ok', 'ok']);
    expect(client.asked).toHaveLength(1);
    expect(client.asked[0]).toMatch(new RegExp(`3 calls.*"${a}".*destructive.*"${b}".*"${c}"`, 's'));
    expect([a, b, c].flatMap((key) => scripted.starts(key))).toHaveLength(2);
  });

  test.each([
    ['no', accept('no'), 'the user said no'],
    ['an empty form', { action: 'accept', content: {} }, 'the user said no'],
    ['decline', { action: 'decline' }, 'declined'],
    ['cancel', { action: 'cancel' }, 'cancelled'],
  ])('has nothing sent after %s, and is told what its user can do', async (_, answer, words) => {
    const key = newKey();
    client.seat(says(answer));
    const reply = await sendFlow(client, [destroy(key)]);
    expect(endsOf(reply.results)).toEqual(['denied approval_declined']);
    expect(reply.results[0]?.error?.message).toContain(words);
    expect(reply.results[0]?.error?.message).toContain('add destroy to "allow:"');
    expect(house.scripted.starts(key)).toEqual([]);
  });

  test('is asked a second time, about what an earlier call has brought', async () => {
    const [a, b] = [newKey(), newKey()];
    client.seat(says(accept('yes')));
    const path = { $result: 'e', path: '/key' };
    const calls = [
      { id: 'e', tool: 'it__echo', arguments: { key: b } },
      destroy(a),
      destroy('', { arguments: { key: path } }),
    ];
    const reply = await sendFlow(client, calls);
    expect(endsOf(reply.results)).toEqual(['ok', 'ok', 'ok']);
    expect(client.asked).toHaveLength(2);
    expect(client.asked[1]).toContain(`"${b}"`);
    expect(house.scripted.starts(b).filter(({ tool }) => tool === 'destroy')).toHaveLength(1);
  });

  test('is asked about a call by itself where a rule says so', async () => {
    client.seat(says(accept('yes')));
    expect(textsOf(await client.call('it__big', { bytes: 3 }))).toEqual(['xxx']);
    client.seat(says({ action: 'decline' }));
    const refused = await client.call('it__big', { bytes: 3 });
    expect(refused['isError']).toBe(true);
    expect(textsOf(refused)[0]).toMatch(/^approval_declined: /);
    expect(client.asked).toHaveLength(2);
    // What its client asks about itself is not asked about twice.
    await client.call('it__destroy', { key: newKey() });
    expect(client.asked).toHaveLength(2);
  });

  test('whose user does not answer by the deadline finds the call in the queue, and then its result', async () => {
    const key = newKey();
    const { workspace, config, scripted } = house;
    let hasReply = false;
    client.seat(async () => {
      // Late: it waits there already. A modern client has its reply only when it comes back with this, and its answer counts.
      await vi.waitFor(async () => {
        const { stdout } = await atTerminal(workspace, config);
        expect(hasReply || stdout.includes(key)).toBe(true);
      }, 10_000);
      return accept('yes');
    });
    const reply = await sendFlow(client, [destroy(key)], { batch: { deadlineMs: 500 } });
    hasReply = true;
    expect(endsOf(reply.results)).toEqual(['pending']);
    const id = queueIdIn(JSON.stringify(reply));
    if (kind !== 'version 2 modern') {
      expect(scripted.starts(key)).toEqual([]);
      expect(await atTerminal(workspace, config, ['allow', id])).toMatchObject({ code: 0 });
    }
    const rest = await client.call('batch_await', { batchId: reply.batchId });
    expect(textsOf(rest)[0]).toContain('1 ok');
    expect(scripted.starts(key)).toHaveLength(1);
  });
});

describe('a client that cannot ask', () => {
  let house: House;
  beforeEach(() => {
    house = furnish();
  });
  afterEach(() => house.workspace.close());

  test.each([
    ...clientKinds.map((kind) => ({ kind, ability: 'none' as const })),
    { kind: 'version 1' as const, ability: 'nobody' as const },
    { kind: 'version 2 legacy' as const, ability: 'nobody' as const },
  ])('($kind, $ability) names the command that lets the call pass once', async ({ kind, ability }) => {
    const { workspace, config, scripted } = house;
    const client = await untilServed(await connectAsked(workspace, kind, { target: { config }, ability }));
    const first = await sendFlow(client, [destroy('a'), read('r')]);
    expect(endsOf(first.results)).toEqual(['denied approval_unavailable', 'ok']);
    const message = first.results[0]?.error?.message ?? '';
    expect(message).toContain('add destroy to "allow:"');
    expect(await atTerminal(workspace, config, ['allow', queueIdIn(message)])).toMatchObject({ code: 0 });
    expect(endsOf((await sendFlow(client, [destroy('b')])).results)).toEqual(['denied approval_unavailable']);
    expect(endsOf((await sendFlow(client, [destroy('a')])).results)).toEqual(['ok']);
    expect(endsOf((await sendFlow(client, [destroy('a')])).results)).toEqual(['denied approval_unavailable']);
    expect(scripted.starts('a')).toHaveLength(1);
    expect(scripted.starts('b')).toEqual([]);
  });
});

describe('what was approved', () => {
  let house: House;
  beforeEach(() => {
    house = furnish();
  });
  afterEach(() => house.workspace.close());

  const endOf = ({ results }: { results: readonly FlowRow[] }): string | undefined => endsOf(results)[0];

  test('is asked about again when its tool has changed meanwhile', async () => {
    const { workspace, config, words, scripted } = house;
    const client = await untilServed(await connectAsked(workspace, 'version 1', { target: { config } }));
    client.seat(async () => {
      if (client.asked.length > 1) return accept('no');
      writeFileSync(words, ', which now deletes everything');
      await client.call('it__change_tools');
      await until(() => scripted.events().filter(({ tool }) => tool === 'change_tools').length >= 2);
      // Told of once it has listed them again.
      await changed(client);
      return accept('yes');
    });
    expect(endOf(await sendFlow(client, [destroy('a')]))).toBe('denied approval_declined');
    expect(client.asked).toHaveLength(2);
    expect(scripted.starts('a')).toEqual([]);
  });

  test('is not approved any more when its server is another one after a reload', async () => {
    const { workspace, config, scripted } = house;
    const url = await listen(workspace, config);
    const client = await connectAsked(workspace, 'version 2 legacy', { target: { url }, ability: 'none' });
    await untilServed(client);
    const first = await sendFlow(client, [destroy('a')]);
    const allowed = await atTerminal(workspace, config, ['allow', queueIdIn(JSON.stringify(first))]);
    expect(allowed.code).toBe(0);
    const before = await client.call('it__env', { name: 'MODE' });
    expect(textsOf(before)[0]).toContain('null');
    const env = { ...scripted.server.env, MODE: 'other' };
    configure(workspace, { ...scripted.server, env });
    for (;;) {
      const now = await client.call('it__env', { name: 'MODE' });
      if (textsOf(now)[0]?.includes('other') === true) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(endOf(await sendFlow(client, [destroy('a')]))).toBe('denied approval_unavailable');
    expect(scripted.starts('a')).toEqual([]);
  });

  test('cannot be replayed, nor answered for other arguments', async () => {
    const { workspace, config, scripted } = house;
    const { port } = new URL(await listen(workspace, config));
    let lastId = 0;
    const ask = async (keys: readonly string[], more: JsonObject = {}): Promise<JsonObject> => {
      const calls = keys.map((key) => destroy(key));
      const params = { name: 'batch_call', arguments: { calls, format: 'structured' }, ...more };
      const { headers, body } = modernRequest(params, { id: ++lastId });
      const sent: { _meta: JsonObject } = JSON.parse(JSON.stringify(body['params']));
      sent._meta['io.modelcontextprotocol/clientCapabilities'] = { elicitation: {} };
      const { text } = await send(Number(port), { headers, body: { ...body, params: { ...sent } } });
      const line = text.split('\n').findLast((one) => one.startsWith('data: {')) ?? `data: ${text}`;
      return JSON.parse(line.slice(6));
    };
    const question = await ask(['a']);
    expect(question).toMatchObject({ result: { resultType: 'input_required' } });
    const { result }: { result: { requestState: string; inputRequests: JsonObject } } = JSON.parse(
      JSON.stringify(question),
    );
    const [key = ''] = Object.keys(result.inputRequests);
    const answer = { requestState: result.requestState, inputResponses: { [key]: accept('yes') } };
    expect(await ask(['b'], answer)).toMatchObject({ error: { code: -32602 } });
    expect(await ask(['a', 'b'], answer)).toMatchObject({ error: { code: -32602 } });
    expect(await ask(['a'], { ...answer, requestState: `${result.requestState}x` })).toHaveProperty('error');
    expect(await ask(['a'], answer)).toMatchObject({ result: { structuredContent: { results: [{ status: 'ok' }] } } });
    expect(await ask(['a'], answer)).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('used already') },
    });
    expect(scripted.starts().map((event) => event.key)).toEqual(['a']);
  });
});

/** Waits until the proxy lists what its server has announced. */
async function changed(client: AskedClient): Promise<void> {
  for (;;) {
    const found = await client.call('batch_call', { calls: [{ tool: 'it__new_1' }], mode: 'plan' });
    if (!JSON.stringify(found).includes('unknown_tool')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
