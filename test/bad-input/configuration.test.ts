import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { findDeadRules } from '../../src/policy/find-dead-rules.ts';
import { renderProblem } from '../../src/core/place.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { readTool, stubParts } from '../cli/stub-proxy.ts';
import { load, problemsOf, server, type Files } from '../config/load-from.ts';

const withPolicy = (...lines: string[]): Files => ({
  'marshal.yaml': server('command: npx', 'policy: p.yaml'),
  'p.yaml': ['version: 1', ...lines, ''].join('\n'),
});
const named = (name: string): string => server('command: npx').replace('  one:', `  ${name}:`);
const indented = (depth: number): string =>
  Array.from({ length: depth }, (_, column) => `${' '.repeat(column)}a:`).join('\n');
const aliases = Array.from({ length: 12 }, (_, n) => `a${n}: &a${n} [${n === 0 ? '1' : `*a${n - 1},`.repeat(9)}]`);

/** What is wrong, the files, where it stands, what is said of it, and how it is mended. */
type Row = [what: string, files: Files | string, place: RegExp, found: string, mend: string];

// A file that cannot be read as text has no line to name.
const wholeFile = /^the configuration \S+marshal\.yaml /;
const at = (line: number, column: number, key = ''): RegExp =>
  new RegExp(`^marshal\\.yaml:${line}:${column} ${key === '' ? '' : `${key}: `}`);

const rows: Row[] = [
  ['missing', {}, wholeFile, 'does not exist', 'create it'],
  ['empty', '', at(1, 1), 'the file is empty', 'write it'],
  ['binary', { 'marshal.yaml': new Uint8Array([118, 0, 1]) }, wholeFile, 'is not text', 'write it as UTF-8'],
  ['not UTF-8', { 'marshal.yaml': new Uint8Array([0xc3, 0x28]) }, wholeFile, 'is not UTF-8', 'save it as UTF-8'],
  ['5 MB', '#'.repeat(5_000_000), wholeFile, 'is larger than 256 KiB', 'make it smaller'],
  ['deeply nested', indented(100), /^marshal\.yaml:66:66 /, 'more than 64 levels', 'make it flatter'],
  ['nested by brackets', '['.repeat(100_000), /^marshal\.yaml:1:\d+ /, 'more than', 'make it smaller'],
  [
    'an alias bomb',
    aliases.join('\n'),
    /^marshal\.yaml:\d+:\d+ a\d+\.\d+/,
    'unfold without bound',
    'write the values out',
  ],
  ['a key twice', server('command: a', 'command: b'), at(5, 5, 'servers.one.command'), 'stands here twice', 'keep one'],
  ['a tab', 'version: 1\nservers:\n\tone: {}\n', at(3, 1), 'a tab is used', 'use spaces'],
  ['an unknown tag', 'version: !number 1\n', at(1, 10), '"!number" is an unknown tag', 'remove it'],
  [
    'an unknown key',
    server('command: npx', 'comand: npx'),
    at(5, 5, 'servers.one.comand'),
    'is an unknown key',
    'did you mean command?',
  ],
  [
    'a wrong type',
    server('command: npx', 'args: -y x'),
    at(5, 11, 'servers.one.args'),
    'is not a list',
    'write ["-y", "x"]',
  ],
  [
    'a number out of range',
    'version: 1\nservers: {}\nbatch: { maxCalls: 5000 }\n',
    at(3, 20, 'batch.maxCalls'),
    '5000 is not a whole number from 1 to 1000',
    'write one',
  ],
  [
    'a duration out of range',
    server('command: npx', 'timeout: 25h'),
    at(5, 14, 'servers.one.timeout'),
    'is out of range',
    'write a duration from 1ms to 24h',
  ],
  [
    'a boolean of YAML 1.1',
    server('command: npx', 'enabled: yes'),
    at(5, 14, 'servers.one.enabled'),
    '"yes" is not true or false',
    'write true',
  ],
  [
    'a server named __proto__',
    named('__proto__'),
    at(3, 3, 'servers.__proto__'),
    'cannot be a key',
    'choose another name',
  ],
  [
    'a server named constructor',
    named('constructor'),
    at(3, 3, 'servers.constructor'),
    'cannot name a server',
    'choose another name',
  ],
  ['the separator in a name', named('a__b'), at(3, 3, 'servers.a__b'), 'cannot name a server', 'without "__"'],
  [
    'command and url',
    server('command: npx', 'url: https://x.example'),
    at(5, 5, 'servers.one.url'),
    'stands beside command',
    'keep one of the two',
  ],
  [
    'neither command nor url',
    server('timeout: 5s'),
    at(3, 3, 'servers.one'),
    'has neither command nor url',
    'write command: npx',
  ],
  [
    'an unset variable',
    server('command: npx', 'env: { A: "${NOT_SET}" }'),
    at(5, 15, 'servers.one.env.A'),
    'the variable NOT_SET is not set',
    'set it',
  ],
  [
    'a policy that is not there',
    server('command: npx', 'policy: no.yaml'),
    at(5, 13, 'servers.one.policy'),
    'does not exist',
    'create it',
  ],
  ['an empty policy', { ...withPolicy(), 'p.yaml': '' }, /^p\.yaml:1:1 /, 'the file is empty', 'write it'],
  [
    'a policy that is no text',
    { ...withPolicy(), 'p.yaml': new Uint8Array([0]) },
    at(5, 13, 'servers.one.policy'),
    'is not text',
    'write it as UTF-8',
  ],
  [
    'a rule for another server',
    withPolicy('server: two', 'read: [a]'),
    /^p\.yaml:2:9 server: /,
    '"two" is not the server that uses this policy',
    'write one',
  ],
  [
    'a pattern that is none',
    withPolicy('read: [5]'),
    /^p\.yaml:2:8 read\.0: /,
    '5 is not a pattern',
    'write a tool name',
  ],
  [
    'an unknown key of a policy',
    withPolicy('reed: [a]'),
    /^p\.yaml:2:1 reed: /,
    'is an unknown key',
    'did you mean read?',
  ],
  [
    'a rate out of form',
    withPolicy('limits: { rate: 5/day }'),
    /^p\.yaml:2:17 limits\.rate: /,
    '"5/day" is not a rate',
    'write 5/s',
  ],
  [
    'a limit of this process out of range',
    `${server('command: npx')}limits: { messageBytes: 1 }\n`,
    at(5, 25, 'limits.messageBytes'),
    '1 is not a whole number from 65536',
    'write one',
  ],
  [
    'a limit that is none',
    `${server('command: npx')}limits: { mesageBytes: 1 }\n`,
    at(5, 11, 'limits.mesageBytes'),
    'is an unknown key',
    'did you mean messageBytes?',
  ],
];

