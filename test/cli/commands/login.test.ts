import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRedirectListener } from '../../../src/cli/login/redirect-listener.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import type { ServerConfig, UpstreamAuth } from '../../../src/config/config.ts';
import type { OauthWorld } from '../../fixtures/oauth/oauth-world.ts';
import { configOf, remote, stateFolder, storeLogin, world } from '../../upstream/auth/auth-support.ts';
import { fixture, serverConfig, until } from '../../upstream/support.ts';
import type { FakeIo } from '../fake-io.ts';
import { fakeIo } from '../fake-io.ts';
import { stubParts } from '../stub-proxy.ts';

interface Run extends FakeIo {
  code: Promise<number>;
  stateDir: string;
  /** Of the page that the person is to open. */
  page: () => Promise<string>;
}

function login(
  servers: ServerConfig[],
  argv: string[],
  { stateDir = stateFolder(), ...io }: { stateDir?: string } & Parameters<typeof fakeIo>[0] = {},
): Run {
  const fake = fakeIo(io);
  const stub = stubParts({});
  const loadConfig = () => Promise.resolve({ ...stub.config, servers, stateDir });
  const code = runCli(['login', ...argv], fake.io, { ...stub.parts, loadConfig });
  const pageOf = (): string => /^http\S+\/authorize\S+$/m.exec(fake.err())?.[0] ?? '';
  const page = async (): Promise<string> => {
    await until(() => pageOf() !== '');
    return pageOf();
  };
  return { ...fake, code, stateDir, page };
}

const serverOf = (there: OauthWorld, auth?: UpstreamAuth): ServerConfig => configOf(remote(there.url, auth));
const fileOf = ({ stateDir }: Run): string => join(stateDir, 'oauth', 'remote.json');

