import { describe, expect, test } from 'vitest';
import { parseSource } from '../../src/config/source/parse-source.ts';
import { cpuMs } from '../cpu-ms.ts';
import { load, problemsOf, server } from './load-from.ts';

describe('files that cannot be read', () => {
  const named = { file: 'c.yaml' };

  test('missing', async () => {
    expect(await problemsOf({}, named)).toEqual([
      'the configuration c.yaml does not exist; create it or correct the path',
    ]);
  });

  test('a directory', async () => {
    expect(await problemsOf({ 'c.yaml/x': '' }, named)).toEqual([
      'the configuration c.yaml is a directory; name a file in it',
    ]);
  });

  test('no permission', async () => {
    expect(await problemsOf({}, { ...named, readFile: refuse })).toEqual([
      'the configuration c.yaml may not be read by this user; change its permissions',
    ]);
  });

  test('binary', async () => {
    expect(await problemsOf({ 'c.yaml': new Uint8Array([97, 0, 98]) }, named)).toEqual([
      'the configuration c.yaml is not text (byte 2 is zero); write it as UTF-8 text',
    ]);
    expect(await problemsOf({ 'c.yaml': new Uint8Array([0xc3, 0x28]) }, named)).toEqual([
      'the configuration c.yaml is not UTF-8 text; save it as UTF-8',
    ]);
  });

  test('5 MB', async () => {
    expect(await problemsOf({ 'c.yaml': '#'.repeat(5_000_000) }, named)).toEqual([
      'the configuration c.yaml is larger than 256 KiB; make it smaller',
    ]);
  });

  test.each(['', ' \n\n', '# only a comment\n', '---\n', '\uFEFF'])('empty: %j', async (text) => {
    expect(await problemsOf({ 'c.yaml': text }, named)).toEqual([
      'c.yaml:1:1 the file is empty; write it, or name another one',
    ]);
  });

  test('a byte order mark and Windows line ends do no harm', async () => {
    const text = `\uFEFF${server('command: npx', 'timeout: 5')}`.replaceAll('\n', '\r\n');
    expect(await problemsOf({ 'c.yaml': text }, named)).toEqual([
      'c.yaml:5:14 servers.one.timeout: 5 is not a duration; write 5s or 5ms',
    ]);
  });
});

describe('text that is not YAML', () => {
  test.each([
    ['a tab for indentation', 'version: 1\nservers:\n\tone: {}\n', '3:1 a tab is used for indentation; use spaces'],
    [
      'tabs for indentation between brackets',
      'version: 1\nservers: {\n\tone: {}}\n',
      '3:2 a tab is used for indentation; use spaces',
    ],
    [
      'an open bracket',
      'version: 1\nservers: {',
      '2:11 a comma or bracket is missing; separate entries with commas, and close every [ and {',
    ],
    ['an open quote', 'version: "1', '1:12 a quote is missing; close the text with the quote that opened it'],
    [
      'two keys in a line',
      'version: 1\nservers: one: two\n',
      '2:10 holds a second "key: value" in one line; start a new line, or put the text in quotes',
    ],
    [
      'an unknown tag',
      'version: !number 1\nservers: {}\n',
      '1:10 "!number" is an unknown tag; remove it, or put text that starts with ! in quotes',
    ],
    [
      'two documents',
      'version: 1\n---\nversion: 1\n',
      '2:1 begins another document (there are 2); keep one, without --- between',
    ],
    [
      'a wrong escape',
      'version: "\\q"\n',
      '1:11 has an unknown escape after a backslash; write \\\\ for a backslash, or use single quotes',
    ],
    [
      'indentation that changes',
      'a:\n    b: 1\n  c: 2\n',
      '3:1 is indented unlike its neighbours; start all keys of a mapping in the same column',
    ],
    [
      'a sign that YAML keeps',
      'version: @x\n',
      '1:10 "@" cannot stand here; check the quotes, brackets and indentation around it',
    ],
    ['a missing colon', 'version: 1\nservers\n', '2:1 a colon is missing; write "key: value"'],
  ])('%s', async (_, text, printed) => {
    expect(await problemsOf(text)).toContain(`marshal.yaml:${printed}`);
  });

  test('a syntax error beside a secret does not show it', async () => {
    const lines = await problemsOf('a: "Bearer "hunter2"\nhunter2\n');
    expect(lines.join('\n')).not.toContain('hunter2');
    expect(lines[0]).toBe(
      'marshal.yaml:1:13 this text cannot stand here; check the quotes, brackets and indentation around it',
    );
  });

  test('a comma that JSON needs is missed where it is missing', async () => {
    expect(await problemsOf({ 'c.json': '{"version": 1 "servers": {}}' }, { file: 'c.json' })).toContain(
      'c.json:1:13 a comma or bracket is missing; separate entries with commas, and close every [ and {',
    );
  });

  test('a file with a key in doubt is no source, but can be checked further', () => {
    const parsed = parseSource('a: 1\na: 2\n', 'x.yaml');
    expect(parsed.source).toBeUndefined();
    expect(parsed.usable?.value).toEqual({ a: 1 });
    expect(parsed.problems).toHaveLength(1);
  });

  test('all syntax errors are told at once', async () => {
    const lines = await problemsOf('a: "\\q"\nb: !x 1\nc: "\\z"\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'marshal.yaml:1:5',
      'marshal.yaml:2:4',
      'marshal.yaml:3:5',
    ]);
  });

  test('an unquoted pattern that starts with * is told from an alias', async () => {
    const files = { 'marshal.yaml': server('command: x', 'policy: p.yaml'), 'p.yaml': 'version: 1\nread: [*_list]\n' };
    expect(await problemsOf(files)).toEqual([
      'p.yaml:2:8 read.0: "*_list" refers to an anchor that does not exist; text that starts with * needs quotes',
    ]);
  });
});

