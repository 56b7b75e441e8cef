import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientIds } from '../../src/clients/client.ts';
import type { ClientId, ClientReadings } from '../../src/clients/client.ts';
import { readClients } from '../../src/clients/read-clients.ts';
import { knownFile } from '../../src/clients/recognize-client.ts';
import { createClientHome } from './client-home.ts';
import type { ClientHome } from './client-home.ts';

let place: ClientHome;
beforeEach(() => {
  place = createClientHome();
});
afterEach(() => place.remove());

function read(clients: readonly ClientId[] = clientIds, env: Record<string, string> = {}): Promise<ClientReadings> {
  return readClients({ platform: 'linux', env, home: place.home, cwd: place.project }, clients);
}

/** Rules as `list server tool`, as they are written. */
function rulesOf({ rules }: ClientReadings): string[] {
  return rules.map(({ list, target }) =>
    'server' in target ? `${list} ${target.server} ${target.tool}` : `${list} ${target.name}`,
  );
}

describe("a client's rules are read from its files", () => {
  test('Claude Code: its three lists of user and project, and its servers', async () => {
    const found = await read(['claude-code']);
    expect(rulesOf(found)).toEqual([
      'allow github__get_issue',
      'allow github__list_*',
      'allow memory',
      'allow marshal__files__read_text_file',
      'allow marshal__batch_read',
      'allow *',
      'ask github__create_issue',
      'ask code_forge__merge',
      'deny github__delete_repository',
      'deny weather__*',
      'deny *__drop_*',
      'allow marshal',
      'allow marshal__github__*',
    ]);
    expect(found.modes.map(({ written }) => written)).toEqual(['defaultMode: bypassPermissions']);
    expect(found.servers.map(({ name }) => name)).toEqual(['code forge', 'marshal']);
    expect(found.left.map(({ written }) => written)).toEqual(['Bash(…)', 'Read(…)', 'mcp__github__push(…)']);
  });

  test('Codex: modes of approval and tools that are switched off', async () => {
    const found = await read(['codex']);
    expect(rulesOf(found)).toEqual([
      'deny github delete_repository',
      'deny github fork',
      'ask github *',
      'allow github get_issue',
      'allow mcp-marshal *',
    ]);
    expect(found.left.map(({ written, place: { line } }) => [written, line])).toEqual([
      ['github: enabled_tools', 8],
      ['memory.default_tools_approval_mode = "writes"', 17],
    ]);
  });

  test('Codex: asks about nothing under "never" with full access, and asks otherwise', async () => {
    place.write(
      'home/.codex/config.toml',
      'approval_policy = "never"\n[profiles.p]\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n',
    );
    const { modes } = await read(['codex']);
    expect(modes.map(({ place: { line } }) => line)).toEqual([3]);
  });

  test('Gemini CLI: trust, lists of tools, and its policies', async () => {
    const found = await read(['gemini-cli']);
    expect(rulesOf(found)).toEqual([
      'deny github delete_repository',
      'allow memory *',
      'allow marshal *',
      'deny memory_delete_entities',
      'allow github__search_code',
      'ask github create_issue',
      'ask github close_issue',
      'deny memory *',
      'allow memory read_graph',
    ]);
    expect(found.left.map(({ written }) => written)).toEqual([
      'mcpServers.github.includeTools',
      'mcp.excluded weather',
      'tools.exclude run_shell_command(…)',
      'rule run_shell_command: allow',
      'rule mcp_github_get_issue: allow',
    ]);
  });

  test('Cline: tools that it approves by itself', async () => {
    const found = await read(['cline']);
    expect(rulesOf(found)).toEqual([
      'allow github get_issue',
      'allow github list_issues',
      'allow memory read_graph',
      'allow marshal batch_call',
      'allow marshal batch_read',
    ]);
    expect(found.left.map(({ written }) => written)).toEqual(['memory.disabled: true']);
  });

  test('Zed: what its tools are by default, and of all tools', async () => {
    const found = await read(['zed']);
    expect(rulesOf(found)).toEqual([
      'ask github create_issue',
      'allow github get_issue',
      'deny memory delete_entities',
    ]);
    expect(found.modes.map(({ written }) => written)).toEqual(['agent.tool_permissions.default: allow']);
    expect(found.left.map(({ written }) => written)).toEqual(['terminal', 'mcp:github:get_issue: always_deny']);
  });

  test('all of them at once, and nothing of what could be secret', async () => {
    const found = await read();
    expect(found.problems).toEqual([]);
    expect(found.files).toHaveLength(9);
    const { servers: _, ...shown } = found;
    expect(JSON.stringify(shown)).not.toContain('canary-7c1f');
  });
});

