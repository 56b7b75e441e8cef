import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken } from '../../../src/access/tokens/create-token.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { readTool, stubParts, type Stub } from '../stub-proxy.ts';

describe('serve', () => {
  test('ends with 0 at the end of its input, with everything closed', async () => {
    const { parts, calls } = stubParts({ files: { tools: [readTool] } });
    const { io, out } = fakeIo({ stdin: '' });
    expect(await runCli(['serve'], io, parts)).toBe(0);
    expect({ ...calls, out: out() }).toEqual({ started: 1, closed: 1, logs: [], served: [], drained: [], out: '' });
  });

  test.each([
    ['SIGTERM', 0],
    ['SIGHUP', 0],
    ['SIGINT', 130],
  ] as const)('ends at %s with %i, with everything closed', async (signal, code) => {
    const { parts, calls, proxy } = stubParts({ files: {} });
    const fake = fakeIo({ stdin: new PassThrough() });
    const createProxy = (): typeof proxy => ({ ...proxy, start: () => fake.signal(signal) });
    expect(await runCli(['serve'], fake.io, { ...parts, createProxy })).toBe(code);
    expect(calls.closed).toBe(1);
  });

  test('refuses to run below another mcp-marshal, and says why', async () => {
    const { parts, calls } = stubParts({});
    const { io, out, err } = fakeIo({ stdin: '', env: { MCP_MARSHAL_DEPTH: '1' } });
    expect(await runCli(['serve'], io, parts)).toBe(2);
    expect({ out: out(), started: calls.started }).toEqual({ out: '', started: 0 });
    expect(err()).toContain('started by another mcp-marshal');
    expect(err()).toContain('remove mcp-marshal from the servers of the configuration');
  });

  test('tells a person at a terminal what it is and how to register it, on stderr alone', async () => {
    const { parts } = stubParts({});
    const fake = fakeIo({ isTerminal: true });
    expect(await runCli(['serve', '--config', 'x'], fake.io, parts)).toBe(0);
    expect(fake.out()).toBe('');
    const [snippet = ''] = /^\{[\s\S]*^\}$/m.exec(fake.err()) ?? [];
    const args = ['/home/ann/mcp-marshal/dist/main.js', 'serve', '--config', '/etc/marshal.yaml'];
    expect(JSON.parse(snippet)).toEqual({ mcpServers: { marshal: { command: '/opt/node/bin/node', args } } });
  });

  test('logs what is odd about the configuration instead of printing it', async () => {
    const { parts, calls, config } = stubParts({});
    const warnings = [{ message: 'passed over "other"' }];
    const { io, err } = fakeIo({ stdin: '' });
    await runCli(['serve'], io, { ...parts, loadConfig: () => Promise.resolve({ ...config, warnings }) });
    expect(err()).toBe('');
    expect(calls.logs.map((line) => JSON.parse(line).msg)).toEqual(['passed over "other"']);
  });
});

