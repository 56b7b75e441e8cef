import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCliHome, inProject } from './run-in-home.ts';
import type { CliHome } from './run-in-home.ts';

const configText = `version: 1
stateDir: state
servers:
  github: { command: github-mcp, policy: policies/github.yaml }
  memory:
    command: memory-mcp   # the graph
    policy: builtin:memory
`;
const policyText = `version: 1
server: github
# What nobody may.
deny: [delete_repository]   # for ever
ask:
  - merge_pull_request
`;
const settings = {
  permissions: {
    allow: ['mcp__github__get_issue', 'mcp__memory', 'Bash(psql postgres://me:canary-7c1f@db)'],
    ask: ['mcp__github__create_issue'],
    deny: ['mcp__github__delete_repository', 'mcp__memory__delete_relations'],
  },
};

let place: CliHome;
beforeEach(() => {
  place = createCliHome();
  place.write('project/marshal.yaml', configText);
  place.write('project/policies/github.yaml', policyText);
  place.write('project/.claude/settings.json', JSON.stringify(settings, null, 2));
});
afterEach(() => place.remove());

const text = (name: string): string => readFileSync(inProject(place, name), 'utf8');

describe('import --permissions', () => {
  test('shows which lines each policy would get, from where, and writes nothing', async () => {
    const { code, out, err } = await place.run(['import', '--permissions']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const from = inProject(place, '.claude/settings.json');
    expect(out).toContain(`github (${inProject(place, 'policies/github.yaml')}): 2 new rules; 1 there already\n`);
    expect(out).toContain(`  allow get_issue  from Claude Code ${from}:4:7\n`);
    expect(out).toContain('  @@ line 5 @@\n   ask:\n');
    expect(out).toContain('  +  - create_issue\n  +allow: [get_issue]\n');
    expect(out).toContain('its entry gets policy: policies/memory.yaml\n');
    expect(out).toContain(`  ${from}:5:7 mcp__memory: it allows a whole server`);
    expect(out).toContain(`  ${from}:6:7 Bash(…): it is about a tool of the client's own`);
    expect(out).toContain('nothing was written; --write does\n');
    expect(text('policies/github.yaml')).toBe(policyText);
    expect(existsSync(inProject(place, 'policies/memory.yaml'))).toBe(false);
    expect(await place.run(['import', '--permissions', '--dry-run'])).toEqual({ code, out, err });
  });

  test('never shows what could be secret', async () => {
    for (const more of [[], ['--json']]) {
      const { out, err } = await place.run(['import', '--permissions', ...more]);
      expect(out + err).not.toContain('canary-7c1f');
    }
  });

  test('--write adds the lines, keeps the old files, and gives a server with a policy of the package its own', async () => {
    const { code, out } = await place.run(['import', '--permissions', '--write']);
    expect(code).toBe(0);
    expect(out).toContain(`wrote ${inProject(place, 'marshal.yaml')}; the old one is`);
    expect(text('policies/github.yaml')).toBe(`${policyText}  - create_issue\nallow: [get_issue]\n`);
    expect(text('policies/github.yaml.bak')).toBe(policyText);
    expect(text('marshal.yaml')).toBe(configText.replace('builtin:memory', 'policies/memory.yaml'));
    const own = text('policies/memory.yaml');
    expect(own).toContain('destructive: ["delete_*"]');
    expect(own).toContain('deny: [delete_relations]\n');
    expect((await place.run(['check', '--offline'])).code).toBe(0);
    const again = await place.run(['import', '--permissions', '--write']);
    expect(again.out).toContain('nothing to write\n');
    expect(existsSync(inProject(place, 'policies/github.yaml.2.bak'))).toBe(false);
  });

  test('--take-all takes over the allow of a whole server', async () => {
    const { out } = await place.run(['import', '--permissions', '--take-all']);
    expect(out).toContain('  allow *  from Claude Code');
  });

  test('of a project that the configuration is not part of, denials are taken over, and no allow unless its file is named', async () => {
    place.write('home/.config/mcp-marshal/marshal.yaml', configText.replace('policy: policies/github.yaml', ''));
    rmSync(inProject(place, 'marshal.yaml'));
    const { out } = await place.run(['import', '--permissions']);
    expect(out).toContain('  deny delete_repository  from Claude Code');
    expect(out).not.toContain('  allow ');
    expect(out).toContain('it stands in a file of the project');
    const named = await place.run(['import', '--permissions', '--from', inProject(place, '.claude/settings.json')]);
    expect(named.out).toContain('  allow get_issue  from Claude Code');
  });

  test('a server of a project that the configuration is not part of is added switched off', async () => {
    place.write('home/.config/mcp-marshal/marshal.yaml', configText.replace('policy: policies/github.yaml', ''));
    rmSync(inProject(place, 'marshal.yaml'));
    place.write('project/.mcp.json', JSON.stringify({ mcpServers: { odd: { command: 'sh', args: ['-c', 'true'] } } }));
    const { out } = await place.run(['import']);
    expect(out).toMatch(/odd from Claude Code: new.*\n {2}switched off: only .*\.mcp\.json has it/);
    expect(out).toMatch(/\+ +enabled: false/);
  });

  test('--from looks at one client alone', async () => {
    place.write('home/.codex/config.toml', '[mcp_servers.github]\ncommand = "github-mcp"\ndisabled_tools = ["fork"]\n');
    const { out } = await place.run(['import', '--permissions', '--from', 'codex']);
    expect(out).toContain('  deny fork  from Codex');
    expect(out).not.toContain('Claude Code');
  });

  test('--json says it for programs', async () => {
    const { out } = await place.run(['import', '--permissions', '--json']);
    const { version, data } = JSON.parse(out);
    expect(version).toBe(1);
    expect(data.servers.map(({ server }: { server: string }) => server)).toEqual(['github', 'memory']);
    expect(data.servers[0].rules[0]).toMatchObject({
      list: 'allow',
      pattern: 'get_issue',
      from: [{ client: 'claude-code', place: { line: 4 } }],
    });
    expect(data.left).toHaveLength(2);
    expect(data.written).toEqual([]);
  });

  test('leaves a policy alone that two servers share, and says so', async () => {
    place.write('project/policies/both.yaml', 'version: 1\n');
    const shared =
      'version: 1\nservers:\n  github: { command: a, policy: policies/both.yaml }\n  other: { command: b, policy: policies/both.yaml }\n';
    place.write('project/marshal.yaml', shared);
    const { code, out } = await place.run(['import', '--permissions', '--write']);
    expect(code).toBe(0);
    expect(out).toContain('is the policy of github and other; give each its own file');
    expect(text('policies/both.yaml')).toBe('version: 1\n');
  });

  test("edits no configuration that is a client's own file, and says what to write by hand", async () => {
    const clientFile = '{ "mcpServers": { "github": { "command": "github-mcp" } } }';
    const file = place.write('project/sub/.mcp.json', clientFile);
    const { code, err } = await place.run(['import', '--permissions', '--write', '--config', file]);
    expect(code).toBe(1);
    expect(err).toContain('nothing was written');
    expect(err).toContain('by hand');
    expect(text('sub/.mcp.json')).toBe(clientFile);
  });

  test('writes over no file that is there and not used', async () => {
    place.write('project/policies/memory.yaml', '# notes\n');
    const { out } = await place.run(['import', '--permissions', '--write']);
    expect(out).toContain('exists and is not the policy of memory');
    expect(text('policies/memory.yaml')).toBe('# notes\n');
    expect(text('marshal.yaml')).toBe(configText);
  });

  test('reads the other files where one is broken, and says where', async () => {
    const file = place.write('home/.claude/settings.json', '{"permissions": oops}');
    const { code, out } = await place.run(['import', '--permissions']);
    expect(code).toBe(0);
    expect(out).toContain(`warning: ${file}:1:17 is not valid JSON`);
    expect(out).toContain('  allow get_issue  from Claude Code');
  });

  test.each([
    [['import', '--take-all'], 'write mcp-marshal import --permissions --take-all'],
    [['import', '--permissions', '--from', 'notepad'], 'name a file, or one of claude-code, '],
    [['import', '--permissions', '--write', '--dry-run'], 'cannot be used with'],
  ])('%j is a mistake that says what would be right', async (argv, message) => {
    const { code, err } = await place.run(argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test('ends with 2 where the configuration is not valid, before any file is written', async () => {
    writeFileSync(inProject(place, 'marshal.yaml'), 'version: 1\nservers: { github: {} }\n');
    expect((await place.run(['import', '--permissions', '--write'])).code).toBe(2);
    expect(text('policies/github.yaml')).toBe(policyText);
  });
});
