import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import { refusal, type Reply } from '../../../src/core/protocol/rpc.ts';
import { makePolicy, makeTool } from '../../policy/make-policy.ts';
import { buildCatalog } from '../../../src/catalog/build-catalog.ts';
import { askedOf, createModernClient, type Exchange } from '../questions/modern-client.ts';
import { asking, decided, deleteOf, endsOf, textOf, yes, type Asking } from './asking.ts';

function shownOf({ content, isError }: JsonObject): string {
  const [block] = Array.isArray(content) ? content : [];
  const text = isJsonObject(block) ? textOf(block['text']) : '';
  return isError === true ? `error ${text}` : text;
}

/** The tool that a rule asks about, called by itself. */
function merge({ call }: Asking, args: JsonObject = { n: 1 }, changes: Parameters<Asking['call']>[2] = {}) {
  return call('files__merge', args, changes).then(shownOf);
}

describe('a call by itself that needs approval', () => {
  test('runs once its user has said yes, and is asked about again the next time', async () => {
    const world = asking();
    const { asked, clock, effects } = world;
    const first = merge(world);
    await clock.pass(1);
    expect(effects()).toEqual([]);
    expect(asked[0]?.message).toMatch(/^mcp-marshal: A call needs your approval\.\n\n1\. .*files__merge.*"n":1/s);
    asked[0]?.answer(yes);
    await clock.pass(10);
    expect(await first).toBe('{"n":1}');
    const second = merge(world);
    await clock.pass(1);
    expect(asked).toHaveLength(2);
    asked[1]?.answer(decided('no'));
    expect(await second).toMatch(/^error approval_declined: .*the user said no/);
    expect(effects()).toEqual(['merge {"n":1}']);
  });

  test('is not asked about where the client asks its own user: destructive, and no rule', async () => {
    const { call, asked, clock } = asking();
    const result = call('files__delete', { path: '/a' });
    await clock.pass(10);
    expect(asked).toEqual([]);
    expect(shownOf(await result)).toBe('{"path":"/a"}');
  });

  test('is asked about there, too, where the configuration says so', async () => {
    const { call, asked, clock, effects } = asking({
      policy: { unruled: { batch: 'ask', passthrough: 'ask' } },
    });
    void call('files__delete', { path: '/a' });
    await clock.pass(10);
    expect(asked).toHaveLength(1);
    expect(effects()).toEqual([]);
  });

  test.each<[string, Reply, string]>([
    ['decline', { ok: true, result: { action: 'decline' } }, 'approval_declined'],
    ['cancel', { ok: true, result: { action: 'cancel' } }, 'approval_declined'],
    ['an empty form', { ok: true, result: { action: 'accept' } }, 'approval_declined'],
    ['−32601', refusal(-32601, 'Method not found'), 'approval_unavailable'],
    ['−32603', refusal(-32603, 'boom'), 'approval_unavailable'],
  ])('is not sent after %s', async (_, answer, code) => {
    const world = asking();
    const result = merge(world);
    await world.clock.pass(1);
    world.asked[0]?.answer(answer);
    expect(await result).toMatch(new RegExp(`^error ${code}: .*(policy file|mcp-marshal approvals allow)`));
    expect(world.effects()).toEqual([]);
  });

  test('ends when its client does not answer in time', async () => {
    const world = asking();
    const result = merge(world);
    const { deadlineMs } = world.engine.setup().settings;
    await world.clock.pass(deadlineMs - 1);
    expect(world.asked[0]?.isWithdrawn).toBe(false);
    await world.clock.pass(1);
    expect(await result).toMatch(
      /^error approval_unavailable: .*the user had not answered when the reply was due.*approvals allow/,
    );
    expect(world.asked[0]?.isWithdrawn).toBe(true);
    expect(world.clock.timers()).toBe(1);
    // Its question is in the queue: with a yes there, the same call passes.
    expect(world.queued).toMatchObject([{ isLeft: true }]);
    world.queued[0]?.answer('yes');
    const again = merge(world);
    await world.clock.pass(10);
    expect(await again).toBe('{"n":1}');
  });

  test('ends when nobody answers in the queue in time, though somebody watches it', async () => {
    const world = asking();
    world.watch(true);
    const result = merge(world, { n: 1 }, { capabilities: {} });
    await world.clock.pass(world.engine.setup().settings.deadlineMs);
    expect(await result).toMatch(/^error approval_unavailable: .*approvals allow/);
    expect(world.queued).toMatchObject([{ isLeft: true }]);
  });

  test('says with which configuration the queue is found', async () => {
    const world = asking();
    Object.assign(world.engine.setup(), { configFile: '/home/ann/my config.yaml' });
    const result = merge(world, { n: 1 }, { capabilities: {} });
    await world.clock.pass(10);
    const { id } = world.queued[0]!;
    expect(await result).toContain(`\`mcp-marshal approvals allow ${id} --config "/home/ann/my config.yaml"\``);
  });

  test('waits for the queue where somebody watches it', async () => {
    const world = asking();
    world.watch(true);
    const result = merge(world, { n: 1 }, { capabilities: {} });
    await world.clock.pass(1_000);
    expect(world.queued).toHaveLength(1);
    world.queued[0]?.answer('yes');
    await world.clock.pass(10);
    expect(await result).toBe('{"n":1}');
  });

  test('ends, and stays in the queue, when nobody watches it any more', async () => {
    const world = asking();
    world.watch(true);
    const result = merge(world, { n: 1 }, { capabilities: {} });
    await world.clock.pass(1_000);
    world.watch(false);
    expect(await result).toMatch(/^error approval_unavailable: .*approvals allow/);
    expect(world.queued[0]?.isLeft).toBe(true);
    world.queued[0]?.answer('yes');
    const again = merge(world, { n: 1 }, { capabilities: {} });
    await world.clock.pass(10);
    expect(await again).toBe('{"n":1}');
  });

  test('is withdrawn when its client cancels it', async () => {
    const world = asking();
    const controller = new AbortController();
    const result = merge(world, { n: 1 }, { signal: controller.signal });
    await world.clock.pass(1);
    controller.abort();
    await world.clock.pass(1);
    expect(world.asked[0]?.isWithdrawn).toBe(true);
    expect(await result).toMatch(/^error cancelled/);
    expect(world.queued).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  test('is asked about again when its tool has changed while its user thought', async () => {
    const world = asking();
    const { engine, asked, clock, effects } = world;
    const before = engine.catalog;
    const result = merge(world);
    await clock.pass(1);
    engine.catalog = () => {
      const catalog = before();
      const entries = catalog.entries.map((entry) => ({ ...entry, tool: { ...entry.tool, description: 'changed' } }));
      return { ...catalog, entries, byExposedName: new Map(entries.map((entry) => [entry.exposedName, entry])) };
    };
    asked[0]?.answer(yes);
    await clock.pass(10);
    expect(asked).toHaveLength(2);
    expect(effects()).toEqual([]);
    asked[1]?.answer(yes);
    await clock.pass(10);
    expect(await result).toBe('{"n":1}');
  });

  test('is not sent when its tool changes while it waits for a lock', async () => {
    const { engine, asked, clock, effects, call } = asking({
      policy: { unruled: { batch: 'ask', passthrough: 'ask' } },
    });
    void call('files__delete', { path: '/a', ms: 50 });
    const result = call('files__delete', { path: '/a' });
    await clock.pass(1);
    for (const { answer } of asked) answer(yes);
    await clock.pass(1);
    const before = engine.catalog;
    engine.catalog = () => {
      const catalog = before();
      const entries = catalog.entries.map((entry) => ({ ...entry, tool: { ...entry.tool, description: 'changed' } }));
      return { ...catalog, entries, byExposedName: new Map(entries.map((entry) => [entry.exposedName, entry])) };
    };
    await clock.pass(100);
    expect(shownOf(await result)).toMatch(/^error tool_changed: .*send it again/);
    expect(effects()).toEqual(['delete {"path":"/a","ms":50}']);
  });

  test('is not asked about where it is denied anyway', async () => {
    const world = asking({ policy: { deny: ['merge'] } });
    expect(await merge(world)).toMatch(/^error denied_by_policy/);
    expect(world.asked).toEqual([]);
  });
});

describe('a yes', () => {
  const names = ['page', 'mail', 'send'];

  test('that is remembered for a tool is none to what the flow rule asks about it', async () => {
    const { call, asked, clock, effects } = asking({
      tools: names.map((name) => makeTool(name)),
      flow: { action: 'ask', within: 'session' },
      policy: {
        remember: 'session',
        read: ['page', 'mail'],
        write: ['send'],
        ask: ['send'],
        untrusted: ['page'],
        private: ['mail'],
        exfiltrates: ['send'],
      },
    });
    void call('files__send', { n: 1 });
    await clock.pass(1);
    asked[0]?.answer(decided('yes_session'));
    await clock.pass(10);
    void call('files__send', { n: 2 });
    await clock.pass(10);
    expect(asked).toHaveLength(1);
    for (const name of ['page', 'mail']) void call(`files__${name}`, {});
    await clock.pass(10);
    void call('files__send', { n: 3 });
    await clock.pass(10);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.message).toMatch(/the flow rule: .*; and rule ask "send"/);
    expect(effects()).not.toContain('send {"n":3}');
  });

  test('is worth nothing where policy has come to deny the call while its user thought', async () => {
    const world = asking();
    const alone = merge(world);
    const batch = world.batch([deleteOf('/a')]);
    await world.clock.pass(1);
    const tools = ['merge', 'delete'].map((name) => makeTool(name));
    const source = { server: 'files', policy: makePolicy({ deny: ['*'] }), tools };
    const denying = buildCatalog([source], { naming: 'prefixed' });
    world.engine.catalog = () => denying;
    for (const { answer } of world.asked) answer(yes);
    await world.clock.pass(10);
    expect(await alone).toMatch(/^error denied_by_policy: /);
    expect(endsOf(await batch)).toEqual(['denied denied_by_policy']);
    expect(world.effects()).toEqual([]);
  });

  test('is asked for once where a modern server asks for input in the middle of the call', async () => {
    const question = { method: 'elicitation/create', params: { message: 'name?', requestedSchema: {} } };
    const wants = { resultType: 'input_required', requestState: 'its own', inputRequests: { name: question } };
    const world = asking({
      answer: ({ params }) => ({ ok: true, result: params['inputResponses'] === undefined ? wants : { content: [] } }),
      offers: { files: { era: 'modern' } },
    });
    const client = createModernClient((request) => world.handle(request), world.clock);
    const messages: unknown[] = [];
    const answerAll = (exchange: Exchange): JsonObject =>
      Object.fromEntries(
        Object.entries(askedOf(exchange)).map(([key, { params }]) => {
          messages.push(params['message']);
          return [key, { action: 'accept', content: { decision: 'yes' } }];
        }),
      );
    let exchange = client.send({ name: 'files__merge', arguments: {} });
    await world.clock.pass(10);
    while (exchange.result?.['resultType'] === 'input_required') {
      exchange = client.comeBack(exchange, answerAll(exchange));
      await world.clock.pass(10);
    }
    expect(messages).toEqual([expect.stringMatching(/^mcp-marshal: A call/), 'name?']);
    expect(exchange.result).toEqual({ content: [] });
  });
});
