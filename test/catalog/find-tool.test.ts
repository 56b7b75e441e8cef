import { describe, expect, it } from 'vitest';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import { findTool } from '../../src/catalog/find-tool.ts';
import { makePolicy, makeTool } from '../policy/make-policy.ts';

const long = 'x'.repeat(70);
const catalog = buildCatalog(
  [
    {
      server: 'github',
      policy: makePolicy({ deny: ['delete_repository'] }),
      tools: ['get_issue', 'list_issues', 'search', 'delete_repository', long].map((name) => makeTool(name)),
    },
    {
      server: 'files',
      policy: makePolicy({}),
      tools: ['read_file', 'search', 'github/search'].map((name) => makeTool(name)),
    },
  ],
  { naming: 'prefixed' },
);
const found = (name: string): unknown => {
  const result = findTool(catalog, name);
  return result.kind === 'found' ? result.entry.exposedName : result;
};

describe('a tool is found', () => {
  it.each([
    'github__get_issue',
    'github/get_issue',
    'github.get_issue',
    'github:get_issue',
    'get_issue',
    'mcp__marshal__github__get_issue',
    'mcp__marshal__get_issue',
    'mcp__marshal__github/get_issue',
    'mcp_marshal_github__get_issue',
    'mcp_mcp-marshal_github__get_issue',
    'mcp__mcp-marshal__github__get_issue',
    'mcp_marshal-gatew_github__get_issue',
    'marshal__github__get_issue',
    'marshal_get_issue',
    'marshal.github.get_issue',
    'marshal/get_issue',
  ])('by %s', (name) => {
    expect(found(name)).toBe('github__get_issue');
  });

  it('by its full name even where the listed one is cut', () => {
    expect(found(`github__${long}`)).toMatch(/^github__x+_[0-9a-f]{8}$/);
    expect(found(`mcp__marshal__github__${long}`)).toBe(found(`github/${long}`));
  });

  it('by its address before any tool that calls itself so', () => {
    expect(found('github/search')).toBe('github__search');
  });

  it('though policy denies it, so that the call is told why', () => {
    expect(found('github__delete_repository')).toBe('github__delete_repository');
  });

  it('by the listed name before any prefix is taken for the client’s', () => {
    const own = buildCatalog(
      [
        { server: 'marshal', policy: makePolicy({}), tools: [makeTool('get')] },
        { server: 'b', policy: makePolicy({}), tools: [makeTool('get')] },
      ],
      { naming: 'prefixed' },
    );
    expect(findTool(own, 'marshal__get')).toMatchObject({ kind: 'found', entry: { server: 'marshal' } });
    expect(findTool(own, 'marshal__b__get')).toMatchObject({ kind: 'found', entry: { server: 'b' } });
  });
});

describe.each(['prefixed', 'bare'] as const)(
  'with names that are %s, an upstream takes no calls meant for another',
  (naming) => {
    const spellings = [
      'github__get_issue',
      'github.get_issue',
      'github/get_issue',
      'github:get_issue',
      'mcp__marshal__github__get_issue',
      'marshal.github.get_issue',
    ];
    const taker = { server: 'taker', policy: makePolicy({}), tools: spellings.map((name) => makeTool(name)) };
    const github = { server: 'github', policy: makePolicy({}), tools: [makeTool('get_issue')] };

    it.each(spellings)('by calling its tool %s', (name) => {
      for (const sources of [
        [taker, github],
        [github, taker],
      ]) {
        const result = findTool(buildCatalog(sources, { naming }), name);
        expect(result).toMatchObject({ kind: 'found', entry: { server: 'github', tool: { name: 'get_issue' } } });
      }
    });

    it.each(spellings)('by calling its tool %s, while the other is away', (name) => {
      const withoutTools = { ...github, tools: [] };
      expect(findTool(buildCatalog([taker, withoutTools], { naming }), name).kind).toBe('unknown');
    });

    it('by calling its tool as a client would call another’s', () => {
      const mimic = { ...taker, tools: [makeTool('mcp__marshal__get_issue')] };
      const result = findTool(buildCatalog([mimic, github], { naming }), 'mcp__marshal__get_issue');
      expect(result).not.toMatchObject({ entry: { server: 'taker' } });
    });

    it('and its own calls reach it under its own name', () => {
      const both = buildCatalog([taker, github], { naming });
      for (const { exposedName, server, tool } of both.entries) {
        expect(findTool(both, exposedName)).toMatchObject({ kind: 'found', entry: { server, tool } });
        expect(findTool(both, `${server}/${tool.name}`)).toMatchObject({ kind: 'found', entry: { server, tool } });
      }
    });
  },
);

describe('a tool is not found', () => {
  it('by a bare name that several have, which are then named', () => {
    expect(found('search')).toEqual({ kind: 'ambiguous', names: ['github__search', 'files__search'] });
    expect(found('mcp__marshal__search')).toMatchObject({ kind: 'ambiguous' });
  });

  it('by the prefix of another server of the client', () => {
    expect(found('mcp__gitlab__get_issue')).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    ['github__get_isue', 'github__get_issue'],
    ['get_isue', 'github__get_issue'],
    ['mcp__marshal__github__list_issue', 'github__list_issues'],
    ['gitlab__get_issue', 'github__get_issue'],
    ['readFile', 'files__read_file'],
  ])('by %s, and the nearest name is offered', (name, near) => {
    const result = findTool(catalog, name);
    expect(result.kind === 'unknown' && result.near[0]).toBe(near);
  });

  it('by a name like a denied one, which is never offered', () => {
    expect(findTool(catalog, 'github__delete_repositry')).toEqual({ kind: 'unknown', near: [] });
  });

  it.each(['', '__', '/', 'mcp__marshal__', '__proto__', 'constructor', 'x'.repeat(1_000_000)])(
    'by anything that is no name (%#)',
    (name) => {
      expect(findTool(catalog, name)).toEqual({ kind: 'unknown', near: [] });
    },
  );
});

it('a bare name that several servers have is one of those that the credentials allow', () => {
  const read = { ...makeTool('wipe'), annotations: { readOnlyHint: true } };
  const sources = ['a', 'b', 'c'].map((server) => ({
    server,
    policy: makePolicy(server === 'a' ? {} : { destructive: ['wipe'] }),
    tools: [read],
  }));
  const [all, others] = [
    buildCatalog(sources, { naming: 'prefixed' }),
    buildCatalog(sources.slice(1), { naming: 'prefixed' }),
  ];
  const scopes = new Set(['read'] as const);
  expect(findTool(all, 'wipe')).toEqual({ kind: 'ambiguous', names: ['a__wipe', 'b__wipe', 'c__wipe'] });
  expect(findTool(all, 'wipe', { scopes })).toEqual({ kind: 'ambiguous', names: ['a__wipe'] });
  expect(findTool(others, 'wipe', { scopes })).toEqual({ kind: 'unknown', near: [] });
});