describe('files that are not as they should be', () => {
  test('a broken one is reported with its place, and the others are read', async () => {
    const file = place.write('home/.claude/settings.json', '{\n  "permissions": {\n    "deny": [,]\n  }\n}');
    const found = await read();
    expect(found.problems).toMatchObject([
      { place: { file, line: 3 }, message: expect.stringContaining('not valid JSON') },
    ]);
    expect(rulesOf(found)).toContain('allow marshal');
    expect(rulesOf(found)).toContain('deny github fork');
  });

  test.each([
    ['a byte order mark', Buffer.from('\uFEFF{"permissions":{"deny":["mcp__a__b"]}}'), ['deny a__b']],
    ['comments and trailing commas', Buffer.from('{"permissions":{"deny":["mcp__a__b",], // so\n}}'), ['deny a__b']],
    [
      'odd fields',
      Buffer.from('{"permissions":{"deny":[1,null,{},"mcp__a__b"],"allow":"mcp__x","ask":{}}}'),
      ['deny a__b'],
    ],
    ['permissions that are none', Buffer.from('{"permissions":[["deny"]],"mcpServers":7}'), []],
    ['nothing in it', Buffer.from(' \n'), []],
  ])('one with %s is read as far as it goes', async (_what, bytes, rules) => {
    rmSync(join(place.project, '.claude'), { recursive: true });
    place.write('home/.claude/settings.json', bytes);
    const found = await read(['claude-code']);
    expect(found.problems).toEqual([]);
    expect(rulesOf(found)).toEqual(rules);
  });

  test.each([
    ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), 'is not text'],
    ['binary', Buffer.from([1, 0, 2]), 'is not text'],
  ])('one in %s is reported', async (_what, bytes, message) => {
    place.write('home/.claude/settings.json', bytes);
    const { problems } = await read(['claude-code']);
    expect(problems).toMatchObject([{ message: expect.stringContaining(message) }]);
  });

  test('one of 17 MB is reported and not read', async () => {
    truncateSync(place.write('home/.claude/settings.json', '{}'), 17 * 1024 * 1024);
    const { problems } = await read(['claude-code']);
    expect(problems).toMatchObject([{ message: expect.stringContaining('larger than') }]);
  });

  test('a link is followed; a link to nowhere, a folder and a pipe are passed over', async () => {
    const file = place.write('elsewhere.json', '{"permissions":{"deny":["mcp__a__b"]}}');
    for (const name of ['settings.json', 'settings.local.json'])
      rmSync(join(place.project, '.claude', name), { force: true });
    rmSync(join(place.home, '.claude', 'settings.json'));
    symlinkSync(file, join(place.home, '.claude', 'settings.json'));
    symlinkSync('/nowhere/at/all', join(place.project, '.claude', 'settings.json'));
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(place.project, '.claude', 'settings.local.json')]);
    mkdirSync(join(place.project, '.mcp.json'));
    const found = await read(['claude-code']);
    expect(found.problems).toEqual([]);
    expect(rulesOf(found)).toEqual(['deny a__b']);
  });

  test('those of each profile of VS Code are found, too', async () => {
    const user = 'home/.config/Code/User';
    const mcp = (name: string): string => JSON.stringify({ servers: { [name]: { command: 'x' } } });
    place.write(`${user}/mcp.json`, mcp('usual'));
    const own = place.write(`${user}/profiles/-4f1a/mcp.json`, mcp('work'));
    place.write(`${user}/profiles/0b2c/settings.json`, '{"chat.tools.global.autoApprove":true}');
    place.write(`${user}/profiles/stray.json`, mcp('stray'));
    const { servers, modes, problems } = await read(['vscode']);
    expect(problems).toEqual([]);
    expect(servers.map(({ name }) => name)).toEqual(['usual', 'work']);
    expect(modes).toHaveLength(1);
    const surroundings = { platform: 'linux', env: {}, home: place.home, cwd: place.project } as const;
    expect(knownFile(own, surroundings)).toMatchObject({ client: 'vscode', scope: 'user' });
  });

  test('where there are none at all, nothing is found', async () => {
    place.remove();
    place = createClientHome([]);
    expect(await read()).toEqual({ files: [], problems: [], servers: [], rules: [], modes: [], left: [] });
  });
});
