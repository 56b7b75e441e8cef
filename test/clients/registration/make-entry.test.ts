import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientIds } from '../../../src/clients/client.ts';
import type { ClientId } from '../../../src/clients/client.ts';
import { findLaunch } from '../../../src/clients/registration/find-launch.ts';
import { entryNotes, makeEntry } from '../../../src/clients/registration/make-entry.ts';
import type { EntryContext } from '../../../src/clients/registration/make-entry.ts';
import { traitsOf } from '../../../src/clients/registration/registration.ts';

const shell = { command: 'node', args: ['main.js', 'serve'] };
const gui = { command: '/usr/bin/node', args: ['/opt/main.js', 'serve'] };
const context: EntryContext = {
  launch: { shell, gui },
  path: '/usr/bin:/bin',
  variables: ['GITHUB_TOKEN', 'REGION'],
  required: ['GITHUB_TOKEN'],
  own: ['XDG_STATE_HOME'],
  present: new Set(['GITHUB_TOKEN']),
  deadlineMs: 50_000,
  scope: 'user',
};
const entryOf = (client: ClientId, change: Partial<EntryContext> = {}): object =>
  makeEntry(client, { ...context, ...change }, { traits: traitsOf(client, undefined), others: {} });

describe('the entry of', () => {
  test.each<[ClientId, object]>([
    ['claude-code', { type: 'stdio', ...shell, env: {} }],
    ['claude-desktop', { ...gui, env: { PATH: '/usr/bin:/bin' } }],
    ['vscode', { type: 'stdio', ...gui, env: { PATH: '/usr/bin:/bin' } }],
    ['zed', { ...gui, env: { PATH: '/usr/bin:/bin' }, timeout: 80 }],
    [
      'codex',
      {
        ...shell,
        env_vars: ['XDG_STATE_HOME', 'GITHUB_TOKEN', 'REGION'],
        startup_timeout_sec: 30,
        tool_timeout_sec: 120,
      },
    ],
    ['gemini-cli', { ...shell, env: { GITHUB_TOKEN: '$GITHUB_TOKEN' }, timeout: 600_000 }],
    ['opencode', { type: 'local', command: ['node', 'main.js', 'serve'], enabled: true, timeout: 80_000 }],
    ['copilot-cli', { type: 'local', ...shell, env: { GITHUB_TOKEN: '${GITHUB_TOKEN}' }, tools: ['*'] }],
  ])('%s has what that client needs', (client, entry) => {
    expect(entryOf(client)).toEqual(entry);
  });

  test('every client that limits a call by its entry waits longer than a batch of ten minutes', () => {
    const long = { deadlineMs: 600_000 };
    expect(entryOf('codex', long)).toMatchObject({ tool_timeout_sec: 630 });
    expect(entryOf('gemini-cli', long)).toMatchObject({ timeout: 630_000 });
    expect(entryOf('opencode', long)).toMatchObject({ timeout: 630_000 });
    for (const client of ['zed', 'cline', 'roo'] as const)
      expect(entryOf(client, long)).toMatchObject({ timeout: 630 });
  });

  test.each(clientIds)('%s in the file of a folder has nobody’s PATH in it', (client) => {
    expect(JSON.stringify(entryOf(client, { scope: 'project' }))).not.toContain('"PATH"');
  });

  test('Zed says where it comes from only where the others do', () => {
    const others = { old: { source: 'custom', command: 'x' } };
    expect(makeEntry('zed', context, { traits: traitsOf('zed', undefined), others })).toMatchObject({
      source: 'custom',
    });
    expect(entryOf('zed')).not.toHaveProperty('source');
  });

  test('a variable that a client will not know is told of by its name', () => {
    const notes = (client: ClientId, change: Partial<EntryContext> = {}): string[] =>
      entryNotes(client, { traits: traitsOf(client, undefined) }, { ...context, ...change });
    expect(notes('claude-desktop')).toEqual([expect.stringMatching(/put GITHUB_TOKEN into/)]);
    expect(notes('gemini-cli')).toEqual([]);
    expect(notes('gemini-cli', { present: new Set() })).toEqual([expect.stringMatching(/GITHUB_TOKEN/)]);
    expect(notes('codex', { present: new Set() })).toEqual([]);
  });
});

