import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetLink } from '../../../src/upstream/link/fleet-link.ts';
import type { HttpFixture } from '../support.ts';
import { client, fixture, startHttpFixture, until } from '../support.ts';
import type { Seen } from './open-fleet.ts';
import { answersAs, ask, askable, askableClient, hearing, openFleet } from './open-fleet.ts';

const talkative = fixture('talkative.mjs');
const updated = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri } });
const seen = (link: FleetLink) => ask<Seen>(link, ['talk', 'seen']);
const tell = (link: FleetLink, notice: { method: string; params?: object }) =>
  ask(link, ['talk', 'tell'], { args: { ...notice, params: { ...notice.params } } });

describe('subscriptions', () => {
  test('reach the server once for all clients, end with the last of them, and each hears of its own alone', async () => {
    const fleet = openFleet({ talk: talkative });
    const [a, b] = [fleet.join(client('a')), fleet.join(client('b'))];
    const [heardA, heardB] = [hearing(a), hearing(b)];
    expect(await a.subscribe('talk', 'file:///x')).toEqual({ ok: true, result: {} });
    await b.subscribe('talk', 'file:///x');
    await b.subscribe('talk', 'file:///y');
    expect((await seen(a)).subscribed).toEqual(['file:///x', 'file:///y']);
    await tell(a, updated('file:///x'));
    await tell(a, updated('file:///y'));
    await tell(a, updated('file:///z'));
    const [x, y] = ['file:///x', 'file:///y'].map((uri) => ({ server: 'talk', ...updated(uri) }));
    expect(heardA).toEqual([x]);
    expect(heardB).toEqual([x, y]);
    await a.unsubscribe('talk', 'file:///x');
    expect((await seen(a)).unsubscribed).toEqual([]);
    b.close();
    await expect.poll(async () => (await seen(a)).unsubscribed.toSorted()).toEqual(['file:///x', 'file:///y']);
  });

  test('hear of a part of what they are for, and not of what only begins alike', async () => {
    const fleet = openFleet({ talk: talkative });
    const link = fleet.join(client('a'));
    const heard = hearing(link);
    await link.subscribe('talk', 'file:///dir');
    await tell(link, updated('file:///dir/part'));
    await tell(link, updated('file:///directory'));
    expect(heard.map(({ params }) => params['uri'])).toEqual(['file:///dir/part']);
  });

  test('stand again after the server has died, with the level, and what may have been missed is told', async () => {
    const fleet = openFleet({ talk: talkative }, { timings: { callWaitMs: 5000 } });
    const link = fleet.join(client('a'));
    await link.subscribe('talk', 'file:///x');
    link.setLogLevel('warning');
    const heard = hearing(link);
    const { pid } = await seen(link);
    await link.call('talk', { tool: 'die', params: {} });
    const again = await seen(link);
    expect(again.pid).not.toBe(pid);
    expect(again).toMatchObject({ subscribed: ['file:///x'], levels: ['warning'] });
    expect(heard).toEqual([
      { server: 'talk', method: 'notifications/prompts/list_changed', params: {} },
      { server: 'talk', method: 'notifications/resources/list_changed', params: {} },
      { server: 'talk', ...updated('file:///x') },
    ]);
  });

  test('follow a client to its own connection, and stay where they were made', async () => {
    const fleet = openFleet({ talk: talkative }, { capabilities: askable });
    const [a, b] = [fleet.join(askableClient('a')), fleet.join(askableClient('b'))];
    await b.subscribe('talk', 'file:///x');
    await ask(a, ['talk', 'ask'], { args: { method: 'elicitation/create' }, ask: answersAs('a') });
    const heard = hearing(b);
    // The connection is a's now; what b has subscribed to there is still told, and nothing else of a's.
    await tell(a, updated('file:///x'));
    await tell(a, { method: 'notifications/tasks/status', params: { of: 'a' } });
    expect(heard.map(({ method }) => method)).toEqual(['notifications/resources/updated']);
    expect(await b.unsubscribe('talk', 'file:///x')).toEqual({ ok: true, result: {} });
    expect((await seen(a)).unsubscribed).toEqual(['file:///x']);
  });

  test('at a server that is not there fail with the reason', async () => {
    const fleet = openFleet({ talk: fixture('crash.mjs') });
    await fleet.settled(5000);
    expect(await fleet.join(client('a')).subscribe('talk', 'x')).toMatchObject({
      ok: false,
      error: { code: -32603, data: { code: 'server_unavailable' } },
    });
  });

  test('of one link, which may be many clients, are 20,000 at most', async () => {
    const fleet = openFleet({ talk: talkative });
    const link = fleet.join(client('a'));
    const replies = await Promise.all(Array.from({ length: 20_001 }, (_, n) => link.subscribe('talk', `file:///${n}`)));
    expect(replies.filter(({ ok }) => !ok)).toMatchObject([{ error: { code: -32602 } }]);
  });
});

