import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/config/policy.ts';
import { load, problemsOf, server, warningsOf } from './load-from.ts';

const files = (...lines: string[]): Record<string, string> => ({
  'marshal.yaml': server('command: npx', 'cwd: work', 'policy: p.yaml'),
  'p.yaml': `${['version: 1', ...lines].join('\n')}\n`,
});
const policyOf = async (...lines: string[]): Promise<Policy | undefined> =>
  (await load(files(...lines))).servers[0]?.policy;

describe('what a policy means', () => {
  test('everything that is left out has the default of the contract', async () => {
    expect(await policyOf()).toEqual({
      file: expect.stringMatching(/p\.yaml$/),
      annotations: 'trust',
      unannotated: 'write',
      remember: 'none',
      unruled: { batch: 'ask', passthrough: 'allow' },
      retryTimeouts: false,
      rules: [],
      tools: [],
      limits: {},
      domain: 'one',
      base: expect.stringMatching(/work$/),
      foldCase: process.platform === 'darwin' || process.platform === 'win32',
    });
  });

  test('rules and tools keep the place where they are written', async () => {
    const policy = await policyOf('read: ["get_*"]', 'deny:', '  - drop', 'tools:', '  clock: { locks: none }');
    expect(policy?.rules).toEqual([
      { list: 'read', pattern: 'get_*', place: { file: 'p.yaml', line: 2, column: 8 } },
      { list: 'deny', pattern: 'drop', place: { file: 'p.yaml', line: 4, column: 5 } },
    ]);
    expect(policy?.tools).toEqual([
      { tool: 'clock', place: { file: 'p.yaml', line: 6, column: 3 }, when: [], locks: 'none' },
    ]);
  });

  test('a tool entry is read whole: class, when, locks, timeout, idempotent', async () => {
    const policy = await policyOf(
      'tools:',
      '  edit:',
      '    class: destructive',
      '    when: [{ args: { method: [a, 1], dry: true }, class: read }]',
      '    locks: [{ arg: path }, { arg: to.url, type: url, mode: write }]',
      '    timeout: 10s',
      '    idempotent: true',
    );
    expect(policy?.tools[0]).toEqual({
      tool: 'edit',
      place: { file: 'p.yaml', line: 3, column: 3 },
      class: 'destructive',
      when: [
        { args: { method: ['a', 1], dry: [true] }, class: 'read', place: { file: 'p.yaml', line: 5, column: 12 } },
      ],
      locks: [
        { arg: 'path', type: 'id' },
        { arg: 'to.url', type: 'url', mode: 'write' },
      ],
      timeoutMs: 10_000,
      idempotent: true,
    });
  });

  test('how often a call may be sent again is kept, and warned of no more', async () => {
    expect(await warningsOf(files('limits: { rate: 80/min, retries: 2, timeout: 5s }'))).toEqual([]);
    expect((await policyOf('limits: { retries: 0 }', 'retryTimeouts: true'))?.limits.retries).toBe(0);
  });

  test.each([
    ['5/s', { calls: 5, perMs: 1_000 }],
    ['80/min', { calls: 80, perMs: 60_000 }],
    ['1000/h', { calls: 1_000, perMs: 3_600_000 }],
  ])('%s is a rate', async (written, rate) => {
    expect((await policyOf(`limits: { rate: ${written} }`))?.limits).toEqual({ rate });
  });

  test('results of reads are used again for as long as the policy says, and a tool may say otherwise', async () => {
    const policy = await policyOf('cache: 60s', 'tools: { a: { cache: 5m }, b: { cache: none }, c: { class: read } }');
    expect(policy?.cacheMs).toBe(60_000);
    expect(policy?.tools.map(({ cacheMs }) => cacheMs)).toEqual([300_000, 'none', undefined]);
  });

  test('a tool may have texts that mean nothing', async () => {
    const policy = await policyOf('tools: { a: { empty: ["No matches found"] }, b: { class: read } }');
    expect(policy?.tools.map(({ empty }) => empty)).toEqual([['No matches found'], undefined]);
  });

  test.each([
    [
      'tools: { a: { barrier: true, locks: none } }',
      ['p.yaml:2:30 tools.a.locks: has no effect beside barrier: true; remove one of the two'],
    ],
    [
      'tools: { a: { barrier: true, locks: [{ arg: path, type: path }] } }',
      ['p.yaml:2:30 tools.a.locks: has no effect beside barrier: true; remove one of the two'],
    ],
    [
      'tools: { a: { class: write, cache: 60s } }',
      ['p.yaml:2:29 tools.a.cache: has no effect, since only reads are cached and a is never a read; remove it'],
    ],
    ['tools: { a: { class: write, when: [{ args: { dry: true }, class: read }], cache: 60s } }', []],
    ['tools: { a: { class: write, cache: none }, b: { class: read, cache: 1s }, c: { cache: 1s } }', []],
    ['tools: { a: { barrier: false, locks: none }, b: { barrier: true } }', []],
  ])('a setting without effect is warned of: %s', async (text, expected) => {
    expect(await warningsOf(files(text))).toEqual(expected);
  });

  test('a tool may have the process to itself', async () => {
    const policy = await policyOf('tools: { a: { barrier: true } }');
    expect(policy?.tools[0]).toMatchObject({ barrier: true });
  });
});

