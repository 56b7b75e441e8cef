import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Transport } from '../../src/config/config.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { SendResult } from '../../src/core/outcome.ts';
import type { Fleet, FleetOptions } from '../../src/upstream/fleet.ts';
import { createFleet } from '../../src/upstream/fleet.ts';
import { profileOf } from '../../src/upstream/instance/capabilities.ts';
import { createKeptCatalog } from '../../src/upstream/kept-catalog.ts';
import {
  client,
  fixture,
  isRunning,
  recordingLogger,
  serverConfig,
  silent,
  temporaryDirectory,
  textOf,
  until,
} from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
const opened: Fleet[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((fleet) => fleet.close()));
  directory.remove();
});

function open(servers: Record<string, Transport>, options: Partial<FleetOptions> = {}): Fleet {
  const configs = Object.entries(servers).map(([name, transport]) => serverConfig(transport, name));
  const fleet = createFleet({ servers: configs, logger: silent, stateDir: directory.path, ...options });
  opened.push(fleet);
  fleet.start();
  return fleet;
}

const toolNames = (fleet: Fleet, server: string): string[] =>
  fleet.base
    .sources()
    .find((source) => source.server === server)
    ?.tools.map(({ name }) => name) ?? [];

/** A call of a client that can do nothing beside. */
const call = (fleet: Fleet, server: string, tool: string, args: JsonObject = {}): Promise<SendResult> =>
  fleet.join(client('anyone')).call(server, { tool, params: { arguments: args } });

const files = (): string[] => readdirSync(join(directory.path, 'catalog'));
const keep = async (servers: Record<string, Transport>): Promise<void> => {
  const fleet = open(servers);
  await fleet.settled(5000);
  await fleet.close();
};

function pidOf(entry: string): number {
  const { pid }: { pid: number } = JSON.parse(entry);
  return pid;
}