describe('bombs', () => {
  const deep = 'is nested more than 64 levels deep; make it flatter';
  const many = 'holds more than 20000 words and signs; make it smaller';

  test.each([
    ['brackets', '['.repeat(100), deep],
    ['closed brackets', '['.repeat(100) + ']'.repeat(100), deep],
    ['braces', '{a: '.repeat(100), deep],
    ['sequences', '- '.repeat(100), deep],
    ['explicit keys', '? '.repeat(100), deep],
    ['indentation', indented(100), deep],
    ['keys in a line', 'a: '.repeat(100), deep],
    ['JSON', `{"a":${'['.repeat(100)}`, deep],
    ['brackets up to the size limit', '['.repeat(262_144), many],
    ['sequences up to the size limit', '- '.repeat(131_072), many],
    ['indentation up to the size limit', indented(700), deep],
    ['20,000 keys', Array.from({ length: 20_000 }, (_, n) => `a${n}: 1`).join('\n'), many],
    ['comments that never end', `{"a":${'/* '.repeat(87_000)}`, 'a comma or bracket is missing'],
    ['quotes behind backslashes', `{"a":${'"\\'.repeat(131_000)}`, 'a quote is missing'],
    ['unknown escapes', `a: "${'\\q'.repeat(131_000)}"`, 'has an unknown escape'],
    ['documents', '---\n'.repeat(6_000), 'begins another document (there are 6000)'],
  ])('nesting or bulk by %s is refused within a second', async (_, text, message) => {
    const startMs = cpuMs();
    const [line] = await problemsOf(text);
    expect(line).toMatch(/^marshal\.yaml:\d+:\d+ /);
    expect(line).toContain(message);
    expect(cpuMs() - startMs).toBeLessThan(1000);
  });

  test('64 levels are not too many', async () => {
    const [line] = await problemsOf(`${'['.repeat(64)}${']'.repeat(64)}`);
    expect(line).toContain('a list is not a mapping');
  });

  test('aliases of aliases do not unfold without bound', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `a${n}: &a${n} [${n === 0 ? '1' : `*a${n - 1},`.repeat(9)}]`);
    const startMs = cpuMs();
    expect(await problemsOf(names.join('\n'))).toEqual([
      expect.stringMatching(/^marshal\.yaml:\d+:\d+ [\w.]+: its aliases unfold without bound; write the values out$/),
    ]);
    expect(cpuMs() - startMs).toBeLessThan(1000);
  });

  test('an alias inside its own anchor ends', async () => {
    expect(await problemsOf('a: &a [*a]\n')).toEqual([expect.stringContaining('unfold without bound')]);
  });

  test('a "__proto__" in any mapping is refused, and no object changes', async () => {
    const text =
      'version: 1\nservers: { a: { command: x, env: { __proto__: { polluted: 1 } } } }\n__proto__: { polluted: 1 }\n';
    expect(await problemsOf(text)).toHaveLength(2);
    expect({}).not.toHaveProperty('polluted');
    const config = await load(server('command: x', 'env: { constructor: c, toString: t }'));
    expect(config.servers[0]?.transport).toMatchObject({ env: { constructor: 'c', toString: 't' } });
  });
});

async function refuse(): Promise<never> {
  throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
}

/** A mapping in a mapping in a mapping, each one column further in. */
function indented(depth: number): string {
  return Array.from({ length: depth }, (_, column) => `${' '.repeat(column)}a:`).join('\n');
}
