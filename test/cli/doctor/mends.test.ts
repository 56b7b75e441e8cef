import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInstallHome, server } from '../install/install-home.ts';
import type { InstallHome } from '../install/install-home.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';

let place: InstallHome;
beforeEach(() => {
  place = createInstallHome();
});
afterEach(() => place.remove());

/** Where the program that runs the tests says that it lies. */
const script = '/home/ann/mcp-marshal/dist/main.js';
const memory = { command: 'node', args: [server, 'memory'] };
const own = (): object => ({
  command: process.execPath,
  args: [script, 'serve', '--config', `${place.project}/marshal.yaml`],
});
const client = (file: string, servers: object): string => place.write(file, JSON.stringify({ mcpServers: servers }));

async function find(code: string): Promise<Finding | undefined> {
  const { out } = await place.run(['doctor', '--offline', '--json']);
  const { data }: { data: { findings: Finding[] } } = JSON.parse(out);
  return data.findings.find((finding) => finding.code === code);
}

describe('what the doctor says to type is typed, and what it had found is gone:', () => {
  test.each([
    [
      'an entry that is switched off',
      'registration-off',
      'home/.codeium/windsurf/mcp_config.json',
      () => ({ marshal: { ...own(), disabled: true } }),
    ],
    [
      'a program that is gone, under another name',
      'registration-command',
      'home/.cursor/mcp.json',
      () => ({ mm: { command: '/gone/node', args: [script, 'serve'] } }),
    ],
    [
      'a command that is nowhere',
      'registration-command',
      'home/.cursor/mcp.json',
      () => ({ marshal: { command: 'mcp-marshal', args: ['serve'], env: { PATH: '/nowhere' } } }),
    ],
    [
      'a configuration that is gone',
      'registration-config-missing',
      'home/.cursor/mcp.json',
      () => ({ marshal: { ...own(), args: [script, 'serve', '--config', '/gone.yaml'] } }),
    ],
    [
      'an entry of the folder',
      'registration-command',
      'project/.cursor/mcp.json',
      () => ({ marshal: { command: '/gone/mcp-marshal', args: ['serve'] } }),
    ],
    ['a server that the client has, too', 'double-tools', 'home/.cursor/mcp.json', () => ({ memory, marshal: own() })],
  ])('%s', async (_, code, file, servers) => {
    client(file, servers());
    const found = await find(code);
    const [, words = ''] = /mcp-marshal (install [\w -]+\w)/.exec(found?.fix ?? '') ?? [];
    expect((await place.install(...words.split(' ').slice(1))).clients).toMatchObject([
      { status: expect.stringMatching(/^re/) },
    ]);
    // What is typed here says that it is run by a Node that is not there.
    expect((await find(code))?.message).not.toBe(found?.message ?? '');
    expect(await find('registered-twice')).toBeUndefined();
  });
});

test('a server of the folder is to be taken out by hand: install would register mcp-marshal there, too', async () => {
  client('home/.cursor/mcp.json', { marshal: own() });
  const file = client('project/.cursor/mcp.json', { memory });
  const found = await find('double-tools');
  expect(found?.fix).toBe(`switch them off in Cursor, or take them out of ${file}`);
});

test.each([
  ['is switched off in mcp-marshal', '    enabled: false\n', {}],
  ['is that of another person', '    env: { TOKEN: one }\n', { env: { TOKEN: 'two' } }],
])('a server that %s is not there twice', async (_, yaml, entry) => {
  const servers = `servers:\n  memory:\n    command: node\n    args: [${server}, memory]\n`;
  place.write('project/marshal.yaml', `version: 1\n${servers}${yaml}`);
  client('home/.cursor/mcp.json', { marshal: own(), memory: { ...memory, ...entry } });
  expect(await find('double-tools')).toBeUndefined();
});

test('of two configurations in one entry the last is looked at, as the program takes it', async () => {
  const { args }: { args?: string[] } = own();
  client('home/.cursor/mcp.json', { marshal: { ...own(), args: [...(args ?? []), '--config', '/gone.yaml'] } });
  expect((await find('registration-config-missing'))?.message).toContain('/gone.yaml');
});

test('what a client expands by itself, and the files of a container, are no reason to say that something is gone', async () => {
  const program = place.write('home/bin/mcp-marshal', '#!/bin/sh\n');
  chmodSync(program, 0o755);
  const docker = place.write('home/bin/docker', '#!/bin/sh\n');
  chmodSync(docker, 0o755);
  client('home/.cursor/mcp.json', {
    home: { command: '${userHome}/bin/mcp-marshal', args: ['serve', '--config', '${workspaceFolder}/marshal.yaml'] },
    env: { command: '${env:SOMEWHERE}/mcp-marshal', args: ['serve', '--config', '${env:SOMEWHERE}/marshal.yaml'] },
    contained: { command: docker, args: ['run', '-i', 'mcp-marshal', 'serve', '--config', '/config/marshal.yaml'] },
  });
  const { out } = await place.run(['doctor', '--offline', '--json']);
  const { data }: { data: { findings: Finding[] } } = JSON.parse(out);
  expect(data.findings.filter(({ about }) => about === 'cursor').map(({ code }) => code)).toEqual(['registered-twice']);
});

test('a configuration that is there and broken is not called missing', async () => {
  place.write('project/marshal.yaml', 'servers: [');
  const { out } = await place.run(['doctor', '--offline']);
  expect(out).toMatch(/configuration +problem +cannot be read/);
});

test('a variable that is lacking beside others is to be put with them: a key that stands twice breaks the file', async () => {
  place.write('project/marshal.yaml', 'version: 1\nservers: { a: { command: node, env: { K: "${FAR_KEY}" } } }\n');
  place.write('project/.env', 'FAR_KEY=x\n');
  place.write(
    'home/.codex/config.toml',
    `[mcp_servers.marshal]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ["serve", "mcp-marshal"]\nenv_vars = ["A"]\n`,
  );
  expect((await find('variable-not-passed'))?.fix).toContain(
    'write env_vars = ["FAR_KEY"], together with the env_vars that is there,',
  );
});
