import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCliHome } from '../commands/clients/run-in-home.ts';
import type { CliHome } from '../commands/clients/run-in-home.ts';

const servers = {
  notes: { command: 'notes-mcp', args: ['--token', 'canary-1'], env: { LEVEL: 'debug' } },
  graph: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory'] },
  paused: { command: 'paused-mcp', disabled: true },
  remote: { url: 'https://mcp.example.com/mcp', headers: { Authorization: 'Bearer ${env:NOT_SET}' } },
  marshal: { command: 'mcp-marshal', args: ['serve'] },
};

let place: CliHome;
beforeEach(() => {
  place = createCliHome();
  place.write('home/.cursor/mcp.json', JSON.stringify({ mcpServers: servers }));
});
afterEach(() => place.remove());

const inFolder = (name: string): string => join(place.home, '.config/mcp-marshal', name);
const text = (name: string): string => readFileSync(inFolder(name), 'utf8');
const offline = ['init', '--yes', '--offline'];

describe('init', () => {
  test('writes what clients have as a configuration that loads, its secrets apart and for the user alone', async () => {
    const { code, out, err } = await place.run(offline);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('secret: notes: args --token is ${NOTES_TOKEN} now\n');
    expect(out).toContain('it is mcp-marshal itself');
    expect(out + text('marshal.yaml') + text('policies/notes.yaml')).not.toContain('canary');
    expect(text('marshal.env')).toContain('NOTES_TOKEN=canary-1\n');
    expect(statSync(inFolder('marshal.env')).mode & 0o777).toBe(0o600);
    expect(text('marshal.yaml')).toContain('policy: builtin:memory\n');
    expect((await place.run(['check', '--offline'])).code).toBe(0);
  });

  test('switches a server off whose variables are not set, says which, and has a line for them ready', async () => {
    await place.run(offline);
    expect(text('marshal.yaml')).toMatch(
      /# Switched off: the variable NOT_SET is not set.*\n {2}remote:[^]*enabled: false/,
    );
    expect(text('marshal.env')).toContain('# NOT_SET=\n');
  });

  test('takes the rules that clients have for its tools into the policy', async () => {
    place.write('home/.claude.json', JSON.stringify({ mcpServers: { notes: servers.notes } }));
    place.write('home/.claude/settings.json', '{"permissions":{"deny":["mcp__notes__wipe"]}}');
    await place.run(offline);
    expect(text('policies/notes.yaml')).toContain('deny:\n  - wipe # from Claude Code\n');
  });

  test('takes nothing over that reaches mcp-marshal on this machine: in front of itself it would have no end', async () => {
    const [local, other] = [{ url: 'http://127.0.0.1:9000/mcp' }, { url: 'https://mcp.example.com/mcp' }];
    place.write(
      'home/.cursor/mcp.json',
      JSON.stringify({ mcpServers: { marshal: local, notes: local, 'marshal-x': other } }),
    );
    const { out } = await place.run([...offline, '--json']);
    const { data } = JSON.parse(out);
    expect(data.servers.map(({ name }: { name: string }) => name)).toEqual(['notes', 'marshal-x']);
    expect(data.passed).toMatchObject([{ name: 'marshal', reason: expect.stringContaining('mcp-marshal itself') }]);
  });

  test('says where Claude Code has servers for other folders, and so does one that finds nothing', async () => {
    const projects = { '/home/ann/shop': { mcpServers: { one: servers.graph, two: servers.notes } } };
    place.write('home/.claude.json', JSON.stringify({ projects }));
    const line = 'Claude Code has 2 servers for other folders alone (/home/ann/shop): run mcp-marshal';
    expect((await place.run([...offline, '--dry-run'])).out).toContain(`${line} import there\n`);
    expect((await place.run([...offline, '--from', 'claude-code'])).err).toContain(`${line} init there`);
  });

  test('gives each question of VS Code a variable of its own: what is answered to one file is sent to no server of another', async () => {
    const asking = (name: string): string =>
      JSON.stringify({
        servers: { [name]: { command: `${name}-mcp`, env: { KEY: '${input:api_key}' } } },
        inputs: [{ id: 'api_key', type: 'promptString', description: `key of ${name}` }],
      });
    place.write('home/.config/Code/User/mcp.json', asking('mine'));
    place.write('project/.vscode/mcp.json', asking('theirs'));
    await place.run([...offline, '--from', 'vscode']);
    expect(text('marshal.yaml')).toMatch(
      / {2}mine:\n[^]*KEY: \$\{API_KEY\}[^]* {2}theirs:\n[^]*KEY: \$\{THEIRS_API_KEY\}/,
    );
    expect(text('marshal.env')).toContain('# API_KEY=   (key of mine)\n# THEIRS_API_KEY=   (key of theirs)\n');
    // Whoever switches it on knows whose it is.
    expect(text('marshal.yaml')).toMatch(
      /# Switched off: .*THEIRS_API_KEY is not set.*only .*mcp\.json has it.*\n {2}theirs:/,
    );
  });

  describe('what a cloned project says of itself', () => {
    const evil = { command: 'sh', args: ['-c', 'evil'] };
    const graph = { ...servers.graph, env: { NODE_OPTIONS: '--require ./evil.js' } };
    const entryOf = (name: string): string => text('marshal.yaml').split(`\n  ${name}:\n`)[1]?.split('\n\n')[0] ?? '';
    beforeEach(() => place.write('project/.mcp.json', JSON.stringify({ mcpServers: { evil, graph } })));

    test('is started by nobody with --yes, and adds nothing to a server of the user', async () => {
      const { code, out } = await place.run(offline);
      expect(code).toBe(0);
      expect(out).toContain(`switched off: only ${join(place.project, '.mcp.json')} has it`);
      expect(entryOf('evil')).toContain('enabled: false');
      expect(entryOf('graph-claude-code')).toContain('enabled: false');
      expect(entryOf('graph')).not.toMatch(/evil|enabled/);
    });

    test('is taken as it is where its file is named', async () => {
      await place.run([...offline, '--from', '.mcp.json']);
      expect(entryOf('evil')).toContain('args: [-c, evil]');
      expect(text('marshal.yaml')).not.toContain('enabled: false');
    });

    test('waives no question: its denials are taken over, its allows are told', async () => {
      place.write('home/.claude.json', JSON.stringify({ mcpServers: { notes: servers.notes } }));
      const permissions = { allow: ['mcp__notes__wipe'], deny: ['mcp__notes__send'] };
      place.write('project/.claude/settings.json', JSON.stringify({ permissions }));
      const { out } = await place.run([...offline, '--json']);
      expect(text('policies/notes.yaml')).toContain('deny:\n  - send # from Claude Code\n');
      expect(text('policies/notes.yaml')).not.toContain('wipe');
      expect(JSON.parse(out).data.left).toMatchObject([{ written: 'mcp__notes__wipe' }]);
    });
  });

  test('writes over no file: a configuration ends it with 2, a policy or a file of variables gets another name', async () => {
    place.write('home/.config/mcp-marshal/policies/notes.yaml', '# mine\n');
    place.write('home/.config/mcp-marshal/marshal.env', 'MINE=1\n');
    expect((await place.run(offline)).code).toBe(0);
    expect(text('policies/notes.yaml') + text('marshal.env')).toBe('# mine\nMINE=1\n');
    expect(text('marshal.yaml')).toContain('envFile: marshal-2.env');
    expect(text('marshal.yaml')).toContain('policy: policies/notes-2.yaml');
    const before = text('marshal.yaml');
    const { code, err } = await place.run(offline);
    expect(code).toBe(2);
    expect(err).toContain('exists; nothing was written; mcp-marshal import adds servers to it');
    expect(text('marshal.yaml')).toBe(before);
  });

  test('keeps nothing where one of the files cannot be written', async () => {
    const file = place.write('home/.config/mcp-marshal/policies', '');
    const { code, err } = await place.run(offline);
    expect(code).toBe(1);
    expect(err).toContain('nothing was kept');
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(existsSync(inFolder('marshal.env')) || existsSync(inFolder('marshal.yaml'))).toBe(false);
  });

  test('two at once: one writes, and the other says that, and keeps nothing', async () => {
    const runs = await Promise.all([place.run(offline), place.run(offline)]);
    const [lost, ...others] = runs.filter(({ code }) => code !== 0);
    expect(others).toEqual([]);
    expect(lost?.err).toMatch(/has just been written by another init; nothing of this one was kept/);
    expect((await place.run(['check', '--offline'])).code).toBe(0);
  });

  test('--dry-run shows the files and writes none; --json says the same for programs, and no secret', async () => {
    const dry = await place.run([...offline, '--dry-run']);
    expect(dry.out).toContain('marshal.yaml:\n  # Proposed by mcp-marshal init.');
    const { out } = await place.run([...offline, '--dry-run', '--json']);
    const { data } = JSON.parse(out);
    expect(data.written).toEqual([]);
    expect(data.secrets).toEqual([{ variable: 'NOTES_TOKEN', of: 'notes: args --token' }]);
    expect(data.servers.map(({ name }: { name: string }) => name)).toEqual(['notes', 'graph', 'paused', 'remote']);
    expect(dry.out + out).not.toContain('canary');
    expect(existsSync(inFolder('marshal.yaml'))).toBe(false);
  });

  test('says where git would take the file with the secrets, until it is ignored', async () => {
    place.write('project/.git/HEAD', '');
    const args = ['init', '--yes', '--offline', '--here', '--dry-run'];
    const file = join(place.project, 'marshal.env');
    expect((await place.run(args)).out).toContain(
      `git would take ${file}, which holds secrets; write marshal.env into `,
    );
    place.write('project/.gitignore', '# secrets\n*.env\n');
    expect((await place.run(args)).out).not.toContain('git would take');
    place.write('project/.gitignore', '*.env\n!marshal.env\n');
    expect(JSON.parse((await place.run([...args, '--json'])).out).data.unignored).toEqual([file]);
  });

  test('--here writes into the folder that is worked in, and a file can be named in the place of clients', async () => {
    place.write('project/other.json', JSON.stringify({ mcpServers: { one: { command: 'one-mcp' } } }));
    expect((await place.run([...offline, '--here', '--from', 'other.json'])).code).toBe(0);
    const written = readFileSync(join(place.project, 'marshal.yaml'), 'utf8');
    expect(written).toContain('  one:\n');
    expect(written).not.toContain('notes');
  });

  test.each([
    [['init'], 2, 'add --yes to take all of them'],
    [['init', '--yes', '--from', 'notepad'], 2, 'name a file, or one of claude-code, '],
    [['init', '--yes', '--from', 'zed'], 1, 'no server was found'],
    [['init', '--yes', '--config', 'marshal.json'], 2, 'is written as YAML'],
    [['init', '--yes', '--here', '--config', 'a.yaml'], 2, 'two files'],
  ])('%j ends with %i and says what would be right', async (argv, code, message) => {
    const ended = await place.run(argv);
    expect(ended.code).toBe(code);
    expect(ended.err).toContain(message);
    expect(existsSync(inFolder('marshal.yaml'))).toBe(false);
  });
});

