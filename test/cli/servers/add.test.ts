import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkRecipe } from '../../../src/batch/recipe/check-recipe.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createCliHome } from '../commands/clients/run-in-home.ts';
import type { CliHome } from '../commands/clients/run-in-home.ts';
import { fakeIo } from '../fake-io.ts';
import { deleteTool, readTool, stubParts, writeTool } from '../stub-proxy.ts';
import type { StubServer } from '../stub-proxy.ts';

let place: CliHome;
beforeEach(() => {
  place = createCliHome();
});
afterEach(() => place.remove());

const inFolder = (name: string): string => join(place.home, '.config/mcp-marshal', name);
const text = (name = 'marshal.yaml'): string => readFileSync(inFolder(name), 'utf8');
const write = (config: string): string => place.write('home/.config/mcp-marshal/marshal.yaml', config);
const mine = 'version: 1\nservers:\n  # mine\n  notes: { command: notes-mcp } # too\nbatch: { maxCalls: 5 }\n';
const offline = (...words: string[]): ReturnType<CliHome['run']> => place.run(['add', '--offline', ...words]);

/** `add` where the server answers as the test says. */
async function addTo(
  server: StubServer,
  words: string[],
  meanwhile: () => unknown = () => {},
): Promise<{ code: number; shown: string }> {
  const fake = fakeIo({ env: { HOME: place.home }, cwd: place.project });
  const { parts, proxy } = stubParts({ fresh: server });
  const createProxy = (): typeof proxy => ({ ...proxy, settled: async () => void meanwhile() });
  const load: typeof loadConfig = (options) => loadConfig({ ...options, checkRecipe });
  const code = await runCli(['add', 'fresh', ...words], fake.io, { ...parts, loadConfig: load, createProxy });
  return { code, shown: fake.out() + fake.err() };
}

