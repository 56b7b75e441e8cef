import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { fakeIo } from '../fake-io.ts';
import { stubParts } from '../stub-proxy.ts';
import { createInstallHome, server } from './install-home.ts';
import type { InstallHome } from './install-home.ts';

let home: InstallHome;

beforeEach(() => {
  home = createInstallHome();
});
afterEach(() => home.remove());

test('a server of the same name that is started in another way is not switched off', async () => {
  const text = '{"mcpServers": {"memory": {"command": "node", "args": ["/opt/another.mjs"]}}}';
  home.write('home/.cursor/mcp.json', text);
  const { clients } = await home.install('cursor', '--switch-off');
  expect(clients).toMatchObject([{ status: 'registered', switchedOff: [] }]);
});

test('an original with another token is another person, and stays on', async () => {
  const entry = (token: string): string =>
    `{"command": "node", "args": ["${server}", "memory"], "env": {"TOKEN": "${token}"}}`;
  const yaml = readFileSync(join(home.project, 'marshal.yaml'), 'utf8');
  home.write('project/marshal.yaml', `${yaml}    env: { TOKEN: one }\n`);
  home.write('home/.copilot/mcp-config.json', `{"mcpServers": {"work": ${entry('one')}, "home": ${entry('two')}}}`);
  expect((await home.install('copilot-cli', '--switch-off')).clients).toMatchObject([{ switchedOff: ['work'] }]);
});

test('a file that is the configuration itself loses nothing', async () => {
  const path = home.write(
    'home/.cursor/mcp.json',
    `{"mcpServers": {"memory": {"command": "node", "args": ["${server}", "memory"]}}}`,
  );
  const { clients } = await home.install('cursor', '--switch-off', '--config', path);
  expect(clients).toMatchObject([{ status: 'registered', switchedOff: [] }]);
});

test('a server that mcp-marshal has switched off stays on in its client', async () => {
  const yaml = readFileSync(join(home.project, 'marshal.yaml'), 'utf8');
  home.write('project/marshal.yaml', `${yaml}    enabled: false\n`);
  home.write(
    'home/.cursor/mcp.json',
    `{"mcpServers": {"memory": {"command": "node", "args": ["${server}", "memory"]}}}`,
  );
  expect((await home.install('cursor', '--switch-off')).clients).toMatchObject([{ switchedOff: [] }]);
});

test.each([
  [['install'], /no client was named/],
  [['install', 'emacs'], /emacs/],
  [['install', 'cursor', '--name', 'a name'], /13/],
  [['install', 'cursor', '--name', 'fourteen-chars'], /13/],
])('%j is refused as it is typed', async (argv, message) => {
  const { code, err } = await home.run(argv);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
});

test('without a client on the machine --all says so, and --uninstall is content', async () => {
  expect((await home.run(['install', '--all'])).code).toBe(1);
  expect(await home.run(['install', '--all', '--uninstall'])).toMatchObject({
    code: 0,
    out: 'not registered anywhere\n',
  });
});

test('a configuration that is not there is not registered, and can still be taken out', async () => {
  await home.install('cursor');
  rmSync(join(home.project, 'marshal.yaml'));
  expect((await home.run(['install', 'codex'])).code).toBe(2);
  expect((await home.install('--all', '--uninstall')).clients).toMatchObject([
    { client: 'cursor', status: 'restored' },
  ]);
});

test.each([
  ['yes, and the original off', 'y\n', '\n', /"marshal"/, false],
  ['yes, and the original on', '\n', 'y\n', /"marshal"/, true],
  ['no', '\n', 'n\n', /^(?!.*marshal)/s, true],
])('a person at the terminal sees what would change and answers: %s', async (_what, first, second, expected, stays) => {
  const text = `{"mcpServers": {"memory": {"command": "node", "args": ["${server}", "memory"], "env": {"T": "canary"}}}}`;
  const path = home.write('home/.cursor/mcp.json', text);
  const stdin = new Readable({ read() {} });
  const { io, err } = fakeIo({ stdin, isTerminal: true, cwd: home.project, env: { HOME: home.home, TERM: 'xterm' } });
  io.stdin.isTTY = true;
  const run = runCli(['install', 'cursor'], io, { ...stubParts({}).parts, loadConfig });
  await expect.poll(err).toContain('Switch them off');
  stdin.push(first);
  await expect.poll(err).toContain('Write this?');
  stdin.push(second);
  expect(await run).toBe(0);
  const after = readFileSync(path, 'utf8');
  expect(after).toMatch(expected);
  expect(after.includes('memory')).toBe(stays);
  expect(err()).toContain('"mcpServers"');
  expect(err()).not.toContain('canary');
});
