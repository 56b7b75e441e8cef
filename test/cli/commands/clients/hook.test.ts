import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCliHome } from './run-in-home.ts';
import type { CliHome } from './run-in-home.ts';
import { deleteTool, readTool, writeTool } from '../../stub-proxy.ts';

const configText = `version: 1
stateDir: state
servers:
  files: { command: files-mcp, policy: policies/files.yaml }
  away: { command: away-mcp }
recipes:
  tidy:
    description: Removes a file.
    parameters: { type: object, properties: { path: { type: string } }, required: [path] }
    calls:
      - { tool: files__read_text_file, arguments: { path: { $param: /path } } }
      - { tool: files__delete_file, arguments: { path: { $param: /path } } }
`;
const policyText = `version: 1
server: files
deny: [secret_*]
tools:
  label: { class: destructive, when: [{ args: { method: get }, class: read }] }
`;
const plain = { inputSchema: { type: 'object' as const } };

let place: CliHome;
beforeEach(async () => {
  place = createCliHome();
  place.write('project/marshal.yaml', configText);
  place.write('project/policies/files.yaml', policyText);
  await place.keep('files', [
    readTool,
    writeTool,
    deleteTool,
    { name: 'secret_read', ...plain },
    { name: 'label', ...plain },
  ]);
});
afterEach(() => place.remove());

interface Answer {
  decision: string;
  reason: string;
}

/** What the hook answers to a use of a tool; nothing where it says nothing. */
async function ask(tool: string, input: object = {}, argv: string[] = []): Promise<Answer | undefined> {
  const stdin = JSON.stringify({
    session_id: 's',
    cwd: '/',
    hook_event_name: 'PreToolUse',
    tool_name: tool,
    tool_input: input,
  });
  return answerTo(stdin, argv);
}

async function answerTo(stdin: string, argv: string[] = []): Promise<Answer | undefined> {
  return answerOf(stdin, ['--config', 'marshal.yaml', ...argv]);
}

async function answerOf(stdin: string, argv: string[]): Promise<Answer | undefined> {
  const { code, out, err } = await place.run(['hook', 'claude-code', ...argv], { stdin });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  if (out === '') return undefined;
  expect(out.endsWith('}\n')).toBe(true);
  const { hookSpecificOutput: answer } = JSON.parse(out);
  expect(answer.hookEventName).toBe('PreToolUse');
  return { decision: answer.permissionDecision, reason: answer.permissionDecisionReason };
}

const read = { tool: 'files__read_text_file', arguments: { path: 'a' } };
const write = { tool: 'files__write_file' };
const remove = { tool: 'files__delete_file' };
const secret = { tool: 'files__secret_read' };

