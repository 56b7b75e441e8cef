import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { clientIds } from '../../../src/clients/client.ts';
import type { ClientId, ServerEntry } from '../../../src/clients/client.ts';
import { entryForms } from '../../../src/clients/entry/entry-forms.ts';
import { toServerEntry } from '../../../src/clients/entry/to-server-entry.ts';
import type { ReadEntry } from '../../../src/clients/entry/to-server-entry.ts';
import type { ExpansionPlace } from '../../../src/clients/entry/variable-syntax.ts';
import { cpuMs } from '../../cpu-ms.ts';

function read(client: ClientId, raw: JsonObject, changed: Partial<ExpansionPlace> = {}): ReadEntry {
  const place = {
    client,
    home: '/home/ann',
    workspace: '/src/app',
    directory: '/home/ann/.cfg',
    isWindows: false,
    isOfAllFolders: true,
    asked: new Map(),
    ...changed,
  };
  return toServerEntry(raw, { form: entryForms[client], place });
}

function launchOf(
  client: ClientId,
  raw: JsonObject,
  changed?: Partial<ExpansionPlace>,
): ServerEntry['launch'] | undefined {
  return read(client, raw, changed).entry?.launch;
}

describe('an address is reached as its client reaches it', () => {
  test.each<[ClientId, JsonObject, 'http' | 'sse']>([
    ['claude-code', { type: 'http', url: 'http://h/' }, 'http'],
    ['claude-code', { type: 'sse', url: 'http://h/' }, 'sse'],
    ['claude-code', { url: 'http://h/' }, 'http'],
    ['roo', { type: 'streamable-http', url: 'http://h/' }, 'http'],
    ['cline', { type: 'streamableHttp', url: 'http://h/' }, 'http'],
    ['cline', { transportType: 'http', url: 'http://h/' }, 'http'],
    ['cline', { url: 'http://h/' }, 'sse'],
    ['gemini-cli', { url: 'http://h/' }, 'sse'],
    ['gemini-cli', { url: 'http://h/', type: 'http' }, 'http'],
    ['gemini-cli', { httpUrl: 'http://h/', url: 'http://old/' }, 'http'],
    ['windsurf', { serverUrl: 'http://h/' }, 'http'],
    ['opencode', { type: 'remote', url: 'http://h/' }, 'http'],
    ['continue', { type: 'sse', url: 'http://h/' }, 'sse'],
    ['vscode', { type: 'http', url: 'http://h/', command: 'left-from-before' }, 'http'],
  ])('%s %j', (client, raw, type) => {
    expect(launchOf(client, raw)).toEqual({ type, url: 'http://h/', headers: {} });
  });

  test.each<[ClientId, JsonObject, 'http' | 'sse']>([
    ['cursor', { url: 'http://h/sse' }, 'sse'],
    ['windsurf', { serverUrl: 'http://h/v1/sse?x=1' }, 'sse'],
    ['opencode', { type: 'remote', url: 'http://h/sse/' }, 'sse'],
    ['claude-code', { type: 'http', url: 'http://h/sse' }, 'http'],
    ['gemini-cli', { httpUrl: 'http://h/sse' }, 'http'],
    ['cursor', { url: 'http://h/assess' }, 'http'],
  ])('by its path where its client would try both: %s %j', (client, raw, type) => {
    expect(launchOf(client, raw)).toMatchObject({ type });
  });
});

test('arguments that are one text are told as lost', () => {
  const { left } = read('cursor', { command: 'npx', args: '-y some-server' }).entry ?? {};
  expect(left).toEqual([{ key: 'args', reason: 'it is one text, and no list of arguments' }]);
});