describe('policies that ship with the package', async () => {
  const names = (await readdir(new URL('../../config/policies', import.meta.url)))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace('.yaml', ''));

  test('there are some', () => {
    expect(names).toContain('filesystem');
  });

  test.each(names)('builtin:%s loads for a server of any name, with places that can be opened', async (name) => {
    const config = await load(server('command: npx', `policy: builtin:${name}`));
    expect(config.warnings).toEqual([]);
    const policy = config.servers[0]?.policy;
    expect(policy).toMatchObject({ file: `builtin:${name}`, domain: expect.any(String) });
    const places = [...(policy?.rules ?? []), ...(policy?.tools ?? [])].map(({ place }) => place);
    expect(places.length).toBeGreaterThan(0);
    const [first] = places;
    const text = await readFile(join(import.meta.dirname, '../..', first?.file ?? ''), 'utf8');
    expect(text.split('\n')[(first?.line ?? 0) - 1]).toContain(policy?.rules[0]?.pattern ?? policy?.tools[0]?.tool);
  });

  test('an unknown one is answered with those that ship', async () => {
    const [line] = await problemsOf(server('command: npx', 'policy: builtin:filesytem'));
    expect(line).toMatch(
      /^marshal\.yaml:5:13 servers\.one\.policy: "builtin:filesytem" does not ship with mcp-marshal; did you mean builtin:filesystem\? These do: .*filesystem/,
    );
  });

  test('a name cannot lead out of their folder', async () => {
    const [line] = await problemsOf(server('command: npx', 'policy: builtin:../examples/minimal'));
    expect(line).toContain('does not ship with mcp-marshal');
  });
});

