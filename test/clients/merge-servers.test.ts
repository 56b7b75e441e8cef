import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientIds } from '../../src/clients/client.ts';
import type { ClientId, ClientServer, ServerEntry } from '../../src/clients/client.ts';
import { mergeServers, toServerName } from '../../src/clients/merge-servers.ts';
import { configSchema } from '../../src/config/schema/config-schema.ts';
import { cpuMs } from '../cpu-ms.ts';

type Program = Extract<ServerEntry['launch'], { command: string }>;
type Remote = Extract<ServerEntry['launch'], { url: string }>;

/** A server of a client, started with `x` where it is not told otherwise. */
function found(
  client: ClientId,
  name: string,
  launch: Partial<Program> | (Partial<Remote> & { url: string }),
  rest: Partial<ServerEntry> = {},
): ClientServer {
  const whole: ServerEntry['launch'] =
    'url' in launch ? { type: 'http', headers: {}, ...launch } : { command: 'x', args: [], env: {}, ...launch };
  const entry: ServerEntry = { launch: whole, enabled: true, inputs: [], left: [], ...rest };
  return { client, name, place: { file: `${client}.json`, line: 1, column: 1 }, launch: whole, entry };
}

function summaryOf(servers: readonly ClientServer[], taken?: readonly string[]): string[] {
  return mergeServers(servers, taken && { taken }).map(({ name, clients }) => `${name}: ${clients.join()}`);
}

describe('the same server of several clients is one', () => {
  test('with the clients that have it, and the name that the first one gives it', () => {
    const memory = { command: 'npx', args: ['-y', 'memory'] };
    expect(
      summaryOf([
        found('claude-code', 'memory', memory),
        found('cursor', 'mem', { command: 'npx', args: ['memory'] }),
        found('cursor', 'forge', { url: 'http://h/mcp' }),
        found('zed', 'forge', { url: 'http://h/mcp/' }),
        found('zed', 'other', { command: 'npx', args: ['other'] }),
      ]),
    ).toEqual(['memory: claude-code,cursor', 'forge: cursor,zed', 'other: zed']);
  });

  test('with what any of them sets, the longest patience, and switched on where one of them has it so', () => {
    const [server] = mergeServers([
      found('cline', 'a', { env: { A: '1' } }, { enabled: false, timeoutMs: 1000, left: [{ key: 'k', reason: 'r' }] }),
      found('zed', 'a', { env: { B: '2' } }, { timeoutMs: 5000, left: [{ key: 'k', reason: 'r' }] }),
    ]);
    expect(server?.entry).toEqual({
      launch: { command: 'x', args: [], env: { A: '1', B: '2' } },
      enabled: true,
      timeoutMs: 5000,
      inputs: [],
      left: [{ key: 'k', reason: 'r' }],
    });
    expect(server?.found.map(({ client }) => client)).toEqual(['cline', 'zed']);
  });

  test('but not where they set the same to something else, start elsewhere, or speak otherwise', () => {
    expect(
      summaryOf([
        found('cline', 'work', { env: { TOKEN: 'a' } }),
        found('zed', 'home', { env: { TOKEN: 'b' } }),
        found('roo', 'sub', { cwd: '/sub' }),
        found('roo', 'http', { url: 'http://h/' }),
        found('roo', 'sse', { type: 'sse', url: 'http://h/' }),
      ]),
    ).toEqual(['work: cline', 'home: zed', 'sub: roo', 'http: roo', 'sse: roo']);
  });
});

describe('names', () => {
  test('one for different servers is made several, by their clients', () => {
    const launch = (path: string): object => ({ args: [path] });
    expect(
      summaryOf(
        [
          found('claude-code', 'files', launch('a')),
          found('cursor', 'files', launch('b')),
          found('cursor', 'Files', launch('c')),
          found('zed', 'other', launch('d')),
        ],
        ['Other'],
      ),
    ).toEqual(['files: claude-code', 'files-cursor: cursor', 'Files-cursor-2: cursor', 'other-zed: zed']);
  });

  test.each([
    ['code forge', 'code-forge'],
    ['io.github.some/server', 'io-github-some-server'],
    ['a__b_', 'a_b'],
    ['__proto__', 'proto'],
    ['constructor', 'constructor-server'],
    ['Recipe', 'Recipe-server'],
    ['サーバー', 'server'],
    ['', 'server'],
    [`${'a'.repeat(39)}-b`, 'a'.repeat(39)],
  ])('%j becomes %j', (name, ours) => {
    expect(toServerName(name)).toBe(ours);
  });

  test('whatever clients call their servers, each gets a name of its own that a configuration takes', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('a', 'A', 'a_', 'recipe', '__proto__', 'a'.repeat(60)));
    const server = fc.tuple(fc.constantFrom(...clientIds), name);
    fc.assert(
      fc.property(fc.array(server, { maxLength: 30 }), (all) => {
        const merged = mergeServers(all.map(([client, one], index) => found(client, one, { args: [String(index)] })));
        const names = merged.map((one) => one.name);
        expect(new Set(names.map((one) => one.toLowerCase())).size).toBe(all.length);
        const servers = Object.fromEntries(names.map((one) => [one, { command: 'x' }]));
        expect(configSchema.safeParse({ version: 1, servers }).error).toBeUndefined();
      }),
    );
  });
});

test('what would start mcp-marshal itself, or launches nothing, is left out', () => {
  const { entry: _, ...bare } = found('zed', 'bare', {});
  expect(summaryOf([found('zed', 'm', { command: 'npx', args: ['-y', 'mcp-marshal', 'serve'] }), bare])).toEqual([]);
});

test('ten thousand servers take no time', () => {
  const all = Array.from({ length: 10_000 }, (_, index) =>
    found('zed', 'same', { env: { N: String(index % 5) }, args: [String(index)] }),
  );
  const started = cpuMs();
  expect(mergeServers(all)).toHaveLength(10_000);
  expect(cpuMs() - started).toBeLessThan(10_000);
});
