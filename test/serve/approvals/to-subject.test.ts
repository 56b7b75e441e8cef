import { describe, expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build-catalog.ts';
import type { ServerConfig } from '../../../src/config/config.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { PlannedCall } from '../../../src/core/plan.ts';
import type { Tool } from '../../../src/core/tool.ts';
import { toSubject } from '../../../src/serve/approvals/to-subject.ts';
import { makePolicy, makeTool } from '../../policy/make-policy.ts';
import { fixture, serverConfig } from '../../upstream/support.ts';
import { stubEngine } from '../stub-engine.ts';

const tool: Tool = { ...makeTool('delete'), description: 'Deletes a file.' };
const transport = { type: 'stdio', command: 'node', args: ['a.mjs'], env: { MODE: 'one' }, cwd: '/srv' } as const;
const server: ServerConfig = { ...serverConfig(fixture('hang.mjs')), name: 'files', transport };

const call: PlannedCall = {
  index: 0,
  id: 'c0',
  server: 'files',
  tool: 'delete',
  exposedName: 'files__delete',
  arguments: { path: '/a', how: { deep: true } },
  class: 'destructive',
  reason: 'destructive "delete"',
  approval: { reason: 'it is destructive' },
  locks: [],
  after: [],
  needs: [],
  pathLength: 1,
};

interface World {
  tools?: readonly Tool[];
  config?: ServerConfig;
  policy?: Parameters<typeof makePolicy>[0];
  isShared?: boolean;
  quarantine?: string;
}

function subjectOf(changes: Partial<PlannedCall> = {}, world: World = {}) {
  const { tools = [tool], config = server, policy = {}, isShared = false, quarantine } = world;
  const { engine } = stubEngine();
  const source = { server: 'files', policy: makePolicy(policy), tools };
  const sources = [{ ...source, ...(quarantine !== undefined && { quarantineOf: () => quarantine }) }];
  const catalog = buildCatalog(sources, { naming: 'prefixed' });
  const setup = { ...engine.setup(), servers: new Map([[config.name, config]]) };
  return toSubject({ catalog: () => catalog, setup: () => setup, isShared }, { ...call, ...changes }, 'batch');
}

function digestsOf(...given: Parameters<typeof subjectOf>): string[] {
  const told = subjectOf(...given);
  return told.ok ? [told.subject.digest, told.subject.toolDigest] : [told.error.code, told.error.message];
}

const [digest, toolDigest] = digestsOf();

describe('what a yes is bound to', () => {
  test('is the same for the same call', () => {
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(digestsOf({ arguments: { how: { deep: true }, path: '/a' }, id: 'other', index: 4 })).toEqual([
      digest,
      toolDigest,
    ]);
  });

  test('is another with other arguments, of the same tool', () => {
    const [other, sameTool] = digestsOf({ arguments: { path: '/b', how: { deep: true } } });
    expect(other).not.toBe(digest);
    expect(sameTool).toBe(toolDigest);
  });

  test.each<[string, World]>([
    ['description', { tools: [{ ...tool, description: 'Deletes a folder.' }] }],
    ['title', { tools: [{ ...tool, title: 'Delete' }] }],
    ['input schema', { tools: [{ ...tool, inputSchema: { type: 'object', required: ['path'] } }] }],
    ['output schema', { tools: [{ ...tool, outputSchema: { type: 'object' } }] }],
    ['annotations', { tools: [{ ...tool, annotations: { destructiveHint: true } }] }],
    ['server’s command', { config: { ...server, transport: { ...transport, command: 'deno' } } }],
    ['server’s arguments', { config: { ...server, transport: { ...transport, args: ['b.mjs'] } } }],
    ['server’s environment', { config: { ...server, transport: { ...transport, env: { MODE: 'two' } } } }],
    ['server’s address', { config: { ...server, transport: { type: 'http', url: 'https://a.test/', headers: {} } } }],
    ['server’s launch as written', { config: { ...server, launch: { command: 'x', args: [], env: [] } } }],
  ])('is another when its %s changes', (_, world) => {
    const [otherCall, otherTool] = digestsOf({}, world);
    expect(otherCall).toMatch(/^[0-9a-f]{64}$/);
    expect(otherCall).not.toBe(digest);
    expect(otherTool).not.toBe(toolDigest);
  });

  test('does not change with what the server adds for clients to show', () => {
    expect(digestsOf({}, { tools: [{ ...tool, icons: [] }] })).toEqual([digest, toolDigest]);
  });
});

describe('a call that nobody can be asked about', () => {
  const nested = (levels: number): JsonObject => (levels === 0 ? {} : { deeper: nested(levels - 1) });

  test.each<[string, Partial<PlannedCall>, World, string]>([
    ['has arguments nested too deep', { arguments: nested(600) }, {}, 'approval_unavailable'],
    ['is of a tool that is gone', {}, { tools: [] }, 'approval_unavailable'],
    ['is of a server that is gone', {}, { config: { ...server, name: 'other' } }, 'approval_unavailable'],
    ['is of a tool in quarantine', {}, { quarantine: 'differs from the lock file' }, 'tool_changed'],
  ])('%s', (_, changes, world, code) => {
    expect(digestsOf(changes, world)[0]).toBe(code);
  });
});

describe('how far a yes may be remembered', () => {
  const rememberOf = (world: World): string => {
    const told = subjectOf({}, world);
    return told.ok ? told.subject.remember : told.error.message;
  };

  test('is what policy says of the tool, else what it says of all', () => {
    expect(rememberOf({})).toBe('none');
    expect(rememberOf({ policy: { remember: 'session' } })).toBe('session');
    const own = { ...makePolicy({}), remember: 'session' } as const;
    const policy = {
      ...own,
      tools: [{ tool: 'delete', place: server.place, when: [], remember: 'arguments' }],
    } as const;
    const source = { server: 'files', policy, tools: [tool] };
    const { engine } = stubEngine();
    const setup = { ...engine.setup(), servers: new Map([['files', server]]) };
    const catalog = buildCatalog([source], { naming: 'prefixed' });
    const told = toSubject({ catalog: () => catalog, setup: () => setup, isShared: false }, call, 'batch');
    expect(told.ok && told.subject.remember).toBe('arguments');
  });

  test('is not at all where clients cannot be told apart', () => {
    expect(rememberOf({ policy: { remember: 'session' }, isShared: true })).toBe('none');
  });
});
