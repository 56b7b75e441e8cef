import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { inFolder, load, problemsOf, server, warningsOf } from './load-from.ts';

const one = server('command: npx');

describe('which file', () => {
  test('the file that --config names comes before all others', async () => {
    const files = { 'marshal.yaml': server('command: wrong'), 'mine.yaml': one, 'env.yaml': server('command: wrong') };
    const config = await load(files, { file: 'mine.yaml', env: { MCP_MARSHAL_CONFIG: 'env.yaml' } });
    expect(config.servers[0]?.transport).toMatchObject({ command: 'npx' });
  });

  test('then the file in MCP_MARSHAL_CONFIG, which may start with ~', async () => {
    const files = { 'marshal.yaml': server('command: wrong'), 'mine.yaml': one };
    const config = await load(files, { env: { MCP_MARSHAL_CONFIG: '~/mine.yaml' } });
    expect(config.servers[0]?.transport).toMatchObject({ command: 'npx' });
  });

  test('then marshal.yaml in the working directory, then the one of the user', async () => {
    await inFolder({ 'work/none.txt': '', 'home/.config/mcp-marshal/marshal.yaml': one }, async (folder) => {
      const config = await loadConfig({ cwd: join(folder, 'work'), env: { HOME: join(folder, 'home') } });
      expect(config.file).toBe(join(folder, 'home/.config/mcp-marshal/marshal.yaml'));
    });
    await inFolder({ 'xdg/mcp-marshal/marshal.yaml': one }, async (folder) => {
      const config = await loadConfig({ cwd: folder, env: { HOME: folder, XDG_CONFIG_HOME: join(folder, 'xdg') } });
      expect(config.file).toBe(join(folder, 'xdg/mcp-marshal/marshal.yaml'));
    });
  });

  test('without any file, the message names the places and what to do', async () => {
    await inFolder({}, async (folder) => {
      const message = `no configuration was found; looked for ${folder}/marshal.yaml and ${folder}/.config/mcp-marshal/marshal.yaml. Write one with mcp-marshal init, or name a file with --config FILE or in MCP_MARSHAL_CONFIG`;
      await expect(loadConfig({ cwd: folder, env: { HOME: folder } })).rejects.toThrow(message);
    });
  });

  test.each(['marshal.yml', '.config/mcp-marshal/mcp-marshal.json'])(
    'a file that is called nearly as it should be is named: %s',
    async (name) => {
      await inFolder({ [name]: one }, async (folder) => {
        const message = `There is ${folder}/${name}, which is not looked for: name it with --config, or call it marshal.yaml`;
        await expect(loadConfig({ cwd: folder, env: { HOME: folder } })).rejects.toThrow(message);
      });
    },
  );

  test('problems show the file as the user wrote it', async () => {
    const [line] = await problemsOf({ 'sub/a.yaml': 'version: 2\nservers: {}' }, { file: './sub/a.yaml' });
    expect(line).toMatch(/^\.\/sub\/a\.yaml:1:10 version: /);
  });
});

