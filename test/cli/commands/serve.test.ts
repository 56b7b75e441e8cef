import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { readTool, stubParts } from '../stub-proxy.ts';

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
    [['--http', '8080'], 'no authentication yet', 'write mcp-marshal serve --http 8080 --no-auth'],
    [['--no-auth'], '--no-auth is for --http', 'serve --http PORT --no-auth'],
    [['--no-auth', '--http', '0.0.0.0:8080'], 'others could reach "0.0.0.0"', 'write --http 127.0.0.1:8080 --no-auth'],
    [['--no-auth', '--http', '[::]:8080'], 'others could reach "::"', '--http 127.0.0.1:8080'],
    [['--no-auth', '--http', 'example.org:80'], 'others could reach "example.org"', '--http 127.0.0.1:80'],
    [['--no-auth', '--http', '127.evil.example:80'], 'others could reach', '--http 127.0.0.1:80'],
    [['--http', '0.0.0.0:8080'], 'others could reach', '--no-auth'],
    [['--no-auth', '--http', '65536'], '"65536" is no address', 'write a port, such as 8080'],
    [['--no-auth', '--http', '::1:8080'], 'is no address', '127.0.0.1:8080'],
    [['--no-auth', '--http', 'http://localhost:8080'], 'is no address', 'write a port'],
    [['--no-auth', '--http', ''], 'is no address', 'write a port'],
    [['--no-auth', '--http'], 'argument missing', 'mcp-marshal serve --help'],
  ])('refuses %j before anything is started, and says what to write', async (words, found, fix) => {
    const { parts, calls } = stubParts({});
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