describe('at a modern server', () => {
  let http: HttpFixture;
  beforeAll(async () => {
    http = await startHttpFixture();
  });
  afterAll(() => http.close());

  test.each([
    ['stdio', () => fixture('modern-stdio.mjs', ['--modern-only'])],
    ['HTTP', () => ({ type: 'http', url: http.url('/modern'), headers: { 'x-key': 'secret' } }) as const],
  ])('subscriptions are heard over %s, without our own mark, until they end', async (kind, transport) => {
    const fleet = openFleet({ new: transport() });
    const [a, b] = [fleet.join(client('a')), fleet.join(client('b', { era: 'modern' }))];
    const [heardA, heardB] = [hearing(a), hearing(b)];
    expect(await a.subscribe('new', 'file:///x')).toEqual({ ok: true, result: {} });
    expect(await b.subscribe('new', 'file:///y')).toEqual({ ok: true, result: {} });
    const touch = async (uri: string): Promise<void> => {
      if (kind === 'HTTP') await http.command(`touch ${uri}`);
      else await a.call('new', { tool: 'touch', params: { arguments: { uri } } });
    };
    await touch('file:///x');
    await touch('file:///y');
    await until(() => heardA.length > 0 && heardB.length > 0);
    expect(heardA).toEqual([{ server: 'new', ...updated('file:///x') }]);
    expect(heardB).toEqual([{ server: 'new', ...updated('file:///y') }]);
    expect(await a.unsubscribe('new', 'file:///x')).toEqual({ ok: true, result: {} });
    await touch('file:///x');
    await touch('file:///y');
    await until(() => heardB.length === 2);
    expect(heardA).toHaveLength(1);
  });
});