describe('add', () => {
  test('makes a first configuration where init would, and says so', async () => {
    const { code, out, err } = await offline('graph', '--', 'npx', '-y', '@modelcontextprotocol/server-memory');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`there is no configuration yet; this makes ${inFolder('marshal.yaml')}\n`);
    expect(out).toContain('next: mcp-marshal install --all\n');
    expect(text()).toContain(
      'servers:\n  graph:\n    command: npx\n    args: [-y, "@modelcontextprotocol/server-memory"]\n    policy: builtin:memory\n',
    );
    expect((await place.run(['check', '--offline'])).code).toBe(0);
  });

  test('puts the server behind the others, and keeps comments, formatting and the old file', async () => {
    write(mine);
    expect((await offline('more', '--', 'more-mcp', '--flag')).code).toBe(0);
    const entry = '  more:\n    command: more-mcp\n    args: [--flag]\n    policy: policies/more.yaml\n';
    expect(text()).toBe(mine.replace('batch:', `${entry}batch:`));
    expect(text('marshal.yaml.bak')).toBe(mine);
    expect(text('policies/more.yaml')).toContain('has not been reached');
  });

  test('writes JSON where the configuration is JSON, in its style', async () => {
    const before = '{\n  "version": 1,\n  "servers": {\n    "notes": { "command": "x" } // mine\n  }\n}\n';
    const file = place.write('project/own.json', before);
    const { code } = await place.run(['add', '--offline', 'more', '--config', file, '--', 'more-mcp']);
    expect(code).toBe(0);
    const entry = ',\n    "more": {\n      "command": "more-mcp",\n      "policy": "policies/more.yaml"\n    }';
    expect(readFileSync(file, 'utf8')).toBe(
      before.replace(' } // mine', ' }, // mine').replace(' // mine', ` // mine${entry.slice(1)}`),
    );
  });

  test('shows no secret, and moves those in settings, headers, arguments and addresses to a file for the user alone', async () => {
    write(mine);
    const shown = [
      await offline('one', '-e', 'API_KEY=canary-1', '--env', 'LEVEL=debug', '--', 'one-mcp', '--token', 'canary-2'),
      await offline('two', 'https://example.com/mcp?api_key=canary-3', '-H', 'Authorization: Bearer canary-4'),
      await offline('three', '--dry-run', '--json', '-e', 'API_KEY=canary-5', '--', 'three-mcp'),
    ];
    expect(shown.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(shown.map(({ out, err }) => out + err).join('') + text() + text('marshal.yaml.bak')).not.toContain('canary');
    expect(text()).toContain('      API_KEY: ${ONE_API_KEY}\n      LEVEL: debug\n');
    expect(text()).toContain('Authorization: Bearer ${TWO_AUTHORIZATION}\n');
    for (const number of [1, 2, 3, 4]) expect(text('marshal.env')).toContain(`=canary-${number}\n`);
    expect(statSync(inFolder('marshal.env')).mode & 0o777).toBe(0o600);
    expect(shown[0]?.out).toContain('secret: one: env API_KEY is ${ONE_API_KEY} now\n');
    expect((await place.run(['check', '--offline'])).code).toBe(0);
  });

  test('takes a variable without a value from the environment, and switches the server off until it is set', async () => {
    write(mine);
    const { code, out } = await offline('more', '--env', 'NOT_SET', '--', 'more-mcp');
    expect(code).toBe(0);
    expect(out).toContain('more: added switched off: the variable NOT_SET is not set');
    expect(text()).toMatch(/# Switched off: .*\n {2}more:[^]* {6}NOT_SET: \$\{NOT_SET\}\n[^]* {4}enabled: false\n/);
    expect(text('marshal.env')).toBe('# NOT_SET=\n');
    expect((await place.run(['check', '--offline'])).code).toBe(0);
  });

  test('says of a variable that only this shell has that nothing starts without it elsewhere', async () => {
    write(mine);
    const { code, out } = await offline('more', '--env', 'HOME', '--env', 'API_KEY=canary-1', '--', 'more-mcp');
    expect(code).toBe(0);
    expect(out).toContain('careful: HOME is set here, and has to be wherever mcp-marshal is started');
    expect(out).not.toContain('careful: MORE_API_KEY');
  });

  test('has relative paths mean what they mean where they were typed', async () => {
    write(mine);
    await offline('more', '--', './bin/more', 'server.js');
    expect(text()).toContain(
      `    command: ${place.project}/bin/more\n    args: [server.js]\n    cwd: ${place.project}\n`,
    );
    place.write('project/marshal.yaml', mine);
    await offline('more', '--cwd', 'sub', '--policy', 'builtin:memory', '--', './bin/more');
    const own = readFileSync(join(place.project, 'marshal.yaml'), 'utf8');
    expect(own).toContain('    command: ./bin/more\n    cwd: sub\n    policy: builtin:memory\n');
  });

  test('speaks the older way with an address of the older kind, and with any that is said to be one', async () => {
    write(mine);
    await offline('one', 'https://example.com/sse');
    await offline('two', 'https://example.com/two', '--type', 'sse');
    await offline('three', '--transport', 'http', '--url', 'https://example.com/three');
    expect(text()).toContain('  one:\n    type: sse\n    url: https://example.com/sse\n');
    expect(text()).toContain('  two:\n    type: sse\n');
    expect(text()).toContain('  three:\n    url: https://example.com/three\n');
  });

  test.each([[['-e', 'ACCOUNT=two']], [['-e', 'ACCOUNT']]])(
    'takes a program that is there already for another account: %j',
    async (given) => {
      write(mine.replace('command: notes-mcp', 'command: notes-mcp, env: { ACCOUNT: one }'));
      expect(await offline('again', '-e', 'ACCOUNT=one', '--', 'notes-mcp')).toMatchObject({ code: 2 });
      expect(await offline('again', ...given, '--', 'notes-mcp')).toMatchObject({ code: 0 });
      expect(await offline('third', '-e', 'ACCOUNT=one', '-e', 'MORE=1', '--', 'notes-mcp')).toMatchObject({ code: 0 });
    },
  );

  test('writes nothing with --dry-run, and shows what it would', async () => {
    write(mine);
    const { out } = await offline('more', '--dry-run', '--', 'more-mcp');
    expect(out).toContain('  +  more:\n  +    command: more-mcp\n');
    expect(out).toContain('nothing was written; leave out --dry-run to write\n');
    expect(text()).toBe(mine);
    expect(readdirSync(inFolder('.'))).toEqual(['marshal.yaml']);
  });

  test.each([
    [['NOTES', '--', 'x'], 'has a server notes already; nothing was written; choose another name'],
    [['again', '--', 'notes-mcp'], 'has this server already, as notes; nothing was written'],
    [['my server', '--', 'x'], 'write letters, digits, "-" and "_" only; such as my-server'],
    [['__proto__', '--', 'x'], 'choose another name'],
    [['me', '--', 'npx', 'mcp-marshal', 'serve'], 'that is mcp-marshal itself'],
    [['x'], 'write mcp-marshal add x -- COMMAND, or mcp-marshal add x https://HOST/PATH'],
    [['x', 'npx', '-y', 'server', '--key=canary-1'], 'write -- before the command of the server'],
    [['x', 'npx', '--key=canary-1'], "unknown option '--key'; write -- before"],
    [['x', '--', 'npx -y server'], 'leave the quotes around it out'],
    [
      ['x', '-e', 'A=1', 'B=canary-1', '--', 'x-mcp'],
      'B=… stands in the place of the command; write --env before each',
    ],
    [['x', '@scope/server'], 'write mcp-marshal add x -- npx -y @scope/server'],
    [['x', 'localhost:3000/mcp'], 'write it with https:// or http:// before it'],
    [['x', '--scope', 'user', '--', 'x-mcp'], 'leave it out: --config FILE says'],
    [['x', 'ws://example.com'], 'write https://HOST/PATH'],
    [['x', 'https://example.com', 'canary-1'], 'more words follow the URL'],
    [['x', 'https://example.com', '-e', 'A=canary-1'], '--env is for a server that is started here'],
    [['x', 'https://example.com', '--type', 'stdio'], '--type stdio is for a command'],
    [['x', '-t', 'http', '--', 'x-mcp'], '--type http is for a URL'],
    [['x', '-e', '=canary-1', '--', 'x-mcp'], 'write --env KEY=VALUE'],
    [['x', '-e', 'A B', '--', 'x-mcp'], 'write --env KEY=VALUE'],
    [['x', '-e', 'A=1', '-e', 'A=2', '--', 'x-mcp'], '--env has A twice'],
    [['x', '-H', 'canary-1', 'https://example.com'], "write --header 'Name: value'"],
    [['x', '-H', 'A: canary-1', '--', 'x-mcp'], '--header is for a server behind a URL'],
    [['x', '--policy', 'builtin:memroy', '--', 'x-mcp'], 'did you mean builtin:memory?'],
    [['x', '--policy', 'none.yaml', '--', 'x-mcp'], 'does not exist'],
  ])('refuses %j with 2, writes nothing, and says what to write: %s', async (words, says) => {
    write(mine);
    const { code, out, err } = await offline(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
    expect(err).not.toContain('canary');
    expect(text()).toBe(mine);
    expect(readdirSync(inFolder('.'))).toEqual(['marshal.yaml']);
  });

  test('adds nothing to a configuration that does not load, to the file of another program, or beside one that is misnamed', async () => {
    write('version: 1\nservers:\n  a: {}\n');
    expect((await offline('x', '--', 'x')).code).toBe(2);
    write('{"mcpServers":{"a":{"command":"a"}}}');
    expect((await offline('x', '--', 'x')).err).toContain("another program's own file");
    const other = createCliHome();
    other.write('project/marshal.yml', mine);
    const { code, err } = await other.run(['add', '--offline', 'x', '--', 'x']);
    other.remove();
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('marshal.yml') });
  });

  test('shows the tools of the server by their classes, and writes them down as a policy', async () => {
    write(mine);
    const { code, shown } = await addTo({ tools: [readTool, writeTool, deleteTool] }, ['--', 'fresh-mcp']);
    expect(code).toBe(0);
    expect(shown).toContain('fresh: 3 tools: 1 read, 1 write, 1 destructive\n');
    expect(shown).toContain('  read: read_text_file\n');
    expect(shown).toContain('policy: policies/fresh.yaml\n');
    expect(text('policies/fresh.yaml')).toMatch(/\nread:\n {2}- read_text_file/);
  });

  test('adds a server that cannot be reached, says why without its secrets, and ends with 4', async () => {
    write(mine);
    const state = { state: 'failed', reason: 'it exited; bad token sk-canary1234567890abcdef' } as const;
    const { code, shown } = await addTo({ state }, ['--', 'fresh-mcp']);
    expect(code).toBe(4);
    expect(shown).toContain('fresh: added, but not reached: it exited; bad token');
    expect(shown).not.toContain('canary');
    expect(shown).toContain('next: mcp-marshal doctor\nthen: mcp-marshal import --policies --write\n');
    expect(text()).toContain('  fresh:\n');
  });

  test('adds a server that wants a login, says which command that is, and ends with 3', async () => {
    write(mine);
    const state = { state: 'failed', reason: 'it wants a login', needsLogin: true } as const;
    const { code, shown } = await addTo({ state }, ['https://example.com/mcp']);
    expect(code).toBe(3);
    expect(shown).toContain('next: mcp-marshal login fresh\n');
    expect(text()).toContain('  fresh:\n');
  });

  test('writes nothing where somebody else has changed the configuration meanwhile, and keeps no policy that nothing names', async () => {
    write(mine);
    const { code, shown } = await addTo({ tools: [readTool] }, ['--', 'fresh-mcp'], () => write(`${mine}# theirs\n`));
    expect(code).toBe(1);
    expect(shown).toContain('has changed in the meantime; run the command again');
    expect(text()).toBe(`${mine}# theirs\n`);
    expect(existsSync(inFolder('policies/fresh.yaml'))).toBe(false);
  });
});