describe('one mistake in a policy', () => {
  test.each([
    [
      'server: two',
      '2:9 server: "two" is not the server that uses this policy; write one, or give each server its own file',
    ],
    ['read: get_*', '2:7 read: "get_*" is not a list; write ["get_*"]'],
    [
      'read: ["!get"]',
      '2:8 read.0: "!get" begins with "!", but patterns have no negation; list the tools that you mean',
    ],
    ['read: [""]', '2:8 read.0: "" is not a pattern; write a tool name, with * for any characters'],
    ['reads: []', '2:1 reads: is an unknown key; did you mean read?'],
    [
      'domain: repo/main',
      '2:9 domain: "repo/main" holds "/", and would read as a resource in the domain "repo"; write repo-main',
    ],
    [
      'domain: /',
      '2:9 domain: "/" holds "/", and would read as a resource in the domain ""; write a name, such as repo',
    ],
    ['unannotated: read', '2:14 unannotated: "read" is not one of write, destructive; write one of them'],
    ['tools: { a: read }', '2:13 tools.a: "read" is not a mapping; write { class: read }'],
    [
      'tools: { a: { locks: {} } }',
      '2:22 tools.a.locks: a mapping is not a list of locks; write [{ arg: path, type: path }], or none',
    ],
    ['tools: { a: { locks: [] } }', '2:22 tools.a.locks: is an empty list; write [{ arg: path, type: path }], or none'],
    ['tools: { a: { locks: [{}] } }', '2:23 tools.a.locks.0.arg: is missing; write it, such as path'],
    [
      'tools: { a: { locks: [{ arg: p, type: file }] } }',
      '2:39 tools.a.locks.0.type: "file" is not one of path, url, id; write one of them',
    ],
    [
      'tools: { a: { when: [{ args: { m: x } }] } }',
      '2:22 tools.a.when.0.class: is missing; write read, write or destructive',
    ],
    [
      'tools: { a: { when: [{ args: { m: { x: 1 } }, class: read }] } }',
      '2:35 tools.a.when.0.args.m: a mapping is not a value or a list of values; write one, such as create, or [create, update]',
    ],
    ['tools: { a: { idempotent: yes } }', '2:27 tools.a.idempotent: "yes" is not true or false; write true'],
    ['limits: { rate: 80 }', '2:17 limits.rate: 80 is not a rate; write 5/s, 80/min or 1000/h'],
    ['limits: { rate: 0/s }', '2:17 limits.rate: "0/s" is not a rate; write 5/s, 80/min or 1000/h'],
    [
      'limits: { retries: 11 }',
      '2:20 limits.retries: 11 is not a whole number from 0 to 10; write one, without quotes or unit',
    ],
    ['remember: forever', '2:11 remember: "forever" is not one of none, arguments, session; write one of them'],
    [
      'tools: { a: { retryTimeouts: true } }',
      '2:15 tools.a.retryTimeouts: is an unknown key; known here: class, when, locks, timeout, idempotent, afterUnknown, barrier, cache, empty, remember',
    ],
    [
      'tools: { a: { cache: 60 } }',
      '2:22 tools.a.cache: 60 is not a duration from 1ms to 24h; write 500ms, 30s or 2m, or none',
    ],
    [
      'tools: { a: { cache: 0s } }',
      '2:22 tools.a.cache: "0s" is not a duration from 1ms to 24h; write 500ms, 30s or 2m, or none',
    ],
    [
      'tools: { a: { empty: No matches found } }',
      '2:22 tools.a.empty: "No matches found" is not a list of texts; write ["No matches found"]',
    ],
    ['tools: { a: { empty: [] } }', '2:22 tools.a.empty: is an empty list; write ["No matches found"]'],
    ['tools: { a: { empty: [5] } }', '2:23 tools.a.empty.0: 5 is not a text; write it as the tool does'],
    ['tools: { a: { barrier: yes } }', '2:24 tools.a.barrier: "yes" is not true or false; write true'],
    ['cache: none', '2:8 cache: "none" is not a duration; write 500ms, 30s or 2m'],
    ['limits: { rate: 1000000/s }', '2:17 limits.rate: "1000000/s" is not a rate; write 5/s, 80/min or 1000/h'],
    ['tools: { "": { class: read } }', '2:10 tools.: is empty; write the name of a tool'],
  ])('%s', async (line, printed) => {
    expect(await problemsOf(files(line))).toEqual([`p.yaml:${printed}`]);
  });

  test('mistakes of the configuration and of every policy come together, sorted by file and place', async () => {
    const lines = await problemsOf({
      'marshal.yaml':
        'version: 1\nservers:\n  b: { command: x, policy: z.yaml, timeout: 1 }\n  a: { command: x, policy: a.yaml }\n',
      'z.yaml': 'version: 1\nfoo: 1\n',
      'a.yaml': 'version: 1\nread: x\nwrite: y\n',
    });
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'a.yaml:2:7',
      'a.yaml:3:8',
      'marshal.yaml:3:45',
      'z.yaml:2:1',
    ]);
  });
});
