import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { textWidth } from '../../../src/cli/terminal/text-width.ts';
import { fakeIo } from '../fake-io.ts';
import { deleteTool, readTool, stubParts, writeTool } from '../stub-proxy.ts';
import type { StubServer } from '../stub-proxy.ts';

const servers: Record<string, StubServer> = {
  files: { tools: [readTool, writeTool, deleteTool], rules: { deny: ['delete_*'] } },
  trash: { tools: [deleteTool] },
};

async function run(
  argv: string[],
  { own = servers, ...terminal }: { own?: Record<string, StubServer>; isTerminal?: boolean; columns?: number } = {},
): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = fakeIo({ ...terminal, env: { NO_COLOR: '1' } });
  const code = await runCli(argv, io, stubParts(own).parts);
  return { code, out: out(), err: err() };
}

describe('tools', () => {
  test('lists every tool by server with its class, decisions and reason; denied ones as denied', async () => {
    const { code, out } = await run(['tools']);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'tool                     class        in a batch  by itself  why',
      'files',
      "  files__read_text_file  read         allow       allow      the server's hint readOnlyHint: true",
      "  files__write_file      write        allow       allow      the server's hint readOnlyHint: false",
      '  files__delete_file     destructive  denied      denied     rule deny "delete_*" (policies/files.yaml:2)',
      'trash',
      "  trash__delete_file     destructive  ask         allow      the server's hint destructiveHint: true",
      '',
    ]);
  });

  test('says of a tool that is not what the lock file says that it is in quarantine', async () => {
    const own = { files: { tools: [readTool], quarantine: { read_text_file: 'its description changed' } } };
    const { out } = await run(['tools'], { own });
    expect(out).toContain(
      'files__read_text_file  read   denied      denied     in quarantine: its description changed\n',
    );
    const { out: json } = await run(['tools', '--json'], { own });
    expect(JSON.parse(json).data.tools[0]).toMatchObject({ quarantine: 'its description changed' });
  });

  test.each([120, 80, 50, 20])('fits a terminal of %i columns', async (columns) => {
    const { out } = await run(['tools'], { isTerminal: true, columns });
    const widths = out.split('\n').map(textWidth);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    expect(out.includes('…')).toBe(columns < 120);
  });

  test('says which server is not there, shows its tools of last time, and ends with 4', async () => {
    const own = { ...servers, bad: { tools: [readTool], state: { state: 'failed' as const, reason: 'it exited' } } };
    const { code, out, err } = await run(['tools'], { own });
    expect(code).toBe(4);
    expect(out).toContain('bad__read_text_file');
    expect(err).toBe('the server bad is not connected: it exited; its tools are shown as it listed them last\n');
  });

  test('gives programs the reasons of both decisions', async () => {
    const { out } = await run(['tools', '--json']);
    const { data } = JSON.parse(out);
    expect(data.tools.map(({ name }: { name: string }) => name)).toHaveLength(4);
    expect(data.tools[3]).toMatchObject({
      name: 'trash__delete_file',
      server: 'trash',
      tool: 'delete_file',
      class: 'destructive',
      source: 'hint',
      batch: { decision: 'ask' },
      passthrough: { decision: 'allow' },
    });
  });
});

