import { createRequire } from 'node:module';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Transport } from '../../../src/config/config.ts';
import type { Client } from '../../../src/core/protocol/client.ts';
import type { FleetGroup } from '../../../src/upstream/link/fleet-group.ts';
import { client, fixture, recordingLogger, until } from '../support.ts';
import type { Seen } from './open-fleet.ts';
import { ask, askable, askableClient, hearing, openFleet } from './open-fleet.ts';

const talkative = fixture('talkative.mjs');
const modern = fixture('modern-stdio.mjs', ['--modern-only']);
const tools = (group: FleetGroup, server: string): string[] =>
  group
    .sources()
    .filter((source) => source.server === server)
    .flatMap((source) => source.tools.map(({ name }) => name));

afterEach(() => {
  vi.useRealTimers();
});

describe('clients with different capabilities', () => {
  test('see the tools that a server has for each: the reference server offers more to those who can do more', async () => {
    const file = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
    const everything: Transport = {
      type: 'stdio',
      command: process.execPath,
      args: [file, 'stdio'],
      env: {},
      cwd: process.cwd(),
    };
    const fleet = openFleet({ all: everything });
    const able = fleet.join(askableClient('able'));
    const plain = fleet.join(client('plain'));
    await until(() => tools(able.group, 'all').length > tools(plain.group, 'all').length, 20_000);
    expect(tools(plain.group, 'all')).toHaveLength(13);
    expect(plain.group).toBe(fleet.base);
  });

  test('have connections of their own to a legacy server, opened with what they can do, and share one to a modern one', async () => {
    const fleet = openFleet({ talk: talkative, new: modern });
    const [able, same, plain] = [
      fleet.join(askableClient('a')),
      fleet.join(askableClient('b')),
      fleet.join(client('c')),
    ];
    const [ofAble, ofSame, ofPlain] = [
      await ask<Seen>(able, ['talk', 'seen']),
      await ask<Seen>(same, ['talk', 'seen']),
      await ask<Seen>(plain, ['talk', 'seen']),
    ];
    expect(ofAble).toMatchObject({ capabilities: askable, pid: ofSame.pid });
    expect(ofPlain.capabilities).toEqual({});
    expect(tools(able.group, 'talk')).toContain('ask');
    expect(tools(plain.group, 'talk')).not.toContain('ask');
    const key = 'io.modelcontextprotocol/clientCapabilities';
    expect((await ask(able, ['new', 'envelope']))[key]).toEqual(askable);
    expect((await ask(plain, ['new', 'envelope']))[key]).toEqual({});
    expect(able.group.states()[1]).toEqual(plain.group.states()[1]);
  });

  test('tasks are declared to legacy servers, and not to modern ones, where they are another matter', async () => {
    const extensions = { 'io.modelcontextprotocol/tasks': {}, 'example.com/other': {} };
    const capabilities = { roots: {}, tasks: { list: {} }, extensions };
    const fleet = openFleet({ talk: talkative, new: modern }, { capabilities });
    const link = fleet.join(client('a', { capabilities }));
    expect((await ask<Seen>(link, ['talk', 'seen'])).capabilities).toEqual(capabilities);
    expect((await ask(link, ['new', 'envelope']))['io.modelcontextprotocol/clientCapabilities']).toEqual({
      roots: {},
      extensions: { 'example.com/other': {} },
    });
  });

  test('more than sixteen kinds of clients: the rest are served as if they could do nothing, and the log says so', async () => {
    const { logger, lines } = recordingLogger();
    const fleet = openFleet({ new: modern }, { logger });
    const links = Array.from({ length: 16 }, (_, n) =>
      fleet.join(client(`${n}`, { capabilities: { experimental: { kind: { n } } } })),
    );
    expect(new Set(links.map(({ group }) => group)).size).toBe(16);
    expect(links.at(-1)!.group).toBe(fleet.base);
    expect(lines().filter(({ msg }) => String(msg).includes('different capabilities'))).toHaveLength(1);
    links[0]!.close();
    expect(fleet.join(client('x', { capabilities: { experimental: {} } })).group).not.toBe(fleet.base);
  });
});