describe('log messages', () => {
  const message = (level: string) => ({ method: 'notifications/message', params: { level, data: level } });

  test('each session gets those at or above its level, and the server is told the most verbose of them', async () => {
    const fleet = openFleet({ talk: talkative });
    const [a, b, idle] = [fleet.join(client('a')), fleet.join(client('b')), fleet.join(client('idle'))];
    const [heardA, heardB, heardIdle] = [hearing(a), hearing(b), hearing(idle)];
    idle.setLogLevel('info');
    a.setLogLevel('error');
    b.setLogLevel('info');
    expect((await seen(a)).levels.at(-1)).toBe('info');
    // Two requests of two clients are open, so the messages belong to one of them, and to nobody else.
    const open = [a, b].map((link) => ask(link, ['talk', 'wait'], { args: { ms: 200 } }));
    for (const level of ['debug', 'info', 'error']) await tell(a, message(level));
    await Promise.allSettled(open);
    expect(heardA.map(({ params }) => params['level'])).toEqual(['error']);
    expect(heardB).toMatchObject([message('info'), message('error')]);
    expect(heardB[0]).not.toHaveProperty('owners');
    expect(heardIdle).toEqual([]);
    idle.close();
    b.close();
    expect((await seen(a)).levels.at(-1)).toBe('error');
  });

  test('a session that never set a level gets what the server sends of itself, whatever less others have set', async () => {
    const fleet = openFleet({ talk: talkative });
    const [a, b] = [fleet.join(client('a')), fleet.join(client('b'))];
    const heard = hearing(b);
    a.setLogLevel('error');
    const open = [a, b].map((link) => ask(link, ['talk', 'wait'], { args: { ms: 200 } }));
    await tell(a, message('debug'));
    await Promise.allSettled(open);
    expect(heard.map(({ params }) => params['level'])).toEqual(['debug']);
    expect((await seen(a)).levels).toEqual([]);
    b.close();
    expect((await seen(a)).levels).toEqual(['error']);
    fleet.join(client('c'));
    expect((await seen(a)).levels).toEqual(['error', 'info']);
  });

  test('a session that never set a level is spared what another wants beyond the default', async () => {
    const fleet = openFleet({ talk: talkative });
    const [a, b] = [fleet.join(client('a')), fleet.join(client('b'))];
    const [heardA, heardB] = [hearing(a), hearing(b)];
    a.setLogLevel('debug');
    expect((await seen(a)).levels).toEqual(['debug']);
    const open = [a, b].map((link) => ask(link, ['talk', 'wait'], { args: { ms: 200 } }));
    for (const level of ['debug', 'info']) await tell(a, message(level));
    await Promise.allSettled(open);
    expect(heardA.map(({ params }) => params['level'])).toEqual(['debug', 'info']);
    expect(heardB.map(({ params }) => params['level'])).toEqual(['info']);
    // Those of its own requests too.
    for (const level of ['debug', 'info']) await tell(b, message(level));
    expect(heardB.map(({ params }) => params['level'])).toEqual(['info', 'info']);
  });

  test('a modern client gets those of its request that it asked for: the level is set before the request is sent', async () => {
    const fleet = openFleet({ talk: talkative });
    const link = fleet.join(client('m', { era: 'modern' }));
    const heard: unknown[] = [];
    const onNotice = ({ params }: { params: Record<string, unknown> }): void => void heard.push(params['level']);
    const tellOf = (level: string, logLevel?: string) =>
      ask(link, ['talk', 'tell'], { args: message(level), onNotice, ...(logLevel && { logLevel }) });
    await tellOf('warning', 'warning');
    await tellOf('info', 'warning');
    await tellOf('error');
    expect(heard).toEqual(['warning']);
    expect((await seen(link)).levels).toEqual(['warning']);
    await tellOf('debug', 'debug');
    expect(heard).toEqual(['warning', 'debug']);
    expect((await seen(link)).levels).toEqual(['warning', 'debug']);
  });

  test('a modern server is told the level with each request', async () => {
    const fleet = openFleet({ new: fixture('modern-stdio.mjs') });
    const link = fleet.join(client('a'));
    const level = async (logLevel?: string) =>
      (await ask(link, ['new', 'envelope'], logLevel === undefined ? {} : { logLevel }))[
        'io.modelcontextprotocol/logLevel'
      ];
    expect(await level()).toBeUndefined();
    link.setLogLevel('notice');
    expect([await level(), await level('debug')]).toEqual(['notice', 'debug']);
  });
});

test('a notification of a client does not go over a connection that another one has to itself', async () => {
  const fleet = openFleet({ talk: talkative }, { capabilities: askable });
  const [a, b] = [fleet.join(askableClient('a')), fleet.join(askableClient('b'))];
  await ask(a, ['talk', 'ask'], { args: { method: 'elicitation/create' }, ask: answersAs('a') });
  b.notify({ method: 'notifications/vendor', params: { of: 'b' } });
  b.setLogLevel('error');
  expect(await seen(a)).toMatchObject({ notices: [], levels: [] });
  b.notify({ method: 'notifications/vendor', params: { before: 'its first request' } });
  await seen(b);
  b.notify({ method: 'notifications/vendor', params: { of: 'b' } });
  expect((await seen(b)).notices).toEqual([{ method: 'notifications/vendor', params: { of: 'b' } }]);
});

test('clients that cannot be asked go on to hear a server that asks what nobody can declare', async () => {
  const fleet = openFleet({ talk: talkative });
  const [a, b] = [fleet.join(client('a')), fleet.join(client('b'))];
  const heard = hearing(b);
  await ask(a, ['talk', 'ask'], { args: { method: 'vendor/question' }, ask: answersAs('a') });
  await tell(a, { method: 'notifications/tasks/status' });
  expect(heard).toMatchObject([{ method: 'notifications/tasks/status' }]);
});

test('a notification of a client reaches its servers, and a modern one is spared what it does not know', async () => {
  const fleet = openFleet({ talk: talkative, new: fixture('modern-stdio.mjs', ['--modern-only']) });
  const [a, b] = [fleet.join(client('a')), fleet.join(client('b'))];
  await fleet.settled(5000);
  const notices = [
    { method: 'notifications/roots/list_changed', params: {} },
    { method: 'notifications/vendor', params: { a: 1 } },
  ];
  a.notify(notices[0]!);
  b.notify(notices[1]!);
  expect((await seen(a)).notices).toEqual(notices);
  expect(await ask<string[]>(a, ['new', 'notified'])).toEqual(['notifications/vendor']);
});