describe('tools explain', () => {
  test('shows every rule considered, what it decided, the locks and the limits', async () => {
    const { code, out } = await run(['tools', 'explain', 'files__delete_file']);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'files__delete_file',
      '  server      files',
      '  tool        delete_file',
      '  arguments   ()',
      '  hints       destructiveHint: true',
      "  class       destructive: the server's hint destructiveHint: true",
      '  in a batch  deny: rule deny "delete_*" (policies/files.yaml:2)',
      '  by itself   deny: rule deny "delete_*" (policies/files.yaml:2)',
      '  locks       files exclusively (without arguments)',
      '  timeout     2 min in a batch; none by itself',
      'considered, in this order:',
      "  the server's hint destructiveHint: true: destructive (annotations: trust) matches -> decides",
      '  unannotated: write does not match',
      '  policies/files.yaml:2:8 deny "delete_*" matches -> decides',
      '  default for destructive: ask in a batch, allow as a single call does not match',
      '',
    ]);
  });

  test('says what the lock file and the flow rule have to do with it, and how far a yes is remembered', async () => {
    const asked = { rules: { ask: ['read_*'], private: ['read_*'] }, policy: { remember: 'arguments' as const } };
    const { out } = await run(['tools', 'explain', 'read_text_file'], {
      own: { files: { tools: [readTool], ...asked } },
    });
    expect(out).toContain('  flow        private: what it returns is not for everybody\n');
    expect(out).toContain('  a yes       may be remembered for the same arguments\n');
    expect(out).not.toContain('lock file');

    const changed = { tools: [readTool], quarantine: { read_text_file: 'its description changed' } };
    const { out: locked } = await run(['tools', 'explain', 'read_text_file'], { own: { files: changed } });
    expect(locked).toContain('  by itself   deny: its description changed\n');
    expect(locked).toContain(
      '  lock file   the tool differs from the lock file: its description changed; it is not called',
    );
    expect(locked).not.toContain('a yes');
  });

  test('takes the arguments of a call into account, in JSON too', async () => {
    const { out } = await run(['tools', 'explain', 'read_text_file', 'path=a', 'head=3', '--json']);
    const { data } = JSON.parse(out);
    expect(data).toMatchObject({
      name: 'files__read_text_file',
      arguments: { path: 'a', head: 3 },
      locks: ['IS (everything)', 'S files'],
    });
  });

  test('shows what few policies set: caches, rates, barriers', async () => {
    const own = {
      files: {
        tools: [readTool, writeTool],
        policy: {
          cacheMs: 30_000,
          limits: { rate: { calls: 80, perMs: 60_000 } },
          tools: [{ tool: 'write_file', place: { file: 'p.yaml', line: 1, column: 1 }, when: [], barrier: true }],
        },
      },
    };
    const factsOf = async (name: string): Promise<string[]> =>
      (await run(['tools', 'explain', name], { own })).out
        .split('\n')
        .filter((line) => /^ {2}(barrier|cache|rate|locks)/.test(line));
    expect(await factsOf('read_text_file')).toEqual([
      '  locks       files shared (without arguments)',
      '  cache       a result is used again for 30 s',
      '  rate        80 calls per min, all tools of files together',
    ]);
    expect(await factsOf('write_file')).toEqual([
      '  locks       everything exclusively (without arguments)',
      '  barrier     runs alone in the whole process',
      '  rate        80 calls per min, all tools of files together',
    ]);
  });

  test('says that a tool is never answered from the cache where its policy keeps others', async () => {
    const entry = { tool: 'read_text_file', place: { file: 'p.yaml', line: 1, column: 1 }, when: [] };
    const policy = { cacheMs: 30_000, tools: [{ ...entry, cacheMs: 'none' as const }] };
    const { out } = await run(['tools', 'explain', 'read_text_file'], {
      own: { files: { tools: [readTool], policy } },
    });
    expect(out).toContain('  cache       none: each call is sent\n');
  });

  test('says what the rules of its policy were held against, and that they do not know it', async () => {
    const policy = { proven: { documentation: 'https://example.com/tools', date: '2026-11-22' } };
    const files = { tools: [readTool, deleteTool], policyFile: 'builtin:files', rules: { read: ['read_*'] }, policy };
    const source = 'builtin:files, taken from https://example.com/tools, 2026-11-22';
    const known = await run(['tools', 'explain', 'read_text_file'], { own: { files } });
    expect(known.out).toContain(`  policy      ${source}\n`);
    const unknown = await run(['tools', 'explain', 'delete_file'], { own: { files } });
    expect(unknown.out).toContain(`  policy      ${source}; it does not know this tool\n`);
    const json = await run(['tools', 'explain', 'read_text_file', '--json'], { own: { files } });
    expect(JSON.parse(json.out).data.policy).toEqual({ file: 'builtin:files', ...policy });
  });

  test('offers near names for a name that is none', async () => {
    const { code, out, err } = await run(['tools', 'explain', 'files__raed_text_file']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(
      'there is no tool "files__raed_text_file"; did you mean files__read_text_file or files__write_file?\n',
    );
  });

  test('names the choices for a name that several servers have', async () => {
    const { code, err } = await run(['tools', 'explain', 'delete_file']);
    expect(code).toBe(2);
    expect(err).toBe(
      'several servers have a tool "delete_file"; write one of files__delete_file, trash__delete_file\n',
    );
  });
});
