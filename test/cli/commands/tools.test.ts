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
      '  default for destructive: deny in a batch, deny as a single call does not match',
      '',
    ]);
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