describe('how it is started', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'marshal-launch-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    chmodSync(path, 0o755);
    return path;
  };
  const launch = (
    script: string,
    platform: NodeJS.Platform = 'linux',
    path = '/usr/bin',
  ): ReturnType<typeof findLaunch> =>
    findLaunch({
      commandLine: [join(folder, 'bin/node'), script],
      env: { PATH: path },
      platform,
      version: '1.2.3',
      configFile: '/home/me/marshal.yaml',
    });
  const words = ['serve', '--config', '/home/me/marshal.yaml'];

  test('an installed package is started by the absolute paths of Node and of its program, through the link to it, too', () => {
    const main = write('lib/node_modules/mcp-marshal/dist/main.js');
    mkdirSync(join(folder, 'bin'));
    symlinkSync(main, join(folder, 'bin/mcp-marshal'));
    const expected = { command: join(folder, 'bin/node'), args: [main, ...words] };
    expect(launch(join(folder, 'bin/mcp-marshal')).launch).toEqual({ shell: expected, gui: expected });
    expect(launch(main).launch.gui).toEqual(expected);
  });

  test('a link that is made for one shell is followed to the program', () => {
    const main = write('lib/node_modules/mcp-marshal/dist/main.js');
    mkdirSync(join(folder, 'fnm_multishells/7/bin'), { recursive: true });
    symlinkSync(main, join(folder, 'fnm_multishells/7/bin/mcp-marshal'));
    expect(launch(join(folder, 'fnm_multishells/7/bin/mcp-marshal')).launch.gui.args[0]).toBe(main);
  });

  test('from the cache of npx, which is emptied, it is started by npx with its version, and without a PATH by its Node', () => {
    const main = write('.npm/_npx/0123/node_modules/mcp-marshal/dist/main.js');
    const npx = write('lib/node_modules/npm/bin/npx-cli.js');
    mkdirSync(join(folder, 'bin'));
    symlinkSync(npx, join(folder, 'bin/npx'));
    const found = launch(main).launch;
    expect(found.shell).toEqual({ command: 'npx', args: ['-y', 'mcp-marshal@1.2.3', ...words] });
    expect(found.gui).toEqual({ command: join(folder, 'bin/node'), args: [npx, '-y', 'mcp-marshal@1.2.3', ...words] });
  });

  test('from the cache of npx, where a package file was fetched, it is started from that file again', () => {
    const main = write('.npm/_npx/0123/node_modules/mcp-marshal/dist/main.js');
    const fetchedFrom = (source: string): readonly string[] => {
      writeFileSync(
        join(folder, '.npm/_npx/0123/package.json'),
        JSON.stringify({ dependencies: { 'mcp-marshal': source } }),
      );
      return launch(main).launch.shell.args.slice(0, -words.length);
    };
    const file = join(folder, 'mcp-marshal-1.2.3.tgz');
    expect(fetchedFrom('file:../../../mcp-marshal-1.2.3.tgz')).toEqual(['-y', `--package=${file}`, 'mcp-marshal']);
    expect(fetchedFrom('^1.2.3')).toEqual(['-y', 'mcp-marshal@1.2.3']);
  });

  test('on Windows npx is started through the command interpreter, and an installed package is not', () => {
    const cached = write('_npx/0123/node_modules/mcp-marshal/dist/main.js');
    expect(launch(cached, 'win32').launch.gui).toEqual({
      command: 'cmd',
      args: ['/c', 'npx', '-y', 'mcp-marshal@1.2.3', ...words],
    });
    expect(launch(write('npm/node_modules/mcp-marshal/dist/main.js'), 'win32').launch.gui.command).toBe(
      join(folder, 'bin/node'),
    );
  });

  test('the PATH for programs of a desktop has Node first, and nothing that is gone soon', () => {
    const main = write('lib/node_modules/mcp-marshal/dist/main.js');
    const path = [
      '/usr/bin',
      '/tmp/x',
      '/w/node_modules/.bin',
      '/run/user/1/fnm_multishells/2/bin',
      'relative',
      '/usr/bin',
      '/opt/uv',
    ].join(':');
    expect(launch(main, 'linux', path).path).toBe(`${join(folder, 'bin')}:/usr/bin:/opt/uv`);
  });
});