describe('login', () => {
  test('prints the page, takes the answer once, stores the login and says until when it holds', async () => {
    const there = await world({ lifetimeS: 3600 });
    const run = login([serverOf(there)], ['remote']);
    const seen = await fetch(await run.page());
    expect(await seen.text()).toContain('Close this page');
    expect(await run.code).toBe(0);
    expect(run.out()).toMatch(/^remote: logged in until \d{4}-\S+Z, and renewed by itself then\n$/);
    const stored = readFileSync(fileOf(run), 'utf8');
    const told = run.out() + run.err();
    const secrets: string[] = stored.match(/(?:access|refresh)-[0-9a-f]+/g) ?? [];
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) expect(told).not.toContain(secret);
    await expect(fetch(seen.url)).rejects.toThrow('fetch failed');
  });

  test('an answer with a wrong state, another path, method or host changes nothing, and the right one still counts', async () => {
    const there = await world();
    const run = login([serverOf(there)], ['remote']);
    const page = new URL(await run.page());
    const back = page.searchParams.get('redirect_uri') ?? '';
    const state = page.searchParams.get('state') ?? '';
    const strange = [
      fetch(`${back}?code=stolen&state=wrong`),
      fetch(`${back}?code=stolen`),
      fetch(`${back}/more?code=stolen&state=${state}`),
      fetch(`${back}?code=stolen&state=${state}`, { method: 'POST' }),
      fetch(`${back.replace('127.0.0.1', 'localhost')}?code=stolen&state=${state}`),
    ];
    expect((await Promise.all(strange)).map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    expect(there.grants('authorization_code')).toBe(0);
    expect((await fetch(page)).status).toBe(200);
    expect(await run.code).toBe(0);
  });

  test('comes back to the port that is registered, and says so where it is taken', async () => {
    const taken = await openRedirectListener();
    const { port } = new URL(taken.url);
    const servers = [serverOf(await world())];
    const refused = login(servers, ['remote', '--port', port]);
    expect(await refused.code).toBe(1);
    expect(refused.err()).toContain(`cannot listen at 127.0.0.1:${port} (EADDRINUSE)`);
    taken.close();
    const run = login(servers, ['remote', '--port', port]);
    const page = await run.page();
    expect(new URL(page).searchParams.get('redirect_uri')).toBe(`http://127.0.0.1:${port}/callback`);
    await fetch(page);
    expect(await run.code).toBe(0);
    expect(await login(servers, ['remote', '--port', '0']).code).toBe(2);
  });

  test('a person who declines ends it with 3, and nothing is stored', async () => {
    const run = login([serverOf(await world())], ['remote']);
    const page = new URL(await run.page());
    const back = new URL(page.searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({
      error: 'access_denied',
      state: page.searchParams.get('state') ?? '',
    }).toString();
    await fetch(back);
    expect(await run.code).toBe(3);
    expect(run.err()).toContain('cannot log in to remote: the login was declined');
    expect(existsSync(fileOf(run))).toBe(false);
  });

  test('Ctrl-C ends it with 130, and the port is given back', async () => {
    const run = login([serverOf(await world())], ['remote']);
    const page = new URL(await run.page());
    run.signal('SIGINT');
    expect(await run.code).toBe(130);
    await expect(fetch(page.searchParams.get('redirect_uri') ?? '')).rejects.toThrow('fetch failed');
  });

  test('an authorization server elsewhere is refused with what to write', async () => {
    const there = await world({ isApart: true });
    const run = login([serverOf(there)], ['remote', '--json']);
    expect(await run.code).toBe(3);
    expect(JSON.parse(run.out())).toMatchObject({
      error: { code: 'login_failed', message: expect.stringContaining(`write auth: { issuer: ${there.issuer} }`) },
    });
  });

  test('a server that is not there ends it with 4', async () => {
    const there = await world();
    await there.close();
    const run = login([serverOf(there)], ['remote']);
    expect(await run.code).toBe(4);
    expect(run.err()).toBe('cannot log in to remote: it cannot be reached (ECONNREFUSED)\n');
  });

  test('the browser is opened for who sits here, without a shell, and not with --no-browser', async () => {
    const there = await world();
    const folder = stateFolder();
    const program = join(folder, 'xdg-open');
    writeFileSync(program, `#!/bin/sh\nprintf '%s' "$*" > "${folder}/opened"\n`);
    chmodSync(program, 0o755);
    const env = { PATH: `${folder}:/usr/bin:/bin`, DISPLAY: ':0' };
    const quiet = login([serverOf(there)], ['remote', '--no-browser'], { env, isTerminal: true });
    await quiet.page();
    const run = login([serverOf(there)], ['remote'], { env, isTerminal: true });
    const page = await run.page();
    await until(() => existsSync(join(folder, 'opened')) && readFileSync(join(folder, 'opened'), 'utf8') !== '');
    expect(readFileSync(join(folder, 'opened'), 'utf8')).toBe(page);
    for (const one of [quiet, run]) {
      one.signal('SIGTERM');
      await one.code;
    }
  });
});

test('--status tells of one server or of all, and ends with 3 where one is asked about that nobody is logged in to', async () => {
  const there = await world();
  const stateDir = stateFolder();
  const none = login([serverOf(there)], ['remote', '--status'], { stateDir });
  expect(await none.code).toBe(3);
  expect(none.out()).toBe('remote: no login; where it wants one, run mcp-marshal login remote\n');
  await storeLogin(stateDir, there);
  const local = serverConfig(fixture('v1-stdio.mjs'), 'local');
  const all = login([serverOf(there), local], ['--status', '--json'], { stateDir });
  expect(await all.code).toBe(0);
  expect(JSON.parse(all.out())).toMatchObject({ data: { logins: [{ server: 'remote', state: 'logged in' }] } });
});

test('--forget removes the login', async () => {
  const there = await world();
  const stateDir = stateFolder();
  const { store } = await storeLogin(stateDir, there);
  const run = login([serverOf(there)], ['remote', '--forget'], { stateDir });
  expect(await run.code).toBe(0);
  expect(run.out()).toBe('remote: the login is forgotten\n');
  expect(store.find()).toEqual({ kind: 'none' });
});

const local = serverConfig(fixture('v1-stdio.mjs'), 'local');
const linear = configOf({ ...remote('https://mcp.invalid/mcp'), name: 'linear' });
const keyed = configOf({ ...remote('https://mcp.invalid/mcp'), name: 'keyed', headers: { Authorization: 'Bearer x' } });
const robot = configOf({ ...remote('https://mcp.invalid/mcp', { type: 'client_credentials' }), name: 'robot' });

test.each([
  [[], /takes the name of a server; write one of linear, robot/],
  [['linaer'], /there is no server "linaer"; did you mean linear\?/],
  [['local'], /local is started here, and needs no login/],
  [['keyed'], /keyed has an Authorization of its own/],
  [['robot'], /gets its tokens by itself/],
  [['linear', '--status', '--forget'], /cannot be used with/],
])('login %j is refused as usage', async (argv, message) => {
  const run = login([local, linear, keyed, robot], argv);
  expect(await run.code).toBe(2);
  expect(run.err()).toMatch(message);
});