describe('what a configuration means', () => {
  test('everything that is left out has the default of the contract', async () => {
    const config = await load(one, { env: { HOME: '/home/ann' } });
    expect(config).toMatchObject({
      batch: {
        maxCalls: 100,
        maxParallel: 8,
        deadlineMs: 50_000,
        parallel: 'prefer',
        onError: 'continue',
        maxReplyChars: 40_000,
        format: 'text',
      },
      maxParallel: 32,
      surface: 'passthrough',
      naming: 'prefixed',
      log: { level: 'info', format: 'json' },
      stateDir: '/home/ann/.local/state/mcp-marshal',
      warnings: [],
    });
    const [first] = config.servers;
    expect(first).toMatchObject({ enabled: true, maxParallel: 8, maxParallelWrites: 8, maxParallelIsSet: false });
    expect(first).toMatchObject({ parallel: 'none', place: { file: 'marshal.yaml', line: 3, column: 3 } });
    expect(first).not.toHaveProperty('timeoutMs');
    expect(first?.policy).toMatchObject({ annotations: 'trust', unannotated: 'write', rules: [], domain: 'one' });
  });

  test('state is kept in XDG_STATE_HOME, or where stateDir says', async () => {
    expect((await load(one, { env: { XDG_STATE_HOME: '/state' } })).stateDir).toBe('/state/mcp-marshal');
    expect((await load(`${one}stateDir: ~/kept\n`, { env: { HOME: '/home/ann' } })).stateDir).toBe('/home/ann/kept');
  });

  test.each(['', 'relative/home'])(
    'a HOME of "%s" is none: the home directory is what the system knows',
    async (HOME) => {
      vi.stubEnv('HOME', HOME);
      const { stateDir } = await load(one, { env: { HOME } });
      vi.unstubAllEnvs();
      expect(stateDir).toBe(join(userInfo().homedir, '.local/state/mcp-marshal'));
    },
  );

  test('of several limits the smallest holds, of several timeouts the most specific', async () => {
    const policy = 'version: 1\nlimits: { maxParallel: 4, maxParallelWrites: 9, timeout: 30s }\n';
    const files = (...lines: string[]): Record<string, string> => ({
      'marshal.yaml': server('command: npx', 'policy: p.yaml', ...lines),
      'p.yaml': policy,
    });
    const limits = { maxParallel: 4, maxParallelWrites: 4, maxParallelIsSet: true };
    expect((await load(files())).servers[0]).toMatchObject({ ...limits, timeoutMs: 30_000 });
    expect((await load(files('maxParallel: 6', 'timeout: 1h'))).servers[0]).toMatchObject({
      ...limits,
      timeoutMs: 3_600_000,
    });
    expect((await load(files('maxParallel: 2'))).servers[0]).toMatchObject({ maxParallel: 2, maxParallelWrites: 2 });
    expect((await load(server('command: a', 'maxParallel: 20'))).servers[0]).toMatchObject({ maxParallel: 20 });
  });

  test('paths are relative to the file that holds them', async () => {
    const files = {
      'etc/marshal.yaml': server('command: ./run.sh', 'cwd: work', 'policy: p/one.yaml'),
      'etc/p/one.yaml': 'version: 1\nbase: ../data\n',
    };
    await inFolder(files, async (folder) => {
      const { servers } = await loadConfig({ cwd: folder, file: 'etc/marshal.yaml', env: {} });
      expect(servers[0]?.transport).toMatchObject({
        command: join(folder, 'etc/run.sh'),
        cwd: join(folder, 'etc/work'),
      });
      expect(servers[0]?.policy).toMatchObject({
        base: join(folder, 'etc/data'),
        file: join(folder, 'etc/p/one.yaml'),
      });
    });
  });

  test('a server without cwd starts where mcp-marshal does, as it would in its client', async () => {
    await inFolder({ 'etc/marshal.yaml': one }, async (folder) => {
      const { servers } = await loadConfig({ cwd: folder, file: 'etc/marshal.yaml', env: {} });
      expect(servers[0]?.transport).toMatchObject({ cwd: folder });
      expect(servers[0]?.policy.base).toBe(folder);
    });
  });

  test.each([
    ['', 'http'],
    ['type: http', 'http'],
    ['type: streamable-http', 'http'],
    ['type: streamableHttp', 'http'],
    ['type: sse', 'sse'],
  ])('a url with "%s" is reached over %s', async (line, type) => {
    const config = await load(server('url: https://x.example/mcp', ...(line ? [line] : [])));
    expect(config.servers[0]?.transport).toMatchObject({ type, url: 'https://x.example/mcp' });
    expect(config.servers[0]?.policy.base).toBe('/');
  });

  test('numbers and booleans in env and args reach the server as the file spells them', async () => {
    const config = await load(server('command: npx', 'args: [-p, 8080]', 'env: { A: 1.10, B: true, C: 0x1F, D: 007 }'));
    expect(config.servers[0]?.transport).toMatchObject({
      args: ['-p', '8080'],
      env: { A: '1.10', B: 'true', C: '0x1F', D: '007' },
    });
  });

  test('an anchor used twice means the same value twice', async () => {
    const config = await load('version: 1\nservers:\n  a: &a { command: npx, env: { N: 1.0 } }\n  b: *a\n');
    expect(config.servers.map(({ transport }) => transport)).toMatchObject([
      { env: { N: '1.0' } },
      { env: { N: '1.0' } },
    ]);
  });

  test('JSON may have comments, tabs and trailing commas', async () => {
    const json =
      '{\n\t// ours\n\t"version": 1, /* "x": 2 */\n\t"servers": {"a": {"url": "https://x.example//mcp\\/",},},\n}';
    const config = await load({ 'm.json': json }, { file: 'm.json' });
    expect(config.servers[0]?.transport).toMatchObject({ url: 'https://x.example//mcp/' });
    expect(config.servers[0]?.place).toEqual({ file: 'm.json', line: 4, column: 14 });
  });

  test('a server that is switched off need not have its variables set', async () => {
    const config = await load(server('url: "https://${NOT_SET}/"', 'enabled: false'));
    expect(config.servers[0]).toMatchObject({ enabled: false });
  });

  test('a configuration without servers loads with a warning', async () => {
    expect(await warningsOf('version: 1\nservers: {}\n')).toEqual([
      'marshal.yaml:1:1 configures no server, so there is nothing to offer; mcp-marshal add puts one in',
    ]);
  });
});