describe('a group', () => {
  test('lives on for a while after its last client, and ends then; the base group stays', async () => {
    const other = (id: string): Client => client(id, { capabilities: { experimental: { own: {} } } });
    const fleet = openFleet({ talk: talkative }, { timings: { groupLingerMs: 200 } });
    const first = fleet.join(other('a'));
    const { pid } = await ask<Seen>(first, ['talk', 'seen']);
    first.close();
    const second = fleet.join(other('b'));
    expect(second.group).toBe(first.group);
    expect((await ask<Seen>(second, ['talk', 'seen'])).pid).toBe(pid);
    second.close();
    await second.group.ended;
    const third = fleet.join(other('c'));
    expect(third.group).not.toBe(first.group);
    expect((await ask<Seen>(third, ['talk', 'seen'])).pid).not.toBe(pid);
    expect(fleet.base.states()).toMatchObject([{ state: 'ready' }]);
  });

  test('tells what is known of a server before it is known how it is spoken to, and its calls wait for that', async () => {
    const fleet = openFleet(
      { hung: fixture('hang.mjs'), talk: talkative },
      { timings: { callWaitMs: 300, probeMs: 100 } },
    );
    const link = fleet.join(askableClient('a'));
    expect(link.group.states()).toMatchObject([
      { name: 'hung', state: 'connecting' },
      { name: 'talk', state: 'connecting' },
    ]);
    expect(link.group.offers()).toMatchObject([{ server: 'hung', toolList: {} }, { server: 'talk' }]);
    const waiting: boolean[] = [];
    const setWaiting = (isWaiting: boolean): void => void waiting.push(isWaiting);
    expect(await link.call('hung', { tool: 'x', params: {}, setWaiting })).toMatchObject({
      ok: false,
      sent: false,
      error: { code: 'server_unavailable' },
    });
    expect(waiting[0]).toBe(true);
    const abort = new AbortController();
    const cancelled = link.call('hung', { tool: 'x', params: {}, signal: abort.signal });
    abort.abort();
    expect(await cancelled).toMatchObject({ ok: false, sent: false, error: { code: 'cancelled' } });
  });

  test('settles when each of its servers is ready or has failed', async () => {
    const fleet = openFleet({ broken: fixture('crash.mjs'), talk: talkative });
    const link = fleet.join(askableClient('a'));
    await link.group.settled(10_000);
    expect(link.group.states().map(({ state }) => state)).toEqual(['failed', 'ready']);
  });

  test('hears of no server that is not configured', async () => {
    const link = openFleet({}).join(client('a'));
    expect(await link.request('nobody', { method: 'x', params: {} })).toMatchObject({
      ok: false,
      error: { data: { code: 'server_unavailable' } },
    });
  });
});

describe('what a server says of itself', () => {
  test('is known as it was said, with what we do not know', async () => {
    const fleet = openFleet({ talk: talkative, new: modern });
    await fleet.settled(5000);
    expect(fleet.base.offers()).toMatchObject([
      {
        server: 'talk',
        era: 'legacy',
        instructions: 'Listen to me.',
        capabilities: { 'example.com/unknown': { kept: true }, resources: { subscribe: true } },
        toolList: { ttlMs: 5000, 'x-list': 'kept' },
      },
      { server: 'new', era: 'modern', capabilities: { tools: { listChanged: true } } },
    ]);
  });

  test('any request gets its answer as it is, an error with its code and data', async () => {
    const link = openFleet({ talk: talkative }).join(client('a'));
    const params = { x: [1, null], _meta: { traceparent: 't' } };
    expect(await link.request('talk', { method: 'vendor/echo', params })).toEqual({
      ok: true,
      result: { given: params, 'x-own': true },
    });
    expect(await link.request('talk', { method: 'vendor/fail', params: {} })).toEqual({
      ok: false,
      error: { code: -32050, message: 'no', data: { deep: [{ why: 1 }] } },
    });
  });

  test('a client that has left hears nothing more', async () => {
    const fleet = openFleet({ talk: talkative });
    const [a, b] = [fleet.join(client('a')), fleet.join(client('b'))];
    const heard = hearing(a);
    const changed = { method: 'notifications/prompts/list_changed' };
    await ask(b, ['talk', 'tell'], { args: changed });
    a.close();
    await ask(b, ['talk', 'tell'], { args: changed });
    expect(heard).toHaveLength(1);
  });
});
