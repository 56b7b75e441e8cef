import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ServerConfig, Transport } from '../../../src/config/config.ts';
import type { SendResult } from '../../../src/core/outcome.ts';
import type { Fleet } from '../../../src/upstream/fleet.ts';
import { createInstance, type Instance } from '../../../src/upstream/instance/instance.ts';
import { createFleetGroup } from '../../../src/upstream/link/fleet-group.ts';
import type { FleetLink } from '../../../src/upstream/link/fleet-link.ts';
import { createRoster } from '../../../src/upstream/reload/roster.ts';
import { answersAs, ask, askable, askableClient, hearing, openFleet, type Seen } from '../link/open-fleet.ts';
import { client, fixture, isRunning, serverConfig, silent, temporaryDirectory, textOf, until } from '../support.ts';

const configs = (servers: Record<string, Transport>): ServerConfig[] =>
  Object.entries(servers).map(([name, transport]) => serverConfig(transport, name));

/** Another program, for all that is known of it. */
const other = (target: Transport, value: string): Transport =>
  target.type === 'stdio' ? { ...target, env: { ...target.env, OTHER: value } } : target;

/** Another program of which nothing is known from other runs: its arguments differ. */
const slower = (target: Transport): Transport =>
  target.type === 'stdio' ? { ...target, args: [...target.args, '--list-delay', '300'] } : target;

/** A scripted server that writes down its process and its calls. */
function logged(): { target: Transport; log: () => { event: string; tool: string; key?: string; pid: number }[] } {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'log');
  const log = (): ReturnType<ReturnType<typeof logged>['log']> => {
    try {
      return readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    } catch {
      return [];
    }
  };
  return { target: fixture('scripted.mjs', [], { SCRIPT_LOG: file }), log };
}

const callOn = (link: FleetLink, server: string, tool: string, args = {}): Promise<SendResult> =>
  link.call(server, { tool, params: { arguments: args } });
const names = (fleet: Fleet): string[] => fleet.base.states().map(({ name }) => name);
const toolsOf = (fleet: Fleet, server: string): number =>
  fleet.base.sources().find((source) => source.server === server)?.tools.length ?? 0;

test('a server that is reached as before keeps its process, and its new policy is the one that is seen', async () => {
  const { target, log } = logged();
  const fleet = openFleet({ files: target });
  const link = fleet.join(client('a'));
  await callOn(link, 'files', 'echo');
  const [kept] = configs({ files: target });
  const policy = { ...kept!.policy, unannotated: 'destructive' } as const;
  fleet.apply([{ ...kept!, policy, timeoutMs: 1 }]);
  expect(fleet.base.sources()[0]!.policy).toBe(policy);
  await callOn(link, 'files', 'echo');
  expect(new Set(log().map(({ pid }) => pid)).size).toBe(1);
});

test('a server that is new is connected, and one that is gone ends: what runs there first, what comes is unknown_tool', async () => {
  const { target, log } = logged();
  const fleet = openFleet({ files: target });
  const link = fleet.join(client('a'));
  await callOn(link, 'files', 'echo');
  const running = callOn(link, 'files', 'sleep', { ms: 400 });
  await until(() => log().some(({ tool }) => tool === 'sleep'));
  fleet.apply(configs({ more: fixture('scripted.mjs') }));
  expect(names(fleet)).toEqual(['more']);
  expect(await callOn(link, 'files', 'echo')).toMatchObject({
    ok: false,
    sent: false,
    error: { code: 'unknown_tool' },
  });
  expect(textOf(await callOn(link, 'more', 'echo', { a: 1 }))).toBe('{"a":1}');
  expect(textOf(await running)).toBe('slept 400');
  await until(() => !isRunning(log()[0]!.pid));
  fleet.apply(configs({ files: target, more: fixture('scripted.mjs') }));
  expect(textOf(await callOn(link, 'files', 'echo', { b: 2 }))).toBe('{"b":2}');
  expect(names(fleet)).toEqual(['files', 'more']);
});

test('a server that is reached in another way has its calls end on the old connection, and takes new ones on the new one', async () => {
  const { target, log } = logged();
  const fleet = openFleet({ files: target });
  const link = fleet.join(client('a'));
  await fleet.settled(20_000);
  const known = toolsOf(fleet, 'files');
  // Longer than the new one takes to start where the machine has much else to do.
  const running = callOn(link, 'files', 'write', { key: 'slow', ms: 2_000 });
  await until(() => log().length === 1);
  const old = log()[0]!.pid;
  fleet.apply(configs({ files: slower(target) }));
  // What it offered stands until the new one has said what it does.
  expect(toolsOf(fleet, 'files')).toBe(known);
  await callOn(link, 'files', 'echo');
  const next = log().find(({ tool }) => tool === 'echo')!.pid;
  expect(next).not.toBe(old);
  expect(isRunning(old)).toBe(true);
  expect(textOf(await running)).toBe('wrote slow');
  await until(() => !isRunning(old));
  expect(fleet.base.states()).toMatchObject([{ name: 'files', state: 'ready' }]);
});

