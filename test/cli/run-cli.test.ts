import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { CliParts } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { fakeIo } from './fake-io.ts';
import type { FakeIo } from './fake-io.ts';
import { readTool, stubParts } from './stub-proxy.ts';

const commands = [
  [],
  ['serve'],
  ['check'],
  ['lock'],
  ['tools'],
  ['tools', 'explain'],
  ['call'],
  ['batch'],
  ['log'],
  ['report'],
  ['trace'],
  ['approvals'],
  ['approvals', 'watch'],
  ['approvals', 'show'],
  ['approvals', 'allow'],
  ['approvals', 'deny'],
  ['token'],
  ['token', 'create'],
  ['token', 'list'],
  ['token', 'revoke'],
  ['import'],
  ['add'],
  ['remove'],
  ['doctor'],
  ['hook'],
  ['schema'],
  ['help'],
];
const { parts } = stubParts({ files: { tools: [readTool] } });

async function run(argv: string[], fake = fakeIo({}), own: CliParts = parts): Promise<{ code: number } & FakeIo> {
  return { ...fake, code: await runCli(argv, fake.io, own) };
}

describe('the command line', () => {
  test.each(commands)('says how it is used: %s %s', async (...command) => {
    const { code, out, err } = await run([...command.filter(Boolean), '--help']);
    expect({ code, err: err() }).toEqual({ code: 0, err: '' });
    const name = ['help', ...command.filter(Boolean)].join('-');
    await expect(out()).toMatchFileSnapshot(`../golden/cli/${name}.txt`);
  });

  test.each([[], ['batch'], ['tools', 'explain']])('help says the same as --help: %s %s', async (...words) => {
    const command = words.filter(Boolean);
    const asked = await run(['help', ...command]);
    const shown = await run([...command, '--help']);
    expect({ code: asked.code, out: asked.out() }).toEqual({ code: 0, out: shown.out() });
  });

  test('prints its version on stdout', async () => {
    const { code, out } = await run(['--version']);
    expect({ code, out: out() }).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test.each([
    { argv: ['tols'], says: "unknown command 'tols' (Did you mean tools?); see mcp-marshal --help\n" },
    { argv: ['uninstall'], says: "unknown command 'uninstall'; mcp-marshal install CLIENT --uninstall takes it out" },
    { argv: ['version'], says: "unknown command 'version'; write mcp-marshal --version\n" },
    { argv: ['-v'], says: "unknown option '-v'; write -V or --version\n" },
    {
      argv: ['token', 'remove', 'x'],
      says: "unknown command 'remove' (Did you mean revoke?); see mcp-marshal token --help\n",
    },
    { argv: ['token', 'ls'], says: "unknown command 'ls' (Did you mean list?); see mcp-marshal token --help\n" },
    { argv: ['log', '-v'], says: "unknown option '-v'; see mcp-marshal log --help\n" },
    { argv: ['tools', '--jsom'], says: '(Did you mean --json?); see mcp-marshal tools --help\n' },
    { argv: ['tools', 'foo'], says: 'did you mean mcp-marshal tools explain foo? see mcp-marshal tools --help\n' },
    { argv: ['tools', 'explian', 'foo'], says: 'did you mean mcp-marshal tools explain foo? see' },
    { argv: ['tools', 'explain'], says: "argument 'name'; see mcp-marshal tools explain --help\n" },
    { argv: ['call'], says: "missing required argument 'name'; see mcp-marshal call --help\n" },
    { argv: ['check', 'this'], says: 'too many arguments' },
    { argv: ['check', '--timeout', '5'], says: 'Write 500ms, 30s or 2m; see mcp-marshal check --help\n' },
    { argv: ['schema', 'polcy'], says: 'Allowed choices are config, policy; see mcp-marshal schema --help\n' },
    { argv: ['help', 'bacth'], says: 'did you mean batch? see mcp-marshal --help\n' },
    { argv: [], says: 'Usage: mcp-marshal' },
  ])('answers a command line it does not understand with 2 and what is wrong: $argv', async ({ argv, says }) => {
    const { code, out, err } = await run(argv);
    expect({ code, out: out() }).toEqual({ code: 2, out: '' });
    expect(err()).toContain(says);
  });

  test('answers programs in JSON, errors of usage too, and says nothing beside it', async () => {
    const { code, out, err } = await run(['tols', '--json']);
    expect({ code, err: err() }).toEqual({ code: 2, err: '' });
    const { version, error } = JSON.parse(out());
    expect(version).toBe(1);
    expect(error).toMatchObject({ code: 'usage', fix: 'see mcp-marshal --help' });
  });

  test.each(['check', 'tools', 'serve', 'batch'])(
    '[configuration] %s names every problem of a configuration and starts nothing',
    async (command) => {
      const problems = [
        {
          place: { file: 'marshal.yaml', line: 8, column: 10 },
          key: 'servers.a.timeout',
          message: '"x" is not a duration',
        },
        { place: { file: 'marshal.yaml', line: 2, column: 1 }, key: 'sevrers', message: 'is an unknown key' },
      ];
      const warnings = [{ message: 'passed over "other"' }];
      const stub = stubParts({});
      const loadConfig = (): Promise<never> => Promise.reject(new ConfigError(problems, warnings));
      const { code, out, err } = await run([command], fakeIo({}), { ...stub.parts, loadConfig });
      expect({ code, out: out(), started: stub.calls.started }).toEqual({ code: 2, out: '', started: 0 });
      expect(err().split('\n')).toEqual([
        'marshal.yaml:2:1 sevrers: is an unknown key',
        'marshal.yaml:8:10 servers.a.timeout: "x" is not a duration',
        'warning: passed over "other"',
        '2 problems; nothing was started',
        '',
      ]);
    },
  );

  test('gives programs every problem of a configuration by itself, and what to do', async () => {
    const place = { file: 'marshal.yaml', line: 2, column: 1 };
    const problems = [{ place, key: 'sevrers', message: 'is an unknown key' }, { message: 'no' }];
    const loadConfig = (): Promise<never> => Promise.reject(new ConfigError(problems));
    const { code, out } = await run(['check', '--json'], fakeIo({}), { ...parts, loadConfig });
    expect({ code, ...JSON.parse(out()).error }).toEqual({
      code: 'invalid_configuration',
      message: 'no\nmarshal.yaml:2:1 sevrers: is an unknown key',
      fix: 'mend the 2 problems listed and run mcp-marshal check again',
      problems: [problems[1], problems[0]],
    });
  });

  test('reads the configuration that --config names, before or behind the command', async () => {
    for (const argv of [
      ['--config', 'my.yaml', 'check', '--offline'],
      ['check', '--offline', '--config', 'my.yaml'],
    ]) {
      const asked: unknown[] = [];
      const loadConfig: CliParts['loadConfig'] = (options) => {
        asked.push(options.file);
        return parts.loadConfig(options);
      };
      await run(argv, fakeIo({}), { ...parts, loadConfig });
      expect(asked).toEqual(['my.yaml']);
    }
  });

  test('turns an error that nobody expected into one line and 1', async () => {
    const loadConfig = (): Promise<never> => Promise.reject(new Error('the disk is on fire\nand more'));
    const { code, out, err } = await run(['tools'], fakeIo({}), { ...parts, loadConfig });
    expect({ code, out: out(), err: err() }).toEqual({
      code: 1,
      out: '',
      err: 'mcp-marshal: unexpected error: the disk is on fire\n',
    });
  });

  test('shows a stack only to who debugs', async () => {
    const loadConfig = (): Promise<never> => Promise.reject(new Error('the disk is on fire'));
    const { err } = await run(['tools'], fakeIo({ env: { MCP_MARSHAL_DEBUG: '1' } }), { ...parts, loadConfig });
    expect(err()).toMatch(/\n {4}at /);
  });

  test('an error that nobody caught ends the command with 1, and everything is closed', async () => {
    const stub = stubParts({ files: {} });
    const input = new PassThrough();
    const fake = fakeIo({ stdin: input });
    const createProxy: CliParts['createProxy'] = (options) => {
      queueMicrotask(() => fake.crash(new Error('from a timer')));
      return stub.parts.createProxy(options);
    };
    const { code, err } = await run(['serve'], fake, { ...stub.parts, createProxy });
    expect({ code, err: err() }).toEqual({ code: 1, err: 'mcp-marshal: unexpected error: from a timer\n' });
    expect(stub.calls.closed).toBe(1);
    expect(fake.listening()).toBe(0);
  });

  test('an error that nobody caught while it serves ends it with 1, though the client is then seen off in order', async () => {
    const stub = stubParts({ files: {} });
    const fake = fakeIo({ stdin: new PassThrough() });
    let end = (): void => {};
    const closed = new Promise<void>((resolve) => (end = resolve));
    const createProxy = (): typeof stub.proxy => ({
      ...stub.proxy,
      serveStdio() {
        setImmediate(() => fake.crash(new Error('from a timer')));
        return { closed, close: () => Promise.resolve() };
      },
      close() {
        end();
        return stub.proxy.close();
      },
    });
    const { code, err } = await run(['serve'], fake, { ...stub.parts, createProxy });
    expect({ code, err: err() }).toEqual({ code: 1, err: 'mcp-marshal: unexpected error: from a timer\n' });
    expect(stub.calls.closed).toBe(1);
  });

  test('a reader that has gone ends nothing with a stack trace', async () => {
    const fake = fakeIo({});
    fake.io.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    const { code, err } = await run(['tools'], fake);
    expect({ code, err: err() }).toEqual({ code: 0, err: '' });
  });

  test('that could not print all, since the disk is full, says so and does not end well', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const stdout = new Writable({ write: (_chunk, _encoding, taken) => taken(full) });
    const fake = fakeIo({});
    const code = await runCli(['tools', '--json'], { ...fake.io, stdout }, parts);
    expect({ code, err: fake.err() }).toEqual({
      code: 1,
      err: expect.stringMatching(/^what was printed is not whole/),
    });
  });

  test('ends no sooner than all that it printed was taken, however slow the reader is', async () => {
    let take = (): void => {};
    let text = '';
    const stdout = new Writable({
      write(chunk: Buffer, _encoding, taken) {
        text += chunk.toString();
        take = taken;
      },
    });
    const fake = fakeIo({});
    let ended = false;
    const code = runCli(['tools', '--json'], { ...fake.io, stdout }, parts).finally(() => (ended = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect({ ended, isThere: text !== '' }).toEqual({ ended: false, isThere: true });
    const taking = setInterval(() => take());
    expect(await code).toBe(0);
    clearInterval(taking);
    expect(JSON.parse(text)).toHaveProperty('data.tools');
  });
});
