import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { deleteTool, readTool, stubParts, writeTool } from '../stub-proxy.ts';
import type { StubServer } from '../stub-proxy.ts';
import type { Tool } from '../../../src/core/tool.ts';

const files: StubServer = { tools: [readTool, writeTool, deleteTool], rules: { read: ['read_*'], deny: ['delete_*'] } };

async function check(
  servers: Record<string, StubServer>,
  argv: string[] = [],
): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = fakeIo({});
  const code = await runCli(['check', ...argv], io, stubParts(servers).parts);
  return { code, out: out(), err: err() };
}

describe('check', () => {
  test('says of each server whether it is there, its era, its tools by class and how long it took', async () => {
    const { code, out } = await check({ files, old: { enabled: false } });
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 2)).toEqual([
      'files  ready  3 tools (1 read, 1 write, 1 destructive, 1 denied), legacy, connected in 312 ms',
      'old    disabled',
    ]);
  });

  test('names the tools that no rule speaks of', async () => {
    const { out } = await check({ files });
    expect(out).toContain('files: 2 tools classed by no rule: write_file, delete_file\n');
  });

  test('names ten of them and counts the rest', async () => {
    const tools = Array.from({ length: 13 }, (_, index) => ({ ...readTool, name: `t${index}` }));
    const { out } = await check({ files: { tools } });
    expect(out).toContain('13 tools classed by no rule: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, and 3 more\n');
  });

  test('ends with 4 and the reason where a server cannot be reached', async () => {
    const { code, out } = await check({ files, bad: { state: { state: 'failed', reason: 'it exited with 1' } } });
    expect(code).toBe(4);
    expect(out).toContain('bad    unreachable  it exited with 1\n');
    expect(out).toContain('2 servers, 1 ready, 1 unreachable, 0 warnings\n');
  });

  test('counts a server that is still connecting at the end of the time as unreachable', async () => {
    const { code, out } = await check({ slow: { state: { state: 'connecting' } } });
    expect(code).toBe(4);
    expect(out).toContain('slow  unreachable  no answer within 30 s\n');
  });

  test('says of a server that is being tried again what it died of, not that it gave no answer', async () => {
    const lastFailure = 'it exited with code 1; its last words on stderr: missing API_KEY';
    const { code, out } = await check({ bad: { state: { state: 'connecting', lastFailure } } });
    expect(code).toBe(4);
    expect(out).toContain(`bad  unreachable  ${lastFailure}\n`);
  });

  test('counts what is odd about the configuration too', async () => {
    const stub = stubParts({ files });
    const warnings = [{ message: 'passed over "theme"' }];
    const loadConfig = () => Promise.resolve({ ...stub.config, warnings });
    const { io, out, err } = fakeIo({});
    await runCli(['check'], io, { ...stub.parts, loadConfig });
    expect(err()).toBe('warning: passed over "theme"\n');
    expect(out()).toContain('1 server, 1 ready, 1 warning\n');
  });

  test('reports a rule that matches nothing with its place, and still ends with 0', async () => {
    const { code, out } = await check({ files: { ...files, rules: { read: ['raed_*'] } } });
    expect(code).toBe(0);
    expect(out).toContain(
      'warning: policies/files.yaml:5:8 read: "raed_*" matches no tool of this server; did you mean "read_*"?\n',
    );
  });

  test('reports a cache of a tool that is never a read by its hints or the lists', async () => {
    const place = { file: 'policies/files.yaml', line: 9, column: 3 };
    const tools = [
      { tool: 'write_file', place, when: [], cacheMs: 1_000 },
      { tool: 'read_text_file', place, when: [], cacheMs: 1_000 },
    ];
    const { code, out } = await check({ files: { tools: [readTool, writeTool], policy: { tools } } });
    expect(code).toBe(0);
    expect(out.match(/warning: .*/g)).toEqual([
      'warning: policies/files.yaml:9:3 tools.write_file.cache: has no effect, since only reads are cached and write_file is never a read; remove it',
    ]);
  });

  test('reports no rule of a server that could not be asked', async () => {
    const state = { state: 'failed', reason: 'gone' } as const;
    const { out } = await check({ files: { state, rules: { read: ['read_*'] } } });
    expect(out).toBe('files  unreachable  gone\n/etc/marshal.yaml: 1 server, 1 unreachable, 0 warnings\n');
  });

  test('says nothing of rules of a shipped policy whose tools the server hides, since nobody can mend them', async () => {
    const rules = { read: ['read_*', 'a', 'b'], write: ['write_file'], destructive: ['delete_file'] };
    const { out } = await check({ files: { ...files, policyFile: 'builtin:filesystem', rules } });
    expect(out).not.toContain('warning:');
    expect(out).toContain('1 server, 1 ready, 0 warnings\n');
  });

  test('says where a shipped policy knows none of the tools: it is that of another server', async () => {
    const { code, out } = await check({ files: { ...files, policyFile: 'builtin:git', rules: { read: ['git_log'] } } });
    expect(code).toBe(0);
    expect(out.match(/warning: .*/g)).toEqual([
      'warning: files: no rule of builtin:git matches a tool that this server lists; see whether it is the policy of this server, and take it out if it is not',
    ]);
  });

  const git = (tools: Tool[]): Record<string, StubServer> => ({
    git: {
      tools: [readTool, ...tools],
      policyFile: 'builtin:git',
      rules: { read: ['read_*'] },
      policy: { annotations: 'tighten', proven: { tools: 'npm:git-server@1.2.3', date: '2026-11-22' } },
    },
  });

  test('names a tool that a shipped policy does not know, what it is taken for, and what to do; and still ends with 0', async () => {
    const { code, out } = await check(git([{ name: 'git_bisect', inputSchema: { type: 'object' } }]));
    expect(code).toBe(0);
    expect(out.match(/warning: .*/g)).toEqual([
      'warning: git: git_bisect is not known to builtin:git (proven against npm:git-server@1.2.3): it is a write by default; use a newer mcp-marshal, or copy the policy and give it a rule',
    ]);
    expect(out).not.toContain('classed by no rule');
  });

  test('sums up such tools by what they are taken for, ten names at most', async () => {
    const many = Array.from({ length: 12 }, (_, index): Tool => ({
      name: `t${index}`,
      inputSchema: { type: 'object' },
    }));
    const { out } = await check(git([...many, deleteTool]));
    expect(out.match(/warning: .*/g)).toEqual([
      expect.stringContaining('git: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, and 2 more are not known to builtin:git'),
      expect.stringContaining(
        "git: delete_file is not known to builtin:git (proven against npm:git-server@1.2.3): it is destructive by the server's hint destructiveHint",
      ),
    ]);
  });

  test('tells programs what the rules of a policy were held against', async () => {
    const { out } = await check(git([]), ['--json']);
    expect(JSON.parse(out).data.servers).toMatchObject([
      { policy: 'builtin:git', proven: { tools: 'npm:git-server@1.2.3', date: '2026-11-22' }, unruled: [] },
    ]);
  });

  test('warns of a state directory that cannot be written, and still ends with 0', async () => {
    const stub = stubParts({ files });
    const stateDir = join(import.meta.filename, 'state');
    const { io, out } = fakeIo({});
    const loadConfig = () => Promise.resolve({ ...stub.config, stateDir });
    expect(await runCli(['check'], io, { ...stub.parts, loadConfig })).toBe(0);
    expect(out()).toContain(
      `warning: stateDir ${stateDir} cannot be written (ENOTDIR); tool lists are not kept; set stateDir\n`,
    );
    expect(out()).toContain('1 server, 1 ready, 1 warning\n');
  });

  test('reports names that had to be changed and lists that are odd', async () => {
    const long = { ...readTool, name: 'x'.repeat(70) };
    const { out } = await check({ files: { tools: [long, { ...readTool, inputSchema: { type: 'string' } }] } });
    expect(out).toMatch(/warning: files: "x{70}" is listed as files__x{48}_[0-9a-f]{8}; its full name/);
    expect(out).toContain('warning: files: "read_text_file" has an input schema that is not an object');
  });

  test('offline, asks no server', async () => {
    const stub = stubParts({ files });
    const { io, out } = fakeIo({});
    expect(await runCli(['check', '--offline'], io, stub.parts)).toBe(0);
    expect(stub.calls).toMatchObject({ started: 0, closed: 0 });
    expect(out()).toContain('files  not asked\n');
  });

  test('says the same to programs, in one object', async () => {
    const { code, out, err } = await check({ files, bad: { state: { state: 'failed', reason: 'no' } } }, ['--json']);
    expect({ code, err }).toEqual({ code: 4, err: '' });
    const { version, data } = JSON.parse(out);
    expect(version).toBe(1);
    expect(data.servers).toEqual([
      {
        name: 'files',
        state: 'ready',
        era: 'legacy',
        connectedMs: 312,
        tools: { total: 3, read: 1, write: 1, destructive: 1, denied: 1 },
        unruled: ['write_file', 'delete_file'],
      },
      { name: 'bad', state: 'unreachable', reason: 'no' },
    ]);
  });

  test('lets no server steer the terminal with the reason of its failure', async () => {
    const { out } = await check({ bad: { state: { state: 'failed', reason: 'a\u001b[2Jb\nc\u009b1md' } } });
    expect(out).toContain('ab cd\n');
  });
});
