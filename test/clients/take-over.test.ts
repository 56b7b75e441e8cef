import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientRule } from '../../src/clients/client.ts';
import { takeOver } from '../../src/clients/take-over.ts';
import type { TakenRule } from '../../src/clients/take-over.ts';
import { matchGlob } from '../../src/policy/match-glob.ts';
import { claudeRule, clientServer, namesOf } from './rules-of.ts';

function take(
  rules: ClientRule[],
  { takeAll = false, exposed = new Map(), names = namesOf() }: Partial<Parameters<typeof takeOver>[1]> = {},
): { taken: string[]; left: string[] } {
  const { taken, left } = takeOver({ rules, left: [] }, { names, exposed, takeAll });
  return {
    taken: taken.map(({ server, list, pattern }) => `${server}: ${list} ${pattern}`),
    left: left.map(({ written, reason }) => `${written}: ${reason}`),
  };
}

describe("clients' rules as policy", () => {
  test('allow, ask and deny of single tools and of patterns become lines of the server', () => {
    const { taken, left } = take([
      claudeRule('allow', 'github__get_*'),
      claudeRule('ask', 'github__create_issue'),
      claudeRule('deny', 'memory'),
    ]);
    expect(taken).toEqual(['github: allow get_*', 'github: ask create_issue', 'memory: deny *']);
    expect(left).toEqual([]);
  });

  test('the allow of a whole server is taken over only when that is asked for', () => {
    const rules = ['github', 'github__*', 'github__**', 'marshal__github__*'].map((name) => claudeRule('allow', name));
    const held = take(rules);
    expect(held.taken).toEqual([]);
    expect(held.left).toHaveLength(4);
    expect(held.left[0]).toContain('--take-all');
    expect(take(rules, { takeAll: true })).toEqual({ taken: ['github: allow *'], left: [] });
  });

  test('an allow is left out where the client starts another server by that name; ask and deny go over', () => {
    const names = namesOf([
      clientServer('claude-code', 'github', { command: 'evil-mcp', args: [] }),
      clientServer('claude-code', 'memory', { command: 'memory-mcp', args: [] }),
      clientServer('claude-code', 'my_db'),
    ]);
    const rules = [
      claudeRule('allow', 'github__get_issue'),
      claudeRule('ask', 'github__create_issue'),
      claudeRule('deny', 'github__drop'),
      claudeRule('allow', 'memory__read_graph'),
      claudeRule('allow', 'my_db__query'),
      claudeRule('allow', 'marshal__github__list_issues'),
    ];
    const { taken, left } = take(rules, { names, takeAll: true });
    expect(taken).toEqual([
      'github: ask create_issue',
      'github: deny drop',
      'memory: allow read_graph',
      'my_db: allow query',
      'github: allow list_issues',
    ]);
    expect(left).toEqual([expect.stringMatching(/^mcp__github__get_issue: .*another server of that name/)]);
  });

  test('an allow that comes to nearly everything is taken over only when that is asked for', () => {
    const rules = ['*_*', '?*', '????', 'a*', '*_a'].map((pattern) => claudeRule('allow', `github__${pattern}`));
    const { taken, left } = take(rules);
    expect(taken).toEqual([]);
    expect(left).toHaveLength(5);
    expect(left.filter((line) => !line.includes('characters of it are fixed'))).toEqual([
      expect.stringContaining('?*: it allows a whole server'),
    ]);
    expect(take(rules, { takeAll: true }).taken).toHaveLength(5);
    const strict = [claudeRule('deny', 'github__?*'), claudeRule('ask', 'github__*_*')];
    expect(take(strict).taken).toEqual(['github: deny *', 'github: ask *_*']);
  });

  test('an allow by pattern waives no question for a destructive tool; one that names it does', () => {
    const exposed = new Map([
      ['github__delete_file', { server: 'github', tool: 'delete_file', isDestructive: true }],
      ['github__get_file', { server: 'github', tool: 'get_file', isDestructive: false }],
    ]);
    const rules = ['*_file', 'get_*', 'delete_file'].map((name) => claudeRule('allow', `github__${name}`));
    const { taken, left } = take(rules, { exposed });
    expect(taken).toEqual(['github: allow get_*', 'github: allow delete_file']);
    expect(left).toEqual([
      'mcp__github__*_file: it would waive the question for delete_file, which is destructive and not named; --take-all takes it over',
    ]);
    expect(take(rules, { exposed, takeAll: true }).left).toEqual([]);
    expect(take([claudeRule('allow', 'memory__*_file')], { exposed }).taken).toEqual(['memory: allow *_file']);
  });

  test('the same rule of several files is one line, with all of them', () => {
    const { taken } = takeOver(
      { rules: [claudeRule('deny', 'github__x', 3), claudeRule('deny', 'marshal__github__x', 9)], left: [] },
      { names: namesOf(), exposed: new Map(), takeAll: false },
    );
    expect(taken).toHaveLength(1);
    expect(taken[0]?.by.map(({ place }) => place.line)).toEqual([3, 9]);
  });

  test('an allow that a stricter rule beats is told instead of written', () => {
    const { taken, left } = take([claudeRule('allow', 'github__get_issue'), claudeRule('ask', 'github__get_*')]);
    expect(taken).toEqual(['github: ask get_*']);
    expect(left).toEqual([
      'mcp__github__get_issue: in a policy ask "get_*" of Claude Code beats it, however exact it is',
    ]);
  });

  test('a tool is denied by the name that it has, where the client could only write another', () => {
    const exposed = new Map([['github__a.b', { server: 'github', tool: 'a.b' }]]);
    expect(take([claudeRule('deny', 'github__a_b')], { exposed }).taken).toEqual(['github: deny a.b']);
  });

  test.each([
    ['weather__x', 'deny', 'it is about no server of the configuration'],
    ['marshal', 'deny', 'it is about all of mcp-marshal'],
    ['marshal__batch_call', 'allow', "it is about one of mcp-marshal's own tools, whose calls are decided one by one"],
    ['*__x', 'allow', 'Claude Code passes an allow over whose server is a pattern'],
    [`github__${'x'.repeat(201)}`, 'deny', 'it names no tool'],
    ['github__!x', 'deny', 'it names no tool'],
  ] as const)('mcp__%s (%s) is left, with the reason', (name, list, reason) => {
    expect(take([claudeRule(list, name)])).toEqual({ taken: [], left: [`mcp__${name}: ${reason}`] });
  });

  test('whatever the rules and their order: no denial and no question is lost, and no allow is widened', () => {
    const tool = fc.constantFrom('get_a', 'get_b', 'put_a', 'get_*', '*_a', '*');
    const rule = fc
      .tuple(fc.constantFrom('allow', 'ask', 'deny'), fc.constantFrom('github', 'memory', 'marshal__github'), tool)
      .map(([list, server, name]) => claudeRule(list, `${server}__${name}`));
    const tools = ['get_a', 'get_b', 'put_a', 'put_b'];
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), (rules) => {
        const { taken } = takeOver({ rules, left: [] }, { names: namesOf(), exposed: new Map(), takeAll: true });
        const reverse = takeOver(
          { rules: rules.toReversed(), left: [] },
          { names: namesOf(), exposed: new Map(), takeAll: true },
        );
        for (const server of ['github', 'memory']) {
          for (const name of tools) {
            expect(verdictOf(taken, { server, name })).toBe(verdictByRules(rules, { server, name }));
            expect(verdictOf(reverse.taken, { server, name })).toBe(verdictOf(taken, { server, name }));
          }
        }
      }),
    );
  });
});

const strictness = ['deny', 'ask', 'allow'] as const;

function verdictOf(
  taken: readonly TakenRule[],
  { server, name }: { server: string; name: string },
): string | undefined {
  const own = taken.filter((rule) => rule.server === server && matchGlob(rule.pattern, name));
  return strictness.find((list) => own.some((rule) => rule.list === list));
}

/** Read off the rules as they are written, by another way than the code takes. */
function verdictByRules(
  rules: readonly ClientRule[],
  { server, name }: { server: string; name: string },
): string | undefined {
  const own = rules.filter(({ written }) =>
    [`mcp__${server}__`, `mcp__marshal__${server}__`].some(
      (prefix) => written.startsWith(prefix) && matchGlob(written.slice(prefix.length), name),
    ),
  );
  return strictness.find((list) => own.some((rule) => rule.list === list));
}
