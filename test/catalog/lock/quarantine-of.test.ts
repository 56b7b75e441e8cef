import { describe, expect, test } from 'vitest';
import { acceptedLaunch } from '../../../src/catalog/lock/accepted-launch.ts';
import { compareServer, isQuarantining } from '../../../src/catalog/lock/compare-server.ts';
import { compareTool, namesOfParts } from '../../../src/catalog/lock/compare-tool.ts';
import { describeTool } from '../../../src/catalog/lock/describe-tool.ts';
import { lockServer } from '../../../src/catalog/lock/lock-server.ts';
import { quarantineOf } from '../../../src/catalog/lock/quarantine-of.ts';
import type { Launch } from '../../../src/config/config.ts';
import type { LockFile } from '../../../src/config/lock/lock-file.ts';
import type { Tool } from '../../../src/core/tool.ts';

const read: Tool = {
  name: 'read',
  description: 'Reads a file',
  inputSchema: { type: 'object', properties: { path: { type: 'string' }, head: { type: 'number' } } },
};
const write: Tool = { name: 'write', inputSchema: { type: 'object' }, annotations: { readOnlyHint: false } };
const launch: Extract<Launch, { command: string }> = { command: 'npx', args: ['-y', 'server'], env: ['HOME'] };
const tools = [read, write];
const lock: LockFile = { servers: new Map([['files', lockServer({ launch, tools })]]) };
const files: { name: string; launch: Launch } = { name: 'files', launch };

describe('a tool in the lock file', () => {
  test('is the same whatever the order of its keys, at any depth', () => {
    const turned = { head: { type: 'number' }, path: { type: 'string' } };
    const other: Tool = { ...read, inputSchema: { properties: turned, type: 'object' } };
    expect(describeTool(other)).toEqual(describeTool(read));
    const [ab, ba] = [
      { _meta: { a: 1, b: 2 }, icons: [] },
      { icons: [], _meta: { b: 2, a: 1 } },
    ];
    expect(describeTool({ ...read, ...ab })).toEqual(describeTool({ ...read, ...ba }));
    expect(describeTool({ ...read, annotations: {} })).toEqual(describeTool(read));
  });

  test.each<[string, Partial<Tool>, string[]]>([
    ['another description', { description: 'Reads a file.' }, ['description']],
    ['a space more', { description: 'Reads a file ' }, ['description']],
    ['a zero-width space more', { description: 'Reads a\u200b file' }, ['description']],
    ['the same to the eye, composed in another way', { description: 'Re\u0301ads' }, ['description']],
    ['a title', { title: 'Reads a file' }, ['description']],
    ['an optional argument more', { inputSchema: { ...read.inputSchema, required: [] } }, ['schema']],
    ['an output schema', { outputSchema: { type: 'object' } }, ['schema']],
    ['other metadata', { _meta: { a: 1 } }, ['rest']],
    ['an icon', { icons: [{ src: 'https://example.com/a.png' }] }, ['rest']],
    ['a field that nobody knows', { execution: { taskSupport: 'required' } }, ['rest']],
    ['a hint', { annotations: { readOnlyHint: true } }, ['annotations']],
    [
      'all of it',
      { title: 'x', outputSchema: {}, annotations: { title: 'x' } },
      ['description', 'schema', 'annotations'],
    ],
  ])('is another one with %s', (_, change, parts) => {
    expect(compareTool(describeTool(read), { ...read, ...change })).toEqual(parts);
  });

  test('that has lost its other fields is another one as well, and is said to be', () => {
    const accepted = describeTool({ ...read, _meta: { a: 1 } });
    expect(compareTool(accepted, read)).toEqual(['rest']);
    expect(namesOfParts(['schema', 'rest'])).toBe('its schema and its other fields');
  });

  test('cannot pass a title off as a description', () => {
    const [a, b] = [describeTool({ ...write, title: 'x' }), describeTool({ ...write, description: 'x' })];
    expect(a.description).not.toBe(b.description);
  });

  test('with keys named as those of objects is held to them like any other', () => {
    const inner: Tool['inputSchema'] = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}');
    expect(compareTool(describeTool(write), { ...write, inputSchema: inner })).toEqual(['schema']);
  });
});

