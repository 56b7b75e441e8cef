import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { fakeIo } from '../fake-io.ts';
import { readTool, replyOf, stubParts, writeTool } from '../stub-proxy.ts';

const servers = { files: { tools: [readTool, writeTool] } };
const text = (...texts: string[]): JsonObject => ({ content: texts.map((block) => ({ type: 'text', text: block })) });

async function call(
  outcome: JsonObject,
  { argv = ['files__read_text_file', 'path=a.md'], isTerminal = false, stdin = '' } = {},
): Promise<{ code: number; out: string; err: string; input: unknown }> {
  const stub = stubParts(servers, () => replyOf(outcome));
  const { io, out, err } = fakeIo({ isTerminal, stdin, env: { NO_COLOR: '1' } });
  const code = await runCli(['call', ...argv], io, stub.parts);
  return { code, out: out(), err: err(), input: stub.batches[0]?.input };
}

describe('call', () => {
  test('runs one call through the engine and prints what the tool says, and nothing else', async () => {
    const { code, out, err, input } = await call({ status: 'ok', result: text('# title', 'more') });
    expect({ code, out, err }).toEqual({ code: 0, out: '# title\nmore\n', err: '' });
    expect(input).toEqual({
      calls: [{ tool: 'files__read_text_file', arguments: { path: 'a.md' } }],
      format: 'structured',
    });
  });

  test('finds the tool under the other names it has', async () => {
    const { input } = await call({ status: 'ok', result: text('') }, { argv: ['files/write_file'] });
    expect(input).toMatchObject({ calls: [{ tool: 'files__write_file', arguments: {} }] });
  });

  test('takes all arguments from stdin', async () => {
    const argv = ['read_text_file', '--args', '-'];
    const { input } = await call({ status: 'ok', result: text('') }, { argv, stdin: '{"path": "b.md"}' });
    expect(input).toMatchObject({ calls: [{ arguments: { path: 'b.md' } }] });
  });

  test('lets a tool steer no terminal, and changes nothing on the way into a pipe', async () => {
    const result = text('a\u001b[31mb');
    expect((await call({ status: 'ok', result })).out).toBe('a\u001b[31mb\n');
    expect((await call({ status: 'ok', result }, { isTerminal: true })).out).toBe('ab\n');
  });

  test('prints resources, and structured content where there is no text', async () => {
    const resource = { type: 'resource', resource: { uri: 'file:///a', text: 'inside' } };
    const link = { type: 'resource_link', uri: 'file:///b', name: 'b' };
    expect((await call({ status: 'ok', result: { content: [resource, link] } })).out).toBe('inside\nfile:///b\n');
    const structured = await call({ status: 'ok', result: { content: [], structuredContent: { a: 1 } } });
    expect(JSON.parse(structured.out)).toEqual({ a: 1 });
  });

  test('says on stderr what it cannot print', async () => {
    const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
    const { code, out, err } = await call({ status: 'ok', result: { content: [image] } });
    expect({ code, out, err }).toEqual({
      code: 0,
      out: '',
      err: 'not text, so not shown: image; see it with --json\n',
    });
  });

  test('ends with 5 and the text of the tool on stderr where the tool says that it failed', async () => {
    const { code, out, err } = await call({ status: 'tool_error', result: { ...text('no such file'), isError: true } });
    expect({ code, out, err }).toEqual({ code: 5, out: '', err: 'no such file\n' });
  });

  test.each([
    ['denied_by_policy', 'denied', 6],
    ['server_unavailable', 'failed', 4, '; see what mcp-marshal check says about files'],
    ['unknown_tool', 'invalid', 2],
    ['timeout', 'timeout', 5],
    ['upstream_error', 'failed', 5],
  ])('%s ends with its own exit code, and with the reason', async (code, status, exitCode, fix = '') => {
    const done = await call({ status, error: { code, message: 'the reason', retryable: false } });
    expect(done).toMatchObject({ code: exitCode, out: '', err: `the reason${fix}\n` });
  });

  test('of a tool that needs approval and gets none says what the engine says, and ends with 6', async () => {
    const error = {
      code: 'approval_unavailable',
      message: 'it needs approval: it is destructive; nobody can be asked',
    };
    const { code, out } = await call({ status: 'denied', error }, { argv: ['files__read_text_file', '--json'] });
    expect(code).toBe(6);
    expect(JSON.parse(out).error).toMatchObject({ code: 'approval_unavailable', message: error.message });
  });

  test('with arguments that are not right ends with 5, and with what the tool takes', async () => {
    const message = 'missing "path"\narguments: (path: string)';
    const outcome = { status: 'invalid', error: { code: 'invalid_arguments', message } };
    const { code, err } = await call(outcome, { argv: ['files__read_text_file'] });
    expect({ code, err: err.slice(0, 53) }).toEqual({
      code: 5,
      err: 'missing "path"; arguments: (path: string, head?: numb',
    });
    const { out } = await call(outcome, { argv: ['files__read_text_file', '--json'] });
    const { error } = JSON.parse(out);
    expect(error).toMatchObject({
      message: 'missing "path"',
      fix: expect.stringMatching(/^arguments: \(path: string, /),
    });
  });

  test('with an argument that the tool does not list is made, with a warning', async () => {
    const argv = ['files__read_text_file', 'path=a', 'haed=3', 'speed=fast'];
    const { code, err, input } = await call({ status: 'ok', result: text('') }, { argv });
    expect({ code, lines: err.split('\n') }).toEqual({
      code: 0,
      lines: [
        'warning: "haed" is no argument that this tool lists; did you mean "head"?',
        expect.stringMatching(/^warning: "speed" is no argument that this tool lists; its arguments: \(path: string, /),
        '',
      ],
    });
    expect(input).toMatchObject({ calls: [{ arguments: { haed: '3', speed: 'fast' } }] });
  });

  test('by a name that says its server starts no other server', async () => {
    const stub = stubParts({ ...servers, other: { tools: [readTool] } }, () => replyOf({ status: 'ok', result: {} }));
    const started: string[][] = [];
    const createProxy: typeof stub.parts.createProxy = (options) => {
      started.push(options.config.servers.map(({ name }) => name));
      return stub.parts.createProxy(options);
    };
    for (const name of ['files__write_file', 'other/read_text_file', 'write_file']) {
      expect(await runCli(['call', name], fakeIo({}).io, { ...stub.parts, createProxy })).toBe(0);
    }
    expect(started).toEqual([['files'], ['other'], ['files', 'other']]);
  });

  test.each([{ argv: ['call', 'old__x'] }, { argv: ['call', 'old/x'] }, { argv: ['tools', 'explain', 'old__x'] }])(
    'of a tool of a disabled server says so, and starts nothing: $argv',
    async ({ argv }) => {
      const stub = stubParts({ ...servers, old: { enabled: false } });
      const { io, err } = fakeIo({});
      expect(await runCli(argv, io, stub.parts)).toBe(2);
      expect(err()).toBe('the server old is disabled in marshal.yaml; set enabled: true\n');
      expect(stub.calls.started).toBe(0);
    },
  );

  test('of an unknown tool names the servers that were not asked', async () => {
    const stub = stubParts({ ...servers, old: { enabled: false }, bad: { state: { state: 'failed' } } });
    const { io, err } = fakeIo({});
    expect(await runCli(['call', 'bless'], io, stub.parts)).toBe(2);
    expect(err()).toBe(
      'there is no tool "bless"; mcp-marshal tools lists all there are; not connected: bad; disabled: old\n',
    );
  });

  test('gives programs the whole result, or the error with its code', async () => {
    const argv = ['files__read_text_file', '--json'];
    const good = await call({ status: 'ok', result: text('a') }, { argv });
    expect(JSON.parse(good.out)).toEqual({ version: 1, data: text('a') });
    const bad = await call({ status: 'denied', error: { code: 'denied_by_policy', message: 'no' } }, { argv });
    expect({ ...bad, out: JSON.parse(bad.out) }).toMatchObject({
      code: 6,
      err: '',
      out: { version: 1, error: { code: 'denied_by_policy', message: 'no', fix: '' } },
    });
  });

  test('of a tool that is of a server out of reach ends with 4 and the reason', async () => {
    const stub = stubParts({ ...servers, bad: { state: { state: 'failed', reason: 'it exited with 1' } } });
    const { io, err } = fakeIo({});
    expect(await runCli(['call', 'bad__x'], io, stub.parts)).toBe(4);
    expect(err()).toBe(
      'the server bad is not connected: it exited with 1; see what mcp-marshal check says about bad\n',
    );
  });

  test('that is interrupted is cancelled, and ends with 130', async () => {
    const error = { code: 'cancelled', message: 'cancelled' };
    const fake = fakeIo({ stdin: new PassThrough() });
    const stub = stubParts(servers, ({ signal }) => {
      fake.signal('SIGINT');
      expect(signal?.aborted).toBe(true);
      return replyOf({ status: 'cancelled', error });
    });
    expect(await runCli(['call', 'write_file'], fake.io, stub.parts)).toBe(130);
    expect(stub.calls.closed).toBe(1);
  });
});