describe('serve --http', () => {
  const args = ['serve', '--no-auth', '--http'];

  test.each([
    ['8080', { host: '127.0.0.1', port: 8080 }],
    [':8080', { host: '127.0.0.1', port: 8080 }],
    ['0', { host: '127.0.0.1', port: 0 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['127.0.0.2:65535', { host: '127.0.0.2', port: 65_535 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
  ])('listens at %s until it is asked to stop; the end of its input is nothing to it', async (written, address) => {
    const { parts, calls } = stubParts({ files: {} });
    const fake = fakeIo({ stdin: '' });
    const ended = runCli([...args, written], fake.io, parts);
    await expect.poll(() => calls.started).toBe(1);
    expect(calls).toMatchObject({ served: [address], closed: 0 });
    fake.signal('SIGTERM');
    expect(await ended).toBe(0);
    expect({ closed: calls.closed, out: fake.out(), err: fake.err() }).toEqual({ closed: 1, out: '', err: '' });
  });

  test('is interrupted by Ctrl-C: what runs may end within ten seconds, then everything is closed', async () => {
    const { parts, calls } = stubParts({});
    const fake = fakeIo({ stdin: new PassThrough() });
    const ended = runCli([...args, '0'], fake.io, parts);
    await expect.poll(() => calls.started).toBe(1);
    fake.signal('SIGINT');
    expect({ code: await ended, closed: calls.closed, drained: calls.drained }).toEqual({
      code: 130,
      closed: 1,
      drained: [10_000],
    });
  });

  test.each([
    [['--http', '8080'], 'there is no token that is valid', 'write mcp-marshal token create NAME'],
    [['--http', '8080'], 'auth.jwt is not configured', 'or --no-auth, if every program on this machine may call'],
    [['--no-auth'], '--no-auth is for --http', 'serve --http PORT --no-auth'],
    [['--no-auth', '--http', '0.0.0.0:8080'], 'others could reach "0.0.0.0"', 'write --http 127.0.0.1:8080 --no-auth'],
    [['--no-auth', '--http', '[::]:8080'], 'others could reach "::"', '--http 127.0.0.1:8080'],
    [['--no-auth', '--http', 'example.org:80'], 'others could reach "example.org"', '--http 127.0.0.1:80'],
    [['--no-auth', '--http', '127.evil.example:80'], 'others could reach', '--http 127.0.0.1:80'],
    [['--http', '0.0.0.0:8080'], 'clients have to prove who they are, and none could', 'token create NAME'],
    [
      ['--http', '0.0.0.0:8080'],
      'none could',
      'without authentication it serves this machine alone (--http 8080 --no-auth)',
    ],
    [['--no-auth', '--http', '65536'], '"65536" is no address', 'write a port, such as 8080'],
    [['--no-auth', '--http', '::1:8080'], 'is no address', '127.0.0.1:8080'],
    [['--no-auth', '--http', 'http://localhost:8080'], 'is no address', 'write a port'],
    [['--no-auth', '--http', ''], 'is no address', 'write a port'],
    [['--no-auth', '--http'], 'argument missing', 'mcp-marshal serve --help'],
  ])('refuses %j before anything is started, and says what to write', async (words, found, fix) => {
    const { parts, calls } = await stubAt(emptyDir);
    const { io, out, err } = fakeIo({ stdin: '' });
    expect(await runCli(['serve', ...words], io, parts)).toBe(2);
    expect({ out: out(), started: calls.started, served: calls.served }).toEqual({ out: '', started: 0, served: [] });
    expect(err()).toContain(found);
    expect(err()).toContain(fix);
  });

  test.each([
    ['EADDRINUSE', 'port 8080 of 127.0.0.1 is in use by another program', 'write another port'],
    ['EACCES', 'port 8080 is not for users like this one', 'from 1024 on'],
    ['EADDRNOTAVAIL', 'this machine has no address 127.0.0.1', '127.0.0.1:PORT'],
  ])('fails with 1 where the address cannot be had (%s), and says what to do', async (code, found, fix) => {
    const { parts, calls, proxy } = stubParts({});
    const { io, err } = fakeIo({ stdin: '' });
    const serveHttp = (): Promise<never> => Promise.reject(Object.assign(new Error(`listen ${code}`), { code }));
    const createProxy = (): typeof proxy => ({ ...proxy, serveHttp });
    expect(await runCli([...args, '8080'], io, { ...parts, createProxy })).toBe(1);
    expect(err()).toMatch(new RegExp(`^${found}; .*${fix}`));
    expect(calls).toMatchObject({ started: 0, closed: 1 });
  });

  test('tells a person at a terminal where it is and how to register it, on stderr alone', async () => {
    const { parts, calls } = stubParts({});
    const fake = fakeIo({ isTerminal: true });
    const ended = runCli([...args, '8080'], fake.io, parts);
    await expect.poll(() => calls.started).toBe(1);
    fake.signal('SIGTERM');
    await ended;
    expect(fake.out()).toBe('');
    const [snippet = ''] = /^\{[\s\S]*^\}$/m.exec(fake.err()) ?? [];
    const entry = { type: 'http', url: 'http://127.0.0.1:8080/mcp' };
    expect(JSON.parse(snippet)).toEqual({ mcpServers: { marshal: entry } });
  });
});

let emptyDir: string;
let tokenDir: string;
beforeAll(async () => {
  emptyDir = mkdtempSync(join(tmpdir(), 'no-tokens-'));
  tokenDir = mkdtempSync(join(tmpdir(), 'tokens-'));
  await createToken(tokenDir, { name: 'ann', scopes: ['read'], createdMs: Date.now() });
});
afterAll(() => [emptyDir, tokenDir].forEach((folder) => rmSync(folder, { recursive: true })));

/** A program that keeps its state in this folder. */
async function stubAt(stateDir: string, auth: Partial<Stub['config']['auth']> = {}): Promise<Stub> {
  const stub = stubParts({});
  const config = { ...stub.config, stateDir, auth: { ...stub.config.auth, ...auth } };
  return { ...stub, config, parts: { ...stub.parts, loadConfig: () => Promise.resolve(config) } };
}

describe('serve --http with authentication', () => {
  const jwt = { issuer: 'https://id.example', audience: 'us', scopesClaim: 'scope' };

  async function serveAt(
    address: string,
    { parts, calls }: Stub,
  ): Promise<{ err: string; out: string; warnings: string[] }> {
    const fake = fakeIo({ stdin: '' });
    const ended = runCli(['serve', '--http', address], fake.io, parts);
    await expect.poll(() => calls.started).toBe(1);
    fake.signal('SIGTERM');
    expect(await ended).toBe(0);
    return { err: fake.err(), out: fake.out(), warnings: calls.logs.map((line) => JSON.parse(line).msg) };
  }

  test('serves where there is a token, on this machine without a word', async () => {
    const stub = await stubAt(tokenDir);
    expect(await serveAt('8080', stub)).toEqual({ err: '', out: '', warnings: [] });
    expect(stub.calls.served).toEqual([{ host: '127.0.0.1', port: 8080, auth: true }]);
  });

  test('serves where an issuer is configured, though there is no token', async () => {
    expect((await serveAt('8080', await stubAt(emptyDir, { jwt, tokens: false }))).warnings).toEqual([]);
  });

  test.each([
    ['warns', {}, 1],
    ['does not warn, with TLS', { tls: { cert: 'cert.pem', key: 'key.pem' } }, 0],
    ['does not warn, behind a proxy with TLS', { url: 'https://tools.example.com/mcp' }, 0],
    ['warns, behind a proxy without', { url: 'http://tools.example.com/mcp' }, 1],
  ])('beyond this machine: %s of tokens in the clear', async (_what, auth, count) => {
    const { warnings } = await serveAt('0.0.0.0:8080', await stubAt(tokenDir, auth));
    expect(warnings.filter((warning) => warning.includes('tokens can be read on the way'))).toHaveLength(count);
  });

  test('is refused where all tokens have run out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'expired-'));
    await createToken(folder, { name: 'ann', scopes: ['read'], createdMs: 0, expiresMs: 1 });
    const { parts } = await stubAt(folder);
    const { io, err } = fakeIo({ stdin: '' });
    expect(await runCli(['serve', '--http', '8080'], io, parts)).toBe(2);
    expect(err()).toContain('there is no token that is valid');
    rmSync(folder, { recursive: true });
  });

  test('is refused where the tokens cannot be relied on, with an issuer as without', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'broken-'));
    writeFileSync(join(folder, 'tokens.json'), '{}');
    chmodSync(join(folder, 'tokens.json'), 0o600);
    const { parts, calls } = await stubAt(folder, { jwt });
    const { io, err } = fakeIo({ stdin: '' });
    expect(await runCli(['serve', '--http', '8080'], io, parts)).toBe(2);
    expect(err()).toContain('is not as mcp-marshal writes it');
    expect(calls.started).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test.each([{ issuer: 'http://id.example' }, { jwks: 'http://id.example/keys' }])(
    'is refused with keys that are read in the clear: %j',
    async (own) => {
      const { parts } = await stubAt(emptyDir, { jwt: { ...jwt, ...own } });
      const { io, err } = fakeIo({ stdin: '' });
      expect(await runCli(['serve', '--http', '8080'], io, parts)).toBe(2);
      expect(err()).toContain('write https://');
    },
  );

  test('shows a person at a terminal that a client needs a token', async () => {
    const { parts, calls } = await stubAt(tokenDir);
    const fake = fakeIo({ isTerminal: true });
    const ended = runCli(['serve', '--http', '8080'], fake.io, parts);
    await expect.poll(() => calls.started).toBe(1);
    fake.signal('SIGTERM');
    await ended;
    const [snippet = ''] = /^\{[\s\S]*^\}$/m.exec(fake.err()) ?? [];
    expect(JSON.parse(snippet).mcpServers.marshal.headers).toEqual({ Authorization: 'Bearer TOKEN' });
  });
});
