import { describe, expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build-catalog.ts';
import type { SendResult } from '../../../src/core/outcome.ts';
import { refusal, type Reply } from '../../../src/core/protocol/rpc.ts';
import { makePolicy, makeTool } from '../../policy/make-policy.ts';
import { memoryJournal } from '../batch/memory-journal.ts';
import { asking, decided, deleteOf, endsOf, messageOf, rowsOf, yes, type Asking } from './asking.ts';

const read = (path: string): { tool: string; arguments: { path: string } } => ({
  tool: 'files__read',
  arguments: { path },
});

describe('a batch with calls that need approval', () => {
  test('asks one question about all of them, and runs what needs none meanwhile', async () => {
    const { batch, asked, clock, effects } = asking();
    const reply = batch([deleteOf('/a'), read('/r'), { tool: 'files__merge' }]);
    await clock.pass(10);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.message).toMatch(/2 calls.*c0: files__delete.*c2: files__merge/s);
    expect(effects()).toEqual(['read {"path":"/r"}']);
    asked[0]?.answer(yes);
    await clock.pass(10);
    expect(endsOf(await reply)).toEqual(['ok', 'ok', 'ok']);
    expect(effects()).toHaveLength(3);
  });

  test('runs those that were ticked, and no other', async () => {
    const { batch, asked, clock, effects } = asking();
    const reply = batch([deleteOf('/a'), deleteOf('/b'), deleteOf('/c')]);
    await clock.pass(1);
    asked[0]?.answer(decided('some', { call_2: true }));
    await clock.pass(10);
    expect(endsOf(await reply)).toEqual(['denied approval_declined', 'ok', 'denied approval_declined']);
    expect(effects()).toEqual(['delete {"path":"/b"}']);
  });

  test.each<[string, Reply, string]>([
    ['no', decided('no'), 'the user said no'],
    ['an empty form', { ok: true, result: { action: 'accept', content: {} } }, 'the user said no'],
    ['decline', { ok: true, result: { action: 'decline' } }, 'declined the question'],
    ['cancel', { ok: true, result: { action: 'cancel' } }, 'cancelled the question'],
  ])('sends nothing after the answer %s, and says what the user can do', async (_, answer, words) => {
    const { batch, asked, clock, effects, queued } = asking();
    const reply = batch([deleteOf('/a')]);
    await clock.pass(1);
    asked[0]?.answer(answer);
    await clock.pass(10);
    expect(endsOf(await reply)).toEqual(['denied approval_declined']);
    expect(messageOf(await reply)).toContain(words);
    expect(messageOf(await reply)).toContain('add delete to "allow:"');
    expect(effects()).toEqual([]);
    // Who says no is not asked a second time elsewhere.
    expect(queued).toEqual([]);
  });

  test.each<[string, Reply]>([
    ['−32601', refusal(-32601, 'Method not found')],
    ['−32602', refusal(-32602, 'no forms')],
    ['another error', refusal(-32603, 'boom')],
    ['something that is no answer', { ok: true, result: { action: 'perhaps' } }],
  ])('whose client answers %s ends, and leaves the question in the queue', async (_, answer) => {
    const { batch, asked, clock, effects, queued } = asking();
    const reply = batch([deleteOf('/a')]);
    await clock.pass(1);
    asked[0]?.answer(answer);
    await clock.pass(1);
    expect(endsOf(await reply)).toEqual(['denied approval_unavailable']);
    expect(messageOf(await reply)).toContain(`mcp-marshal approvals allow ${queued[0]?.id}`);
    expect(messageOf(await reply)).toContain('within 10 min');
    expect(messageOf(await reply)).toContain('call files__delete by itself');
    expect(rowsOf(await reply)[0]?.error?.retryable).toBe(true);
    expect(queued[0]?.isLeft).toBe(true);
    expect(effects()).toEqual([]);
  });

  test.each([
    ['no elicitation', {}],
    ['elicitation by URL alone', { elicitation: { url: {} } }],
  ])('does not ask a client that has declared %s', async (_, capabilities) => {
    const { batch, asked, clock } = asking();
    const reply = batch([deleteOf('/a')], { changes: { capabilities } });
    await clock.pass(1);
    expect(asked).toEqual([]);
    expect(messageOf(await reply)).toContain('the client cannot ask its user');
  });

  test('passes once, sent again, after somebody has allowed it in the queue', async () => {
    const { batch, clock, effects, queued } = asking();
    const changes = { capabilities: {} };
    const first = batch([deleteOf('/a')], { changes });
    await clock.pass(1);
    expect(endsOf(await first)).toEqual(['denied approval_unavailable']);
    queued[0]?.answer('yes');
    const other = batch([deleteOf('/b')], { changes });
    const second = batch([deleteOf('/a')], { changes });
    await clock.pass(5);
    expect(endsOf(await other)).toEqual(['denied approval_unavailable']);
    expect(endsOf(await second)).toEqual(['ok']);
    const third = batch([deleteOf('/a')], { changes });
    await clock.pass(5);
    expect(endsOf(await third)).toEqual(['denied approval_unavailable']);
    expect(effects()).toEqual(['delete {"path":"/a"}']);
  });

  test('waits for the queue where somebody watches it, and each call goes by its own answer', async () => {
    const { batch, clock, effects, queued, watch } = asking();
    watch(true);
    const reply = batch([deleteOf('/a'), deleteOf('/b')], { changes: { capabilities: {} } });
    await clock.pass(100);
    expect(queued.map(({ callId, isLeft }) => [callId, isLeft])).toEqual([
      ['c0', false],
      ['c1', false],
    ]);
    queued[1]?.answer('yes');
    await clock.pass(10);
    expect(effects()).toEqual(['delete {"path":"/b"}']);
    queued[0]?.answer('no');
    await clock.pass(10);
    expect(endsOf(await reply)).toEqual(['denied approval_declined', 'ok']);
    expect(messageOf(await reply)).toContain('with mcp-marshal approvals');
  });

  test('asks again about what becomes known later, in one question', async () => {
    const { batch, asked, clock } = asking();
    const later = { path: { $result: 'r', path: '/path' } };
    const calls = [
      { id: 'r', ...read('/found') },
      deleteOf('/a'),
      { tool: 'files__show', arguments: { ...later, n: 1 } },
      { tool: 'files__show', arguments: { ...later, n: 2 } },
    ];
    const reply = batch(calls);
    await clock.pass(10);
    expect(asked.map(({ message }) => message.split('\n')[0])).toEqual([
      expect.stringContaining('A call needs your approval'),
    ]);
    expect(asked[0]?.message).toContain('/a');
    asked[0]?.answer(yes);
    await clock.pass(20_000);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.message).toMatch(/2 calls.*"\/found".*"\/found"/s);
    asked[1]?.answer(yes);
    await clock.pass(10);
    expect(endsOf(await reply)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  test('asks in several questions about more calls than one can show, until one is sent away', async () => {
    const { batch, asked, clock, effects } = asking();
    const reply = batch(Array.from({ length: 50 }, (_, index) => deleteOf(`/${index}`)));
    await clock.pass(1);
    expect(asked).toHaveLength(1);
    asked[0]?.answer(yes);
    await clock.pass(1);
    expect(asked).toHaveLength(2);
    asked[1]?.answer({ ok: true, result: { action: 'cancel' } });
    await clock.pass(100);
    expect(asked).toHaveLength(2);
    const ends = endsOf(await reply);
    expect(ends.filter((end) => end === 'ok')).toHaveLength(17);
    expect(ends.filter((end) => end === 'denied approval_declined')).toHaveLength(33);
    expect(effects()).toHaveLength(17);
  });

  test('never leaves a call unanswered of which nobody could be asked, since there are too many', async () => {
    const { batch, asked, clock, effects, engine } = asking();
    const setup = engine.setup();
    engine.setup = () => ({ ...setup, settings: { ...setup.settings, maxCalls: 1_000 } });
    const reply = batch(Array.from({ length: 200 }, (_, index) => deleteOf(`/${index}`)));
    await clock.pass(1);
    for (let index = 0; index < 10; index++) {
      asked[index]?.answer(yes);
      await clock.pass(1);
    }
    await clock.pass(500);
    const ends = endsOf(await reply);
    expect(ends.slice(0, 160)).toEqual(Array.from({ length: 160 }, () => 'ok'));
    expect(ends.slice(160)).toEqual(Array.from({ length: 40 }, () => 'denied approval_unavailable'));
    expect(messageOf(await reply, 199)).toContain('more than 160 calls needed approval at once');
    expect(effects()).toHaveLength(160);
  });

  test('gives two calls that are the same two yeses, and a third one none', async () => {
    const { batch, asked, clock, effects } = asking();
    const reply = batch([deleteOf('/a'), deleteOf('/a'), deleteOf('/a')]);
    await clock.pass(1);
    asked[0]?.answer(decided('some', { call_1: true, call_3: true }));
    await clock.pass(10);
    expect(endsOf(await reply)).toEqual(['ok', 'denied approval_declined', 'ok']);
    expect(effects()).toHaveLength(2);
  });

  test('asks nothing about what was said yes to for the session', async () => {
    const { batch, asked, clock } = asking({ policy: { remember: 'session' } });
    const first = batch([deleteOf('/a')]);
    await clock.pass(1);
    asked[0]?.answer(decided('yes_session'));
    await clock.pass(10);
    expect(endsOf(await first)).toEqual(['ok']);
    const second = batch([deleteOf('/b'), { tool: 'files__merge' }]);
    await clock.pass(10);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.message).toContain('files__merge');
    expect(asked[1]?.message).not.toContain('files__delete');
    asked[1]?.answer(decided('no'));
    await clock.pass(10);
    expect(endsOf(await second)).toEqual(['ok', 'denied approval_declined']);
    const stranger = batch([deleteOf('/b')], { changes: { principal: 'stdio-2' } });
    await clock.pass(1);
    expect(asked).toHaveLength(3);
    asked[2]?.answer(decided('no'));
    expect(endsOf(await stranger)).toEqual(['denied approval_declined']);
  });
});

describe('at the deadline of a batch', () => {
  const wish = { batch: { deadlineMs: 1_000 } };

  test('a question that nobody has answered moves to the queue, and the reply says so', async () => {
    const { batch, asked, clock, queued, call, effects } = asking();
    const reply = batch([deleteOf('/a'), read('/r')], wish);
    await clock.pass(1_000);
    expect(endsOf(await reply)).toEqual(['pending', 'ok']);
    expect(rowsOf(await reply)[0]?.waitsFor).toBe(`approval: mcp-marshal approvals allow ${queued[0]?.id}`);
    expect(asked[0]?.isWithdrawn).toBe(true);
    const batchId: unknown = JSON.parse(JSON.stringify((await reply)['structuredContent'])).batchId;
    const text = call('batch_await', { batchId: String(batchId), timeoutMs: 10 });
    await clock.pass(10);
    expect(JSON.stringify(await text)).toContain(`approvals allow ${queued[0]?.id}`);
    queued[0]?.answer('yes');
    const rest = call('batch_await', { batchId: String(batchId) });
    await clock.pass(10);
    expect(JSON.stringify(await rest)).toContain('2 ok');
    expect(effects()).toEqual(['read {"path":"/r"}', 'delete {"path":"/a"}']);
  });

  test('what becomes known after it waits in the queue as well', async () => {
    const { batch, asked, clock, queued, effects } = asking();
    const slow = { id: 'r', tool: 'files__read', arguments: { path: '/found', ms: 2_000 } };
    const later = { tool: 'files__delete', arguments: { path: { $result: 'r', path: '/path' } } };
    const reply = batch([slow, later], wish);
    await clock.pass(1_000);
    expect(endsOf(await reply)).toEqual(['pending', 'pending']);
    await clock.pass(20_000);
    expect(asked).toEqual([]);
    expect(queued.map(({ callId, isLeft }) => [callId, isLeft])).toEqual([['c1', false]]);
    queued[0]?.answer('yes');
    await clock.pass(10);
    expect(effects()).toEqual(['read {"path":"/found","ms":2000}', 'delete {"path":"/found"}']);
  });

  test('an answer to the withdrawn question changes nothing any more', async () => {
    const { batch, asked, clock, effects } = asking();
    const reply = batch([deleteOf('/a')], wish);
    await clock.pass(1_000);
    asked[0]?.answer(yes);
    await clock.pass(10_000);
    expect(endsOf(await reply)).toEqual(['pending']);
    expect(effects()).toEqual([]);
  });

  test('a no in the queue ends the call', async () => {
    const { batch, clock, queued, call } = asking();
    const reply = await Promise.all([batch([deleteOf('/a')], wish), clock.pass(1_000)]);
    queued[0]?.answer('no');
    const { batchId }: { batchId: string } = JSON.parse(JSON.stringify(reply[0]['structuredContent']));
    const rest = call('batch_await', { batchId });
    await clock.pass(10);
    expect(JSON.stringify(await rest)).toContain('approval_declined');
  });

  test('nothing waits where there is no queue', async () => {
    const { batch, clock, engine, queued } = asking();
    engine.approvals.enqueue = () => undefined;
    const reply = batch([deleteOf('/a')], wish);
    await clock.pass(1_000);
    expect(queued).toEqual([]);
    const { batchId }: { batchId: string } = JSON.parse(JSON.stringify((await reply)['structuredContent']));
    expect(engine.batches.find('stdio-1', batchId)?.isOver()).toBe(true);
  });
});

describe('what was approved and has changed', () => {
  /** Whatever the server lists has another description from now on. */
  const changeTools = ({ engine }: Asking): void => {
    const before = engine.catalog;
    engine.catalog = () => {
      const catalog = before();
      const entries = catalog.entries.map((entry) => ({ ...entry, tool: { ...entry.tool, description: 'changed' } }));
      return { ...catalog, entries, byExposedName: new Map(entries.map((entry) => [entry.exposedName, entry])) };
    };
  };
  const slow = { tool: 'files__delete', arguments: { path: '/a', ms: 50 } };

  test('is asked about again when its turn comes', async () => {
    const world = asking();
    const { batch, asked, clock, effects } = world;
    const reply = batch([slow, deleteOf('/a')]);
    await clock.pass(1);
    asked[0]?.answer(yes);
    await clock.pass(1);
    expect(effects()).toHaveLength(1);
    changeTools(world);
    await clock.pass(100);
    expect(asked).toHaveLength(2);
    asked[1]?.answer(decided('no'));
    await clock.pass(10);
    expect(effects()).toHaveLength(1);
    expect(endsOf(await reply)).toEqual(['ok', 'denied approval_declined']);
  });

  test('is not sent when it changes while the call waits for the locks of another batch', async () => {
    const world = asking();
    const { batch, call, asked, clock, effects } = world;
    void call('files__delete', slow.arguments);
    await clock.pass(1);
    const reply = batch([deleteOf('/a')]);
    await clock.pass(1);
    asked[0]?.answer(yes);
    await clock.pass(1);
    changeTools(world);
    await clock.pass(100);
    expect(effects()).toHaveLength(1);
    expect(endsOf(await reply)).toEqual(['denied tool_changed']);
    expect(messageOf(await reply)).toContain('send it again to be asked anew');
  });

  test('is asked about again when its server is another program', async () => {
    const { batch, asked, clock, engine } = asking();
    const changes = { capabilities: { elicitation: {} } };
    const first = batch([deleteOf('/a')], { changes });
    await clock.pass(1);
    const setup = engine.setup();
    const servers = new Map([...setup.servers].map(([name, server]) => [name, { ...server, launch: other }]));
    engine.setup = () => ({ ...setup, servers });
    asked[0]?.answer(yes);
    await clock.pass(1);
    expect(asked).toHaveLength(2);
    asked[1]?.answer(yes);
    await clock.pass(10);
    expect(endsOf(await first)).toEqual(['ok']);
  });
  const other = { command: 'other', args: [], env: [] };
});

describe('a client that goes', () => {
  test('takes its questions with it when it cancels', async () => {
    const { batch, asked, clock, effects, queued } = asking();
    const controller = new AbortController();
    const reply = batch([deleteOf('/a')], { changes: { signal: controller.signal } });
    await clock.pass(1);
    controller.abort();
    await clock.pass(10);
    expect(asked[0]?.isWithdrawn).toBe(true);
    expect(queued).toEqual([]);
    expect(endsOf(await reply)).toEqual(['cancelled cancelled']);
    expect(effects()).toEqual([]);
  });

  test('takes its questions out of the queue', async () => {
    const { batch, clock, engine, watch, call } = asking();
    watch(true);
    const withdrawn: string[] = [];
    const { enqueue } = engine.approvals;
    engine.approvals.enqueue = (owner, subject, from) => {
      const question = enqueue(owner, subject, from);
      return question && { ...question, withdraw: () => void withdrawn.push(from.callId) };
    };
    const wish = { batch: { deadlineMs: 1_000 }, changes: { capabilities: {} } };
    const reply = batch([deleteOf('/a'), deleteOf('/b')], wish);
    await clock.pass(1_000);
    const { batchId }: { batchId: string } = JSON.parse(JSON.stringify((await reply)['structuredContent']));
    void call('batch_cancel', { batchId });
    await clock.pass(10);
    expect(withdrawn).toEqual(['c0', 'c1']);
  });

  test('leaves its questions to the queue where another has joined its batch', async () => {
    const { batch, asked, clock, queued, effects } = asking({ journal: memoryJournal() });
    const controller = new AbortController();
    const wish = { batch: { idempotencyKey: 'k' } };
    void batch([deleteOf('/a')], { ...wish, changes: { signal: controller.signal } });
    await clock.pass(1);
    const joined = batch([deleteOf('/a')], wish);
    await clock.pass(1);
    controller.abort();
    await clock.pass(1);
    expect(asked.map(({ isWithdrawn }) => isWithdrawn)).toEqual([true]);
    queued[0]?.answer('yes');
    await clock.pass(10);
    expect(endsOf(await joined)).toEqual(['ok']);
    expect(effects()).toHaveLength(1);
  });
});

describe('a yes to a call that is not sent', () => {
  const slowly = (world: () => Asking, isError: boolean) => () =>
    new Promise<SendResult>((resolve) => {
      world().clock.after(50, () => resolve({ ok: true, result: { content: [], isError } }));
    });

  test.each([
    ['what it depends on has failed', 'skipped dependency_failed'],
    ['its batch was cancelled', 'cancelled cancelled'],
  ])('is none to the same call, sent later: %s', async (_, end) => {
    const isFailing = end.startsWith('skipped');
    const world: Asking = asking({ answer: slowly(() => world, isFailing) });
    const gone = new AbortController();
    const write = { tool: 'files__write', arguments: { path: '/b' } };
    const first = world.batch([write, deleteOf('/a', { dependsOn: ['c0'] })], { changes: { signal: gone.signal } });
    await world.clock.pass(5);
    world.asked[0]?.answer(yes);
    await world.clock.pass(5);
    if (!isFailing) gone.abort();
    await world.clock.pass(100);
    expect(endsOf(await first)[1]).toBe(end);
    void world.batch([deleteOf('/a')]);
    await world.clock.pass(100);
    expect(world.asked).toHaveLength(2);
    expect(world.effects()).toEqual(['write {"path":"/b"}']);
  });

  test('is none either where it comes after the call has ended, with the answer about others', async () => {
    const world: Asking = asking({ answer: slowly(() => world, true) });
    const write = { tool: 'files__write', arguments: { path: '/b' } };
    const first = world.batch([write, deleteOf('/a', { dependsOn: ['c0'] }), deleteOf('/c')]);
    await world.clock.pass(100);
    world.asked[0]?.answer(yes);
    await world.clock.pass(100);
    expect(endsOf(await first)).toEqual(['tool_error', 'skipped dependency_failed', 'tool_error']);
    void world.batch([deleteOf('/a')]);
    await world.clock.pass(100);
    expect(world.asked).toHaveLength(2);
  });
});

test('a call that is sent once more is not, where its tool has changed since the yes', async () => {
  let sent = 0;
  const world: Asking = asking({
    answer: () => {
      if (++sent > 1) return { ok: true, result: { content: [] } };
      const tools = [{ ...makeTool('show'), description: 'Deletes everything.' }];
      const policy = makePolicy({ read: ['show'], ask: ['show'] });
      const changed = buildCatalog([{ server: 'files', policy, tools }], { naming: 'prefixed' });
      world.engine.catalog = () => changed;
      const error = { code: 'connection_lost', message: 'gone', retryable: true } as const;
      return { ok: false, sent: true, fault: 'transport', error };
    },
  });
  const reply = world.batch([{ tool: 'files__show', arguments: {} }]);
  await world.clock.pass(1);
  world.asked[0]?.answer(yes);
  await world.clock.pass(10_000);
  expect(endsOf(await reply)).toEqual([expect.stringContaining('tool_changed')]);
  expect(sent).toBe(1);
});

test('the refusal of a batch with an idempotency key says that its record would answer', async () => {
  const { batch, clock, asked, queued } = asking({ journal: memoryJournal() });
  const keyed = { batch: { idempotencyKey: 'release-7' } };
  const nobody = messageOf(await batch([deleteOf('/a')], { ...keyed, changes: { capabilities: {} } }));
  expect(nobody).toContain('then send the same call again, in a batch with a new idempotencyKey or none');
  expect(queued).toMatchObject([{ isKeyed: true }]);
  const declined = batch([deleteOf('/b')], { batch: { idempotencyKey: 'release-8' } });
  await clock.pass(1);
  asked[0]?.answer(decided('no'));
  expect(messageOf(await declined)).toContain(
    'unless the user wants it, in a batch with a new idempotencyKey or none:',
  );
});

test('a call that finds no room in the queue says so', async () => {
  const { batch } = asking();
  const calls = Array.from({ length: 51 }, (_, index) => deleteOf(`/${index}`));
  const reply = await batch(calls, { changes: { capabilities: {} } });
  expect(messageOf(reply, 49)).toContain('mcp-marshal approvals allow');
  expect(messageOf(reply, 50)).toContain('cannot ask its user, and too many questions wait in the queue already; ');
});