describe('the hook of Claude Code', () => {
  test.each([
    ['claud', '"claud"'],
    ['codex', '"codex"'],
    [undefined, 'no client'],
  ])(
    'registered for %s asks and says so on stderr, since any other exit code blocks or passes every call',
    async (client, named) => {
      const use = {
        hook_event_name: 'PreToolUse',
        tool_name: 'mcp__marshal__batch_call',
        tool_input: { calls: [read] },
      };
      const stdin = JSON.stringify(use);
      const argv = ['hook', ...(client === undefined ? [] : [client]), '--config', 'marshal.yaml'];
      const { code, out, err } = await place.run(argv, { stdin });
      expect(code).toBe(0);
      const said = `the hook is registered with ${named}; write mcp-marshal hook claude-code`;
      expect(err).toContain(said);
      expect(JSON.parse(out).hookSpecificOutput).toMatchObject({
        permissionDecision: 'ask',
        permissionDecisionReason: expect.stringContaining(said),
      });
    },
  );

  test.each([
    ['reads and writes', [read, write], 'allow'],
    ['a destructive call among them', [read, remove], 'ask'],
    ['a denied call among them', [read, remove, secret], 'deny'],
    ['a tool that nobody knows', [read, { tool: 'nobody__knows' }], 'ask'],
    ['a tool of a server of which nothing is kept', [{ tool: 'away__x' }], 'ask'],
    ['arguments that do not fit what is kept', [{ tool: 'files__read_text_file' }], 'ask'],
    [
      'a class that references decide',
      [read, { tool: 'files__label', arguments: { method: { $result: 'c0' } } }],
      'ask',
    ],
    ['a class that its arguments decide', [{ tool: 'files__label', arguments: { method: 'get' } }], 'allow'],
    ['another spelling of a denied tool', [{ tool: 'mcp__marshal__files__secret_read' }], 'deny'],
    ['a call without anything', [], 'deny'],
  ])('a batch with %s: %s -> %s', async (_what, calls, decision) => {
    expect((await ask('mcp__marshal__batch_call', { calls }))?.decision).toBe(decision);
  });

  test('lists every call with its id, tool, class, decision and reason, those first that matter', async () => {
    const answer = await ask('mcp__marshal__batch_call', { calls: [read, { id: 'rm', ...remove }, secret] });
    expect(answer?.reason.split('\n')).toEqual([
      'batch_call: 3 calls, 1 deny, 1 ask, 1 allow',
      expect.stringMatching(/^\[c2\] files__secret_read \(\w+\) deny: .*rule deny "secret_\*"/),
      expect.stringMatching(/^\[rm\] files__delete_file \(destructive\) ask: it is destructive/),
      expect.stringMatching(/^\[c0\] files__read_text_file \(read\) allow: /),
    ]);
  });

  test('a list of a thousand calls stays short enough to be shown whole', async () => {
    place.write('project/marshal.yaml', `${configText}batch: { maxCalls: 1000 }\n`);
    const calls = Array.from({ length: 1000 }, () => remove);
    const answer = await ask('mcp__marshal__batch_call', { calls });
    expect(answer?.decision).toBe('ask');
    expect(answer?.reason.length).toBeLessThan(6_001);
    expect(answer?.reason).toMatch(/\nand \d+ more$/);
  });

  test('batch_read is asked about where it would be refused, and denied where a rule denies', async () => {
    expect((await ask('mcp__marshal__batch_read', { calls: [read] }))?.decision).toBe('allow');
    expect((await ask('mcp__marshal__batch_read', { calls: [read, write] }))?.decision).toBe('ask');
    expect((await ask('mcp__marshal__batch_read', { calls: [read, secret] }))?.decision).toBe('deny');
  });

  test('a batch that is only planned is allowed, whatever is in it', async () => {
    expect((await ask('mcp__marshal__batch_call', { mode: 'plan', calls: [remove, secret] }))?.decision).toBe('allow');
  });

  test.each([
    ['files__read_text_file', 'allow'],
    ['files__write_file', 'allow'],
    ['files__delete_file', 'ask'],
    ['files__secret_read', 'deny'],
    ['files__unheard_of', 'ask'],
    ['nobody', 'ask'],
  ])('a tool by itself, %s: %s', async (tool, decision) => {
    expect((await ask(`mcp__marshal__${tool}`, { path: 'a' }))?.decision).toBe(decision);
  });

  test('a destructive tool that a rule allows is allowed', async () => {
    place.write('project/policies/files.yaml', `${policyText}allow: [delete_file]\n`);
    expect((await ask('mcp__marshal__files__delete_file'))?.decision).toBe('allow');
    expect((await ask('mcp__marshal__batch_call', { calls: [remove] }))?.decision).toBe('allow');
  });

  test('a tool that the lock file does not know is denied, in a batch and by itself', async () => {
    place.write('project/marshal.lock', '{ "version": 1, "servers": {} }\n');
    for (const use of [
      ['batch_call', { calls: [read] }],
      ['files__read_text_file', { path: 'a' }],
    ] as const) {
      const answer = await ask(`mcp__marshal__${use[0]}`, use[1]);
      expect(answer?.decision).toBe('deny');
      expect(answer?.reason).toContain('the server files is new');
    }
  });

  test('a recipe is judged by its calls', async () => {
    const answer = await ask('mcp__marshal__recipe__tidy', { path: 'a' });
    expect(answer?.decision).toBe('ask');
    expect(answer?.reason).toContain('[c1] files__delete_file (destructive) ask');
    expect((await ask('mcp__marshal__recipe__tidy', {}))?.decision).toBe('deny');
  });

  test.each([
    'Bash',
    'mcp__github__get_issue',
    'mcp__marshal__batch_await',
    'mcp__marshal__batch_cancel',
    'batch_call',
  ])('says nothing about %s', async (tool) => {
    expect(await ask(tool)).toBeUndefined();
  });

  test('knows a batch behind whatever name the client has for mcp-marshal, and its tools where it is told the name', async () => {
    expect((await ask('mcp__tools__batch_call', { calls: [secret] }))?.decision).toBe('deny');
    expect(await ask('mcp__tools__files__secret_read')).toBeUndefined();
    expect((await ask('mcp__tools__files__secret_read', {}, ['--server', 'tools']))?.decision).toBe('deny');
  });

  test("never allows another server's tool that has a name of ours", async () => {
    const input = { calls: [{ tool: 'files__read_text_file', arguments: { path: 'a' } }] };
    expect((await ask('mcp__marshal__batch_call', input))?.decision).toBe('allow');
    for (const name of ['batch_call', 'batch_read']) {
      expect(await ask(`mcp__evil__${name}`, input)).toMatchObject({ decision: 'ask' });
      expect((await ask(`mcp__evil__${name}`, input))?.reason).toContain('it may be of another server');
      expect((await ask(`mcp__evil__${name}`, input, ['--server', 'evil']))?.decision).toBe('allow');
    }
  });
});

