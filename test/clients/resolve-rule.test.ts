import { describe, expect, test } from 'vitest';
import type { RuleTarget } from '../../src/clients/client.ts';
import { resolveRule } from '../../src/clients/resolve-rule.ts';
import type { Meant } from '../../src/clients/resolve-rule.ts';
import { createServerNames } from '../../src/clients/server-names.ts';
import { claudeRule, clientServer, namesOf, ownServer } from './rules-of.ts';

const exposed = new Map([['get_time', { server: 'my_db', tool: 'get.time' }]]);

function meantBy(name: string): string[] {
  return resolveRule(claudeRule('allow', name), namesOf(), exposed).map(show);
}

function show(meant: Meant): string {
  if (meant.kind === 'tools') return `${meant.isOurs ? 'ours ' : ''}${meant.server}/${meant.pattern}`;
  return meant.kind === 'marshal' ? 'marshal' : `${meant.kind} ${meant.kind === 'own' ? meant.pattern : meant.server}`;
}

describe('what a rule of Claude Code means', () => {
  test.each([
    ['github', ['github/*']],
    ['github__*', ['github/*']],
    ['github__', ['github/*']],
    ['github__get_issue', ['github/get_issue']],
    ['github__get_*', ['github/get_*']],
    ['github__a__b', ['github/a__b']],
    ['my_db__query', ['my_db/query']],
    ['weather__get', ['unknown weather']],
    ['*__drop_*', ['github/drop_*', 'memory/drop_*', 'my_db/drop_*']],
    ['m*__drop', ['memory/drop', 'my_db/drop']],
    ['*', ['github/*', 'memory/*', 'my_db/*', 'marshal']],
    ['marshal', ['marshal']],
    ['marshal__*', ['marshal']],
    ['mcp-marshal__github__get_issue', ['ours github/get_issue']],
    ['marshal__github__*', ['ours github/*']],
    ['marshal__my_db__query', ['ours my_db/query']],
    ['marshal__get_time', ['ours my_db/get.time']],
    ['marshal__*delete*', ['ours github/*delete*', 'ours memory/*delete*', 'ours my_db/*delete*']],
    ['marshal__m*__x', ['ours memory/x', 'ours my_db/x']],
    ['marshal__batch_call', ['own batch_call']],
    ['marshal__recipe__tidy', ['own recipe__tidy']],
    ['marshal__nobody', ['unknown nobody']],
  ])('mcp__%s', (name, meant) => {
    expect(meantBy(name)).toEqual(meant);
  });
});

test('a rule is about the server with the longest name that it begins with', () => {
  const names = createServerNames(
    [ownServer('short'), ownServer('long')],
    [
      clientServer('claude-code', 'my', { command: 'short-mcp', args: [] }),
      clientServer('claude-code', 'my__db', { command: 'long-mcp', args: [] }),
    ],
  );
  expect(resolveRule(claudeRule('deny', 'my__db__drop'), names).map(show)).toEqual(['long/drop']);
  expect(resolveRule(claudeRule('deny', 'my__drop'), names).map(show)).toEqual(['short/drop']);
});

describe("a server's name in a client", () => {
  const own = [ownServer('github'), ownServer('forge', 'https://forge.example.com/mcp')];

  test.each([
    ['is the one of the configuration', 'github', undefined, 'github/x'],
    ['is another one for the same command', 'gh', { command: 'github-mcp', args: [] }, 'github/x'],
    ['is another one for the same address', 'code forge', { url: 'https://forge.example.com/mcp/' }, 'forge/x'],
    ['is known, and nothing of the configuration', 'gh', { command: 'other', args: [] }, 'unknown gh'],
    ['is what starts mcp-marshal', 'tools', { command: 'npx', args: ['-y', 'mcp-marshal', 'serve'] }, 'unknown x'],
    ['is that of mcp-marshal, for something else', 'marshal', { command: 'marshal-arts', args: [] }, 'unknown marshal'],
  ])('%s', (_title, name, launch, meant) => {
    const names = createServerNames(own, launch === undefined ? [] : [clientServer('codex', name, launch)]);
    const target: RuleTarget = { server: name, tool: 'x' };
    const rule = { ...claudeRule('allow', ''), client: 'codex' as const, target };
    expect(resolveRule(rule, names).map(show)).toEqual([meant]);
  });
});