describe('many servers', () => {
  test('a server that hangs or is missing never holds the others', async () => {
    const missing: Transport = { ...fixture('hang.mjs'), command: 'no-such-program-anywhere' };
    const fleet = open({ hung: fixture('hang.mjs'), missing, files: fixture('scripted.mjs') });
    expect(textOf(await call(fleet, 'files', 'echo', { a: 1 }))).toBe('{"a":1}');
    await until(() => fleet.base.states()[1]!.state === 'failed');
    expect(fleet.base.states()).toMatchObject([
      { name: 'hung', state: 'connecting', toolCount: 0 },
      { name: 'missing', state: 'failed', reason: expect.stringContaining('was not found') },
      { name: 'files', state: 'ready', era: 'legacy', serverInfo: { name: 'scripted' } },
    ]);
  });

  test('settled waits for each to be ready or to have failed, and no longer than it is told', async () => {
    const fleet = open({ broken: fixture('crash.mjs'), files: fixture('scripted.mjs') });
    await fleet.settled(10_000);
    expect(fleet.base.states().map(({ state }) => state)).toEqual(['failed', 'ready']);
    const hung = open({ hung: fixture('hang.mjs') });
    const startedMs = performance.now();
    await hung.settled(100);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  test('a server that is not enabled is not started, and a call to it says so', async () => {
    const server = { ...serverConfig(fixture('scripted.mjs')), enabled: false };
    const fleet = createFleet({ servers: [server], logger: silent, stateDir: directory.path });
    fleet.start();
    await fleet.settled(1000);
    expect(fleet.base.sources()).toEqual([]);
    expect(await call(fleet, 'files', 'echo')).toMatchObject({
      ok: false,
      sent: false,
      error: { code: 'unknown_tool' },
    });
  });

  test('changes are told to whoever listens, until they stop listening', async () => {
    const fleet = open({ files: fixture('scripted.mjs') }, { timings: { relistGapMs: 10 } });
    let told = 0;
    const stop = fleet.base.onChange(() => (told += 1));
    await fleet.settled(5000);
    const whenReady = told;
    expect(whenReady).toBeGreaterThan(0);
    await call(fleet, 'files', 'change_tools');
    await until(() => toolNames(fleet, 'files').includes('new_1'));
    expect(told).toBeGreaterThan(whenReady);
    stop();
    const whenStopped = told;
    await call(fleet, 'files', 'change_tools');
    await until(() => toolNames(fleet, 'files').includes('new_2'));
    expect(told).toBe(whenStopped);
  });

  test.each([
    'notifications/tools/list_changed',
    'notifications/resources/updated',
    'notifications/resources/list_changed',
    'notifications/prompts/list_changed',
  ])('what a server answered before it says %s may not hold any more', async (method) => {
    const stale: string[] = [];
    const fleet = open({ files: fixture('scripted.mjs') }, { onStale: (server) => stale.push(server) });
    await fleet.settled(5000);
    stale.length = 0;
    await call(fleet, 'files', 'announce', { method: 'notifications/message' });
    await call(fleet, 'files', 'echo');
    expect(stale).toEqual([]);
    await call(fleet, 'files', 'announce', { method });
    expect(stale).toEqual(['files']);
  });

  test('what a server answered before its connection ended may not hold any more', async () => {
    const stale: string[] = [];
    const fleet = open({ files: fixture('scripted.mjs') }, { onStale: (server) => stale.push(server) });
    await fleet.settled(5000);
    stale.length = 0;
    await call(fleet, 'files', 'die');
    await until(() => stale.length > 0);
    expect(fleet.base.states()[0]!.state).toBe('connecting');
  });

  test('close ends every process within 3 s, also of servers that will not go', async () => {
    const log = join(directory.path, 'log');
    const fleet = open({
      stubborn: fixture('scripted.mjs', ['--stubborn'], { SCRIPT_LOG: log }),
      files: fixture('scripted.mjs', [], { SCRIPT_LOG: log }),
    });
    await Promise.all([call(fleet, 'stubborn', 'echo'), call(fleet, 'files', 'echo')]);
    const entries = readFileSync(log, 'utf8').trim().split('\n');
    const pids = new Set(entries.map((entry) => pidOf(entry)));
    expect(pids.size).toBe(2);
    const startedMs = performance.now();
    await fleet.close();
    expect(performance.now() - startedMs).toBeLessThan(3100);
    await until(() => ![...pids].some((pid) => isRunning(pid)), 200);
  });
});

describe('the kept catalogue', () => {
  const talk = { talk: fixture('talkative.mjs') };
  const able = { elicitation: {} };
  const start = (capabilities: JsonObject): Fleet => {
    const fleet = createFleet({ servers: [serverConfig(talk.talk, 'talk')], logger: silent, stateDir: directory.path });
    opened.push(fleet);
    fleet.start(capabilities);
    return fleet;
  };

  test('of clients that can do less is not taken for what those see who can do more: theirs is a first start', async () => {
    await keep(talk);
    const first = start(able);
    expect(toolNames(first, 'talk')).toEqual([]);
    expect(first.base.states()).toMatchObject([{ toolCount: 0, isKnown: false }]);
    expect(first.base.offers()).toMatchObject([{ instructions: 'Listen to me.' }]);
    await first.settled(5000);
    expect(toolNames(first, 'talk')).toContain('ask');
    await first.close();

    const second = start(able);
    expect(toolNames(second, 'talk')).toContain('ask');
    expect(second.base.states()).toMatchObject([{ state: 'connecting', isKnown: true }]);
    await second.close();
    const plain = start({});
    expect(toolNames(plain, 'talk')).toContain('seen');
    expect(toolNames(plain, 'talk')).not.toContain('ask');
    expect(files()).toHaveLength(2);
  });

  test('of clients that come beside the first ones is their own, in the same run and in the next', async () => {
    await keep(talk);
    const toolsOf = (link: { group: Pick<Fleet['base'], 'sources'> }): string[] =>
      link.group.sources().flatMap(({ tools }) => tools.map(({ name }) => name));
    const fleet = start({});
    const link = fleet.join(client('a', { capabilities: able }));
    expect(toolsOf(link)).toEqual([]);
    expect(link.group.states()).toMatchObject([{ toolCount: 0, isKnown: false }]);
    await until(() => toolsOf(link).includes('ask'));
    await until(() => files().length === 2);
    await fleet.close();

    const next = start({});
    const again = next.join(client('a', { capabilities: able }));
    expect(toolsOf(again)).toContain('ask');
    expect(again.group.states()).toMatchObject([{ isKnown: true }]);
    expect(toolNames(next, 'talk')).not.toContain('ask');
  });

  test('of a server that clients see through another connection is not shown before that is known', async () => {
    await keep(talk);
    const file = join(directory.path, 'catalog', files()[0]!);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"verdictAt":\d+/, '"verdictAt":0'));
    const link = start({}).join(client('a', { capabilities: able }));
    expect(link.group.sources()).toMatchObject([{ tools: [] }]);
    expect(link.group.states()).toMatchObject([{ toolCount: 0, isKnown: false }]);
    expect(link.group.offers()).toMatchObject([{ toolList: {} }]);
  });

  test('is kept for eight kinds of clients of a server at most: the oldest goes, and never that of clients that can do nothing', async () => {
    const catalog = createKeptCatalog({ stateDir: directory.path, logger: silent });
    const server = serverConfig(talk.talk, 'talk');
    const other = serverConfig(talk.talk, 'talk-more');
    const profiles = Array.from({ length: 10 }, (_, n) => profileOf({ experimental: { kind: { n } } }));
    const kept = { tools: [], verdict: { kind: 'legacy' } } as const;
    for (const one of [server, other]) await catalog.save({ server: one, profile: profileOf({}) }, kept);
    const past = files().map((name) => join(directory.path, 'catalog', name));
    for (const [n, profile] of profiles.entries()) {
      await catalog.save({ server, profile }, kept);
      const fresh = files().map((name) => join(directory.path, 'catalog', name));
      for (const path of fresh.filter((name) => !past.includes(name))) utimesSync(path, n + 1, n + 1);
      past.push(...fresh);
    }
    expect(files()).toHaveLength(8 + 1);
    const isThere = (profile: string): boolean => catalog.load({ server, profile }) !== undefined;
    expect(profiles.map((profile) => isThere(profile))).toEqual(profiles.map((_, n) => n >= 3));
    expect(isThere(profileOf({}))).toBe(true);
    expect(catalog.load({ server: other, profile: profileOf({}) })).toBeDefined();
  });

  test('tools of the last run are there before any server has been started', async () => {
    const works = fixture('scripted.mjs');
    await keep({ files: works });
    const fleet = createFleet({ servers: [serverConfig(works, 'files')], logger: silent, stateDir: directory.path });
    opened.push(fleet);
    expect(toolNames(fleet, 'files')).toContain('echo');
    expect(fleet.base.states()).toMatchObject([{ state: 'connecting', toolCount: 18 }]);
  });

  test('what a server has said of itself is known before it has been started, too', async () => {
    const talkative = fixture('talkative.mjs');
    await keep({ talkative });
    const fleet = createFleet({
      servers: [serverConfig(talkative, 'talkative')],
      logger: silent,
      stateDir: directory.path,
    });
    opened.push(fleet);
    expect(fleet.base.offers()).toMatchObject([
      {
        instructions: 'Listen to me.',
        capabilities: { 'example.com/unknown': { kept: true } },
        toolList: { ttlMs: 5000, 'x-list': 'kept' },
      },
    ]);
    expect(fleet.base.offers()[0]).not.toHaveProperty('era');
  });

  test('a file of an earlier version, without what a server says of itself, is read as before', async () => {
    const works = fixture('scripted.mjs');
    await keep({ files: works });
    const file = join(directory.path, 'catalog', files()[0]!);
    const { words: _, toolList: __, ...old }: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(old));
    const fleet = createFleet({ servers: [serverConfig(works, 'files')], logger: silent, stateDir: directory.path });
    opened.push(fleet);
    expect(toolNames(fleet, 'files')).toContain('echo');
    expect(fleet.base.offers()).toEqual([{ server: 'files', toolList: {} }]);
  });

  test('a run that ends before all could answer keeps nothing: the next one would take a part for the whole', async () => {
    const fleet = open({ files: fixture('scripted.mjs'), hung: fixture('hang.mjs') });
    await until(() => toolNames(fleet, 'files').length > 0);
    await fleet.close();
    expect(existsSync(join(directory.path, 'catalog'))).toBe(false);
  });

  test('a remembered modern server is connected without asking again, and works', async () => {
    const modern = fixture('modern-stdio.mjs');
    await keep({ modern });
    const kept: object = JSON.parse(readFileSync(join(directory.path, 'catalog', files()[0]!), 'utf8'));
    expect(kept).toMatchObject({ version: 1, verdict: { kind: 'modern', discover: {} } });
    const fleet = open({ modern });
    expect(await call(fleet, 'modern', 'add', { a: 2, b: 3 })).toMatchObject({ ok: true });
  });

  test('another command has another file; another secret has not', async () => {
    await keep({ files: fixture('scripted.mjs', [], { TOKEN: 'hunter2' }) });
    await keep({ files: fixture('scripted.mjs', [], { TOKEN: 'swordfish' }) });
    expect(files()).toHaveLength(1);
    await keep({ files: fixture('scripted.mjs', ['--page-size', '3']) });
    expect(files()).toHaveLength(2);
    const everything = files().map((name) => name + readFileSync(join(directory.path, 'catalog', name), 'utf8'));
    expect(everything.join('')).not.toMatch(/hunter2|swordfish/);
  });

  test.runIf(process.platform !== 'win32')(
    'files are for their owner alone, and no half-written ones stay',
    async () => {
      await keep({ '../odd name': fixture('scripted.mjs') });
      expect(files()).toEqual([expect.stringMatching(/^___odd_name-[0-9a-f]{16}\.json$/)]);
      expect(statSync(join(directory.path, 'catalog')).mode & 0o777).toBe(0o700);
      expect(statSync(join(directory.path, 'catalog', files()[0]!)).mode & 0o777).toBe(0o600);
    },
  );

  test.each([
    ['corrupt', '{"version":1,"tools":[{"name":"ec'],
    ['of another version', '{"version":2,"tools":[],"verdictAt":1}'],
    ['with tools that are none', '{"version":1,"tools":[{"title":"x"}],"verdictAt":1}'],
    ['oversized', `{"version":1,"verdictAt":1,"tools":[],"x":"${'x'.repeat(21 * 1024 * 1024)}"}`],
  ])('a file that is %s counts as none, and the log says so', async (_, text) => {
    const server = fixture('scripted.mjs');
    await keep({ files: server });
    const file = join(directory.path, 'catalog', files()[0]!);
    writeFileSync(file, text);
    const { logger, lines } = recordingLogger();
    const fleet = createFleet({ servers: [serverConfig(server, 'files')], logger, stateDir: directory.path });
    expect(toolNames(fleet, 'files')).toEqual([]);
    expect(lines()).toMatchObject([{ level: 20, server: 'files', msg: expect.stringMatching(/kept tool list/) }]);
  });

  test('a state directory that cannot be written costs a warning and nothing else', async () => {
    const file = join(directory.path, 'a-file');
    writeFileSync(file, '');
    const { logger, lines } = recordingLogger();
    const fleet = open({ files: fixture('scripted.mjs') }, { stateDir: file, logger });
    expect((await call(fleet, 'files', 'echo')).ok).toBe(true);
    await until(() => lines().some(({ msg }) => msg === 'the tool list cannot be kept for the next start'));
  });
});

test('a call of a tool that is withheld by then is not sent, also where it has waited for the connection', async () => {
  const withheld = new Set<string>();
  const log = join(directory.path, 'calls.jsonl');
  const fleet = open({ files: fixture('scripted.mjs', [], { SCRIPT_LOG: log }) });
  const link = fleet.join(client('one'), { isWithheld: (server, tool) => withheld.has(`${server}/${tool}`) });
  const waiting = link.call('files', { tool: 'echo', params: {} });
  withheld.add('files/echo');
  expect(await waiting).toMatchObject({ ok: false, sent: false, error: { code: 'cancelled' } });
  expect(await link.call('files', { tool: 'echo', params: {} })).toMatchObject({ ok: false, sent: false });
  expect(existsSync(log)).toBe(false);
  expect(await link.call('files', { tool: 'lists', params: {} })).toMatchObject({ ok: true });
  expect(await fleet.join(client('two')).call('files', { tool: 'echo', params: {} })).toMatchObject({ ok: true });
});