describe('a limit of a call is milliseconds, whatever its client counts in', () => {
  test.each<[ClientId, JsonObject, number | undefined]>([
    ['claude-code', { timeout: 5000 }, 5000],
    ['gemini-cli', { timeout: 600_000 }, 600_000],
    ['copilot-cli', { timeout: 30_000 }, 30_000],
    ['opencode', { timeout: 10_000 }, 10_000],
    ['cline', { timeout: 60 }, 60_000],
    ['roo', { timeout: 15 }, 15_000],
    ['codex', { tool_timeout_sec: 90.5 }, 90_500],
    ['codex', { startup_timeout_sec: 90 }, undefined],
    ['zed', { timeout: 60 }, 60_000],
    ['zed', { timeout: 60_000 }, 60_000],
    ['cline', { timeout: 1e12 }, 86_400_000],
    ['cline', { timeout: 0 }, undefined],
    ['cline', { timeout: -5 }, undefined],
    ['cline', { timeout: '60' }, undefined],
    ['cursor', { timeout: 60 }, undefined],
    ['continue', { connectionTimeout: 60 }, undefined],
  ])('%s %j', (client, raw, timeoutMs) => {
    const { entry } = read(client, { command: 'x', ...raw });
    expect(entry?.timeoutMs).toBe(timeoutMs);
    expect(entry?.left).toHaveLength(timeoutMs === undefined ? 1 : 0);
  });
});

describe('paths are absolute, from where the client takes them', () => {
  const base = { args: [], env: {} };
  test.each<[ClientId, JsonObject, object]>([
    ['vscode', { command: './bin/x' }, { command: '/src/app/bin/x' }],
    ['vscode', { command: 'x', cwd: 'sub' }, { command: 'x', cwd: '/src/app/sub' }],
    ['vscode', { command: 'bin/x', cwd: '/opt' }, { command: '/opt/bin/x', cwd: '/opt' }],
    ['claude-code', { command: '~/bin/x' }, { command: '/home/ann/bin/x' }],
    ['claude-code', { command: '${ROOT}/x' }, { command: '${ROOT}/x' }],
    ['opencode', { command: ['./x'], cwd: '..' }, { command: '/src/x', cwd: '/src' }],
    ['claude-desktop', { command: '/usr/bin/x' }, { command: '/usr/bin/x' }],
  ])('%s %j', (client, raw, launch) => {
    expect(launchOf(client, raw)).toEqual({ ...base, ...launch });
  });

  test("a project's server whose arguments lie in the project starts there; one of the whole machine starts anywhere", () => {
    const raw = { command: 'node', args: ['build/server.js'] };
    expect(launchOf('claude-code', raw, { isOfAllFolders: false })).toMatchObject({ cwd: '/src/app' });
    expect(launchOf('claude-code', raw)).not.toHaveProperty('cwd');
    const packaged = { command: 'npx', args: ['-y', '@scope/some-server', '/abs/x.js'] };
    expect(launchOf('claude-code', packaged, { isOfAllFolders: false })).not.toHaveProperty('cwd');
  });

  test('one that is relative to nobody knows what stays, and is named', () => {
    const { entry } = read('claude-desktop', { command: './x', cwd: 'y' });
    expect(entry?.launch).toEqual({ ...base, command: './x' });
    expect(entry?.left.map(({ key }) => key)).toEqual(['cwd', 'command']);
  });

  test('one that is relative to the open folder is said to be, where the file is for all folders', () => {
    const raw = { command: './x' };
    expect(read('vscode', raw).entry?.left.map(({ key }) => key)).toEqual(['command']);
    expect(read('vscode', raw, { isOfAllFolders: false }).entry?.left).toEqual([]);
  });

  test('Windows has paths of its own', () => {
    const windows = { isWindows: true, workspace: 'C:\\src', home: 'C:\\Users\\ann' };
    expect(launchOf('vscode', { command: '.\\x.exe' }, windows)).toMatchObject({ command: 'C:\\src\\x.exe' });
    expect(launchOf('vscode', { command: 'D:\\x.exe' }, windows)).toMatchObject({ command: 'D:\\x.exe' });
  });
});