test('a call that waits for a server which cannot be started is sent once the configuration is mended', async () => {
  const fleet = openFleet({ files: fixture('hang.mjs') });
  const link = fleet.join(client('a'));
  const waiting = callOn(link, 'files', 'echo', { a: 1 });
  await until(() => fleet.base.states()[0]!.state === 'connecting');
  fleet.apply(configs({ files: fixture('scripted.mjs') }));
  expect(textOf(await waiting)).toBe('{"a":1}');
});

test('all groups of clients take part, and what one client has to itself is connected anew for it', async () => {
  const target = fixture('talkative.mjs');
  const fleet = openFleet({ talk: target }, { capabilities: {} });
  const first = fleet.join(askableClient('a'));
  const second = fleet.join(askableClient('b'));
  const seen = (link: FleetLink): Promise<Seen> => ask<Seen>(link, ['talk', 'seen']);
  // From a question on each has a connection of its own.
  const asked = (link: FleetLink, name: string): Promise<object> =>
    ask(link, ['talk', 'ask'], { args: { method: 'elicitation/create' }, ask: answersAs(name) });
  await asked(first, 'a');
  await asked(second, 'b');
  const before = [(await seen(first)).pid, (await seen(second)).pid];
  expect(before[0]).not.toBe(before[1]);
  fleet.apply(configs({ talk: other(target, '1') }));
  const after = [(await seen(first)).pid, (await seen(second)).pid];
  for (const pid of before) expect(after).not.toContain(pid);
  expect((await seen(first)).capabilities).toEqual(askable);
  expect(await asked(second, 'b')).toMatchObject({ result: { from: 'b' } });
  await until(() => !before.some(isRunning));
});

test('a question that is with its client is answered on the old connection', async () => {
  const target = fixture('talkative.mjs');
  const fleet = openFleet({ talk: target }, { capabilities: askable });
  const link = fleet.join(askableClient('a'));
  let isAsked = false;
  let answer = (): void => {};
  const answered = ask(link, ['talk', 'ask'], {
    args: { method: 'elicitation/create' },
    ask: () =>
      new Promise((resolve) => {
        isAsked = true;
        answer = () => resolve({ ok: true, result: { action: 'accept' } });
      }),
  });
  await until(() => isAsked);
  fleet.apply(configs({ talk: other(target, '1') }));
  await ask(link, ['talk', 'seen']);
  answer();
  expect(await answered).toEqual({ result: { action: 'accept' } });
});

test('what a client has subscribed to is subscribed to again, and it is told that it may have changed', async () => {
  const target = fixture('talkative.mjs');
  const fleet = openFleet({ talk: target });
  const link = fleet.join(client('a'));
  expect(await link.subscribe('talk', 'test://one')).toMatchObject({ ok: true });
  const heard = hearing(link);
  fleet.apply(configs({ talk: other(target, '1') }));
  await until(() => heard.some(({ method }) => method === 'notifications/resources/updated'));
  expect(heard.find(({ method }) => method === 'notifications/resources/updated')!.params).toEqual({
    uri: 'test://one',
  });
  expect((await ask<Seen>(link, ['talk', 'seen'])).subscribed).toEqual(['test://one']);
});

test('a server that waits to be tried again after failures is tried at once, though nothing of it has changed', () => {
  const config = serverConfig(fixture('hang.mjs'), 'x');
  let tries = 0;
  const open = (): Instance => {
    const made = createInstance({ server: config, logger: silent, asking: { has: () => false, add() {} } });
    return { ...made, upstream: { ...made.upstream, retry: () => void (tries += 1) } };
  };
  const group = createFleetGroup({ servers: createRoster([config]), open, retire: () => Promise.resolve() });
  group.drop(new Set());
  group.renew(new Set());
  expect(tries).toBe(1);
});

test('a fleet that closes waits for nothing that is on its way out', async () => {
  const { target, log } = logged();
  const fleet = openFleet({ files: target });
  const link = fleet.join(client('a'));
  const running = callOn(link, 'files', 'sleep', { ms: 60_000 });
  await until(() => log().length === 1);
  fleet.apply([]);
  const startedMs = performance.now();
  await fleet.close();
  expect(performance.now() - startedMs).toBeLessThan(2_900);
  expect(await running).toMatchObject({ ok: false, error: { code: 'connection_lost' } });
  expect(isRunning(log()[0]!.pid)).toBe(false);
  fleet.apply(configs({ files: target }));
  expect(names(fleet)).toEqual([]);
});