describe('a wrong configuration or policy is told with its place, what is wrong, and what would be right', () => {
  test.each(rows)('%s', async (_, files, place, found, mend) => {
    const lines = await problemsOf(files, { file: 'marshal.yaml' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(place.source.startsWith('^the') ? /^the configuration marshal\.yaml / : place);
    expect(lines[0]).toContain(found);
    expect(lines[0]).toContain(mend);
    expect(lines[0]!.indexOf(found)).toBeLessThan(lines[0]!.indexOf(mend));
  });

  test('an unset variable is named, and no value that is set is shown', async () => {
    const lines = await problemsOf(server('command: npx', 'env: { A: "${SET}-${NOT_SET}" }'), {
      env: { SET: 'hunter2' },
    });
    expect(lines.join()).not.toContain('hunter2');
  });

  test('every mistake of a file is told at once, in the order of the file', async () => {
    const lines = await problemsOf(`${server('comand: npx', 'timeout: 5', 'enabled: on')}surfac: find\n`);
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'marshal.yaml:3:3',
      'marshal.yaml:4:5',
      'marshal.yaml:5:14',
      'marshal.yaml:6:14',
      'marshal.yaml:7:1',
    ]);
  });

  test('a pattern that matches no tool is told with the one that was perhaps meant', async () => {
    const { servers } = await load(withPolicy('read: ["gte_*"]'));
    const [dead] = findDeadRules(servers[0]!.policy, ['get_issue', 'list_issues']);
    expect(renderProblem(dead!)).toBe('p.yaml:2:8 read: "gte_*" matches no tool of this server; did you mean "get_*"?');
  });

  test.each(['check', 'serve', 'tools'])(
    '`%s` ends with 2, all of it on stderr, and no stack trace',
    async (command) => {
      const folder = await mkdtemp(join(tmpdir(), 'marshal-bad-'));
      await writeFile(join(folder, 'marshal.yaml'), server('comand: npx', 'timeout: 5'));
      const { parts } = stubParts({ files: { tools: [readTool] } });
      const fake = fakeIo({ cwd: folder });
      const code = await runCli([command], fake.io, { ...parts, loadConfig });
      await rm(folder, { recursive: true });
      expect({ code, out: fake.out() }).toEqual({ code: 2, out: '' });
      expect(fake.err()).toContain('marshal.yaml:4:5 servers.one.comand: is an unknown key; did you mean command?');
      expect(fake.err()).toContain('marshal.yaml:5:14 servers.one.timeout: 5 is not a duration; write 5s or 5ms');
      expect(fake.err()).not.toMatch(/\n\s+at |node:|\.ts:/);
    },
  );
});