describe('import of servers', () => {
  const config = `version: 1
servers:
  # keep me
  graph: { command: npx, args: ["@modelcontextprotocol/server-memory"] }   # and me
  notes:
    command: another-mcp

batch: { maxCalls: 5 }   # and me too
`;
  beforeEach(() => place.write('project/marshal.yaml', config));
  const written = (): string => readFileSync(join(place.project, 'marshal.yaml'), 'utf8');

  test('shows what is new and what is there already, and writes nothing', async () => {
    const { code, out, err } = await place.run(['import']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('graph of Cursor: already there as graph\n');
    expect(out).toContain('notes-cursor from Cursor: new');
    expect(out).toContain('nothing was written; --write does\n');
    expect(out).not.toContain('canary');
    expect(written()).toBe(config);
  });

  test('--write adds the new ones, keeps every comment and the old file, and adds nothing twice', async () => {
    expect((await place.run(['import', '--write'])).code).toBe(0);
    const [, ...lines] = config.split('\n');
    for (const line of lines) expect(written()).toContain(line);
    expect(written()).toContain('  notes-cursor:\n    command: notes-mcp\n');
    expect(written()).not.toContain('canary');
    expect(readFileSync(join(place.project, 'marshal.yaml.bak'), 'utf8')).toBe(config);
    expect(statSync(join(place.project, 'marshal.env')).mode & 0o777).toBe(0o600);
    expect((await place.run(['check', '--offline'])).code).toBe(0);
    const again = await place.run(['import', '--write']);
    expect(again.out).toContain('0 new servers, 4 there already');
    expect(again.out).toContain('nothing to write\n');
  });

  test('adds to the file of variables that is there, and shows nothing of it', async () => {
    chmodSync(place.write('project/.env', 'MINE=canary-mine'), 0o644);
    place.write('project/marshal.yaml', `envFile: .env\n${config}`);
    const { code, out } = await place.run(['import', '--write']);
    expect(code).toBe(0);
    expect(out).not.toContain('canary');
    expect(readFileSync(join(place.project, '.env'), 'utf8')).toBe(
      'MINE=canary-mine\nNOTES_CURSOR_TOKEN=canary-1\n# NOT_SET=\n',
    );
    expect(statSync(join(place.project, '.env')).mode & 0o777).toBe(0o600);
  });

  test('adds nothing twice that has its user in its address, and says that git would take the copy of the old file', async () => {
    place.write('project/.git/HEAD', '');
    place.write('project/.gitignore', '/.env\n');
    place.write('project/.env', 'MINE=1\n');
    place.write('project/marshal.yaml', `envFile: .env\n${config}`);
    const one = { url: 'https://me:canary@mcp.example.com/mcp' };
    place.write('home/.cursor/mcp.json', JSON.stringify({ mcpServers: { one } }));
    const { out } = await place.run(['import', '--write']);
    expect(out).toContain(`git would take ${join(place.project, '.env.bak')}, `);
    expect(out).toContain('next: mcp-marshal import --policies\n');
    expect((await place.run(['import'])).out).toContain('one of Cursor: already there as one\n');
  });

  test('gives no server a secret of another by the name of its variable, and a file with an open quote is left', async () => {
    const waiting = config.replace(
      'command: another-mcp',
      'command: another-mcp\n    env: { T: "${NOTES_CURSOR_TOKEN:-}" }',
    );
    place.write('project/marshal.yaml', waiting);
    await place.run(['import', '--write']);
    expect(written()).toContain('"${NOTES_CURSOR_TOKEN_2}"');
    place.write('project/.env', "MINE='canary");
    const text = `envFile: .env\n${config}`;
    place.write('project/marshal.yaml', text);
    place.write(
      'home/.cursor/mcp.json',
      JSON.stringify({ mcpServers: { a: { command: 'a', env: { TOKEN: "o'canary" } } } }),
    );
    const { code, err } = await place.run(['import', '--write']);
    expect({ code, text: written() }).toEqual({ code: 1, text });
    expect(err).toContain('close the quotes');
  });

  test("edits no configuration that is a client's own file", async () => {
    const file = place.write('project/.mcp.json', '{"mcpServers":{"a":{"command":"a"}}}');
    const { code, err } = await place.run(['import', '--write', '--from', 'cursor', '--config', file]);
    expect(code).toBe(1);
    expect(err).toContain("another program's own file");
  });
});
