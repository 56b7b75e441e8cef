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
    expect({ ...calls, out: out() }).toEqual({ started: 1, closed: 1, logs: [], out: '' });
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