describe('the file of a client', () => {
  const client = JSON.stringify({
    theme: 'dark',
    maxParallel: 'many',
    mcpServers: {
      a: { command: 'npx', alwaysAllow: ['x'], timeout: 60, disabled: true, evn: {} },
      b: { type: 'http', url: 'https://x.example/', args: [] },
      marshal: { command: 'npx', args: ['-y', 'mcp-marshal', 'serve'] },
    },
  });

  test('is a configuration as it is; what is not ours is passed over with a warning', async () => {
    const config = await load({ 'c.json': client }, { file: 'c.json' });
    expect(config.servers.map(({ name, enabled }) => [name, enabled])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect(config.maxParallel).toBe(32);
    expect(config.warnings.map(({ key, message }) => `${key}: ${message}`)).toEqual([
      "theme: is the client's own key, so it is passed over",
      "maxParallel: is the client's own key, so it is passed over",
      "mcpServers.a.alwaysAllow: is the client's own key, so it is passed over",
      'mcpServers.a.timeout: is seconds for some clients and milliseconds for others (write it in a configuration of ours, such as 30s), so it is passed over',
      'mcpServers.a.evn: is an unknown key (did you mean env?), so it is passed over',
      'mcpServers.b.args: is for servers that are started with command, so it is passed over',
      'mcpServers.marshal: would start mcp-marshal itself, so it is skipped',
    ]);
  });

  test('still needs what a server needs', async () => {
    expect(await problemsOf({ 'c.json': '{"mcpServers": {"a": {"args": []}}}' }, { file: 'c.json' })).toEqual([
      'c.json:1:17 mcpServers.a: has neither command nor url; write command: npx, or url: https://host/path',
    ]);
  });

  test('with a version it is ours, and unknown keys are errors', async () => {
    const json = '{"version": 1, "mcpServers": {"a": {"command": "x", "disabled": true}}}';
    expect(await problemsOf({ 'c.json': json }, { file: 'c.json' })).toEqual([
      'c.json:1:53 mcpServers.a.disabled: is an unknown key; write enabled: false',
    ]);
  });
});

test('tells of every file of the user’s that it reads, also where one of them is missing', async () => {
  const files = {
    'marshal.yaml': `version: 1
envFile: .env
servers:
  a: { command: x, policy: p.yaml, args: ["\${file:key}"] }
  b: { command: x, policy: missing.yaml }
  c: { command: x, policy: "builtin:filesystem" }
`,
    'p.yaml': 'version: 1\n',
    '.env': '',
    key: 'k',
  };
  const seen: string[] = [];
  const loading = load(files, { onFile: (file) => seen.push(basename(file)) });
  await expect(loading).rejects.toThrow('missing.yaml');
  expect(seen).toEqual(['marshal.yaml', '.env', 'key', 'p.yaml', 'missing.yaml', 'marshal.lock']);
});