describe('where the hook cannot judge, a person is asked', () => {
  test.each([
    ['no JSON', 'oops', 'is not JSON'],
    ['nothing', '', 'is not JSON'],
    ['a list', '[]', 'is no JSON object'],
    ['no tool', '{}', 'tool_name is missing'],
    ['arguments that are none', '{"tool_name":"mcp__marshal__batch_call","tool_input":7}', 'tool_input is no object'],
  ])('%s on stdin', async (_what, stdin, message) => {
    const answer = await answerTo(stdin);
    expect(answer?.decision).toBe('ask');
    expect(answer?.reason).toContain(message);
  });

  test('a configuration that is not valid, with the first mistake', async () => {
    place.write('project/marshal.yaml', 'version: 1\nservers: { files: {} }\n');
    const answer = await ask('mcp__marshal__batch_call', { calls: [read] });
    expect(answer?.decision).toBe('ask');
    expect(answer?.reason).toContain('marshal.yaml:2:12 servers.files: has neither command nor url');
    expect(await ask('Bash')).toBeUndefined();
  });

  test('a configuration that is not there', async () => {
    expect((await ask('mcp__marshal__batch_call', { calls: [read] }, ['--config', 'none.yaml']))?.decision).toBe('ask');
  });

  test('a configuration that lies where the client was started and is not named: it denies, and allows nothing', async () => {
    place.write('project/policies/files.yaml', `${policyText}allow: ["*"]\n`);
    const use = (tool: string): string => JSON.stringify({ tool_name: `mcp__marshal__files__${tool}` });
    const answer = await answerOf(use('delete_file'), []);
    expect(answer?.decision).toBe('ask');
    expect(answer?.reason).toContain('register it with --config');
    expect((await answerOf(use('secret_read'), []))?.decision).toBe('deny');
    expect((await answerOf(use('delete_file'), ['--config', 'marshal.yaml']))?.decision).toBe('allow');
  });

  test('words in its registration that it does not know: never the exit code that blocks every call', async () => {
    const use = { hook_event_name: 'PreToolUse', tool_name: 'mcp__marshal__batch_call', tool_input: { calls: [read] } };
    const { code, out, err } = await place.run(['hook', 'claude-code', '--frobnicate', 'now'], {
      stdin: JSON.stringify(use),
    });
    expect(code).toBe(0);
    const { permissionDecision, permissionDecisionReason } = JSON.parse(out).hookSpecificOutput;
    expect(permissionDecision).toBe('ask');
    expect(permissionDecisionReason).toContain('--frobnicate now');
    expect(err).toContain('--frobnicate now');
  });

  test('more on stdin than any batch has', async () => {
    const { io, out } = (await import('../../fake-io.ts')).fakeIo({
      stdin: Readable.from(Array.from({ length: 66 }, () => Buffer.alloc(1024 * 1024, 32))),
      cwd: place.project,
    });
    const { runCli } = await import('../../../../src/cli/run-cli.ts');
    const { stubParts } = await import('../../stub-proxy.ts');
    expect(await runCli(['hook', 'claude-code'], io, stubParts({}).parts)).toBe(0);
    expect(out()).toContain('"permissionDecision":"ask"');
    expect(out()).toContain('it is too large');
  });
});