describe('quarantine', () => {
  const reasonOf = (tool: Tool, server = files): string | undefined => quarantineOf(lock, server)(tool);

  test('holds nothing that is as it was accepted', () => {
    expect(tools.map((tool) => reasonOf({ ...tool }))).toEqual([undefined, undefined]);
  });

  test('holds a tool that changed, that tool alone, and says what of it did', () => {
    expect(reasonOf({ ...read, description: 'x', annotations: { readOnlyHint: true } })).toBe(
      'its description and its annotations changed',
    );
    expect(reasonOf(write)).toBeUndefined();
  });

  test('holds a tool that is new', () => {
    expect(reasonOf({ ...read, name: 'erase' })).toBe('the tool is new');
  });

  test('holds every tool of a server that is new, be they named as those of another one', () => {
    expect(reasonOf(read, { ...files, name: 'other' })).toBe('the server other is new');
    expect(reasonOf(read, { ...files, name: '__proto__' })).toBe('the server __proto__ is new');
  });

  test.each<[string, Launch, string]>([
    ['command', { ...launch, command: 'uvx' }, 'its command changed'],
    ['arguments', { ...launch, args: ['-y', 'server@2'] }, 'its arguments changed'],
    ['order of arguments', { ...launch, args: ['server', '-y'] }, 'its arguments changed'],
    ['environment', { ...launch, env: ['HOME', 'NODE_OPTIONS'] }, 'its environment variables changed'],
    ['working directory', { ...launch, cwd: '/tmp' }, 'its working directory changed'],
    ['kind', { type: 'http', url: 'https://x/', headers: [] }, 'its kind (a program or an address) changed'],
  ])('holds every tool of a server that is started in another way: %s', (_, changed, words) => {
    expect(reasonOf(read, { ...files, launch: changed })).toBe(`the server files is started in another way (${words})`);
  });

  test('holds the tools of a remote server at another address', () => {
    const web: Launch = { type: 'http', url: 'https://a.example/mcp', headers: ['Authorization'] };
    const locked: LockFile = { servers: new Map([['web', lockServer({ launch: web, tools })]]) };
    const ask = (now: Launch): string | undefined => quarantineOf(locked, { name: 'web', launch: now })(read);
    expect(ask(web)).toBeUndefined();
    expect(ask({ ...web, url: 'https://b.example/mcp' })).toContain('its url changed');
    expect(ask({ ...web, headers: [] })).toContain('its headers changed');
    expect(ask({ ...web, type: 'sse' })).toContain('its transport changed');
  });
});

describe('what differs of a server', () => {
  test('is nothing where nothing does', () => {
    const changes = compareServer({ launch, tools }, lock.servers.get('files'));
    expect(changes).toEqual({ isNew: false, launch: [], added: [], changed: [], removed: [] });
    expect(isQuarantining(changes)).toBe(false);
  });

  test('is told apart: new, changed, gone; what has gone refuses nothing', () => {
    const erase = { ...read, name: 'erase' };
    const changes = compareServer({ launch, tools: [{ ...read, title: 'x' }, erase] }, lock.servers.get('files'));
    expect(changes).toMatchObject({
      added: ['erase'],
      changed: [{ tool: 'read', parts: ['description'] }],
      removed: ['write'],
    });
    expect(isQuarantining(changes)).toBe(true);
    expect(isQuarantining(compareServer({ launch, tools: [read] }, lock.servers.get('files')))).toBe(false);
  });
});

describe('a launch in the lock file', () => {
  test.each([
    ['--api-key=k3y', '--api-key=(hidden)'],
    ['--token=${TOKEN}', '--token=${TOKEN}'],
    ['--path=/data', '--path=/data'],
    ['postgres://ann:pa55@db/x', 'postgres://ann:(hidden)@db/x'],
    ['postgres://ann:${PW}@db/x', 'postgres://ann:${PW}@db/x'],
    ['https://x/mcp?v=1&api_key=abc&w=2', 'https://x/mcp?v=1&api_key=(hidden)&w=2'],
  ])('holds no secret that the configuration writes out: %s', (written, held) => {
    expect(acceptedLaunch({ ...launch, args: [written] })).toMatchObject({ args: [held] });
  });

  test('holds no secret that stands behind its flag, or in a URL', () => {
    const args = ['--password', 'hunter2', '--token', '--verbose', '--secret', '${S}'];
    expect(acceptedLaunch({ ...launch, args })).toMatchObject({
      args: ['--password', '(hidden)', '--token', '--verbose', '--secret', '${S}'],
    });
    const url = 'https://ann:pa55@x/mcp?access_token=abc';
    expect(acceptedLaunch({ type: 'http', url, headers: [] })).toMatchObject({
      url: 'https://ann:(hidden)@x/mcp?access_token=(hidden)',
    });
  });

  test('is the same as what the configuration says, the secrets apart', () => {
    const secret: Launch = { ...launch, args: ['--token', 'abc'] };
    const locked: LockFile = { servers: new Map([['files', lockServer({ launch: secret, tools })]]) };
    expect(JSON.stringify([...locked.servers])).not.toContain('abc');
    expect(quarantineOf(locked, { name: 'files', launch: secret })(read)).toBeUndefined();
  });
});