test('Codex hands variables on by their names', () => {
  const raw = { command: 'x', env_vars: ['A', { name: 'B', source: 'local' }, 7, 'no name'], env: { C: '${c}' } };
  expect(launchOf('codex', raw)).toMatchObject({ env: { A: '${A:-}', B: '${B:-}', C: '$${c}' } });
  const remote = {
    url: 'http://h/',
    bearer_token_env_var: 'T',
    env_http_headers: { 'X-A': 'A' },
    http_headers: { 'X-B': 'b' },
  };
  expect(launchOf('codex', remote)).toMatchObject({
    headers: { Authorization: 'Bearer ${T}', 'X-A': '${A:-}', 'X-B': 'b' },
  });
});

test('numbers and switches are the texts that they become; what is none is named', () => {
  const { entry } = read('vscode', { command: 'x', args: ['', 1, true, null], env: { N: 3, U: null, 'a=b': 'x' } });
  expect(entry?.launch).toEqual({ command: 'x', args: ['', '1', 'true'], env: { N: '3' } });
  expect(entry?.left.map(({ key }) => key)).toEqual(['env.U', 'env.a=b']);
});

test('what has no counterpart is named with its reason, and never its value', () => {
  const secret = 'not-a-secret-canary-left';
  const raw = {
    url: 'http://h/',
    oauth: { clientSecret: secret },
    headersHelper: secret,
    [`k${secret.length}`]: secret,
  };
  const { entry } = read('claude-code', raw);
  expect(entry?.left).toEqual([
    { key: 'oauth', reason: 'log in to it with mcp-marshal login' },
    { key: 'headersHelper', reason: expect.stringMatching('put the header in headers') },
    { key: 'k24', reason: 'mcp-marshal has no counterpart to it' },
  ]);
  expect(JSON.stringify(entry)).not.toContain(secret);
});

test.each<[ClientId, JsonObject, boolean]>([
  ['cline', { disabled: true }, false],
  ['zed', { enabled: false }, false],
  ['codex', { enabled: true }, true],
  ['cursor', { disabled: 'yes' }, true],
])('%s %j is switched on: %s', (client, raw, enabled) => {
  expect(read(client, { command: 'x', ...raw }).entry?.enabled).toBe(enabled);
});

describe('hostile entries', () => {
  test('one that launches nothing is no entry', () => {
    for (const raw of [{}, { command: '' }, { command: 7 }, { command: [] }, { command: { args: [] } }, { url: 3 }]) {
      expect(read('claude-code', raw)).toEqual({});
    }
  });

  test('one larger than any is left out with its reason', () => {
    const huge = read('claude-code', { command: 'x', args: ['a'.repeat(300_000)] });
    expect(huge).toEqual({ reason: expect.stringMatching('larger') });
  });

  test('one of nothing but opening braces takes no time', () => {
    const oneOfEachSyntax = ['zed', 'claude-code', 'gemini-cli', 'vscode', 'opencode', 'continue'] as const;
    const started = cpuMs();
    for (const sign of ['${', '$', '${{secrets.', '{env:', '${a:-', '$A', '${A}', '../a']) {
      const text = sign.repeat(Math.floor(100_000 / sign.length));
      for (const client of oneOfEachSyntax) read(client, { command: 'x', args: [text] }, { isOfAllFolders: false });
    }
    expect(cpuMs() - started).toBeLessThan(10_000);
  });

  test('names of JavaScript make no prototypes', () => {
    const raw: JsonObject = { command: 'x', env: JSON.parse('{"__proto__":"a","constructor":"b"}') };
    const { entry } = read('claude-code', raw);
    expect(Object.getPrototypeOf(entry?.launch)).toBe(Object.prototype);
    expect(entry?.left.map(({ key }) => key)).toEqual(['env.__proto__']);
  });

  test('nothing whatever makes the reading fail', () => {
    const keys = ['command', 'args', 'env', 'cwd', 'url', 'headers', 'timeout', 'type', 'enabled', 'requestOptions'];
    const raw = fc.dictionary(fc.constantFrom(...keys, 'env_vars', 'envFile', 'apiKey', 'x'), fc.jsonValue());
    fc.assert(
      fc.property(fc.constantFrom(...clientIds), raw, (client, entry) => {
        expect(read(client, entry as JsonObject).entry?.left.length ?? 0).toBeLessThanOrEqual(20);
      }),
    );
  });
});
