import { describe, expect, test } from 'vitest';
import { parseLock } from '../../../src/config/lock/parse-lock.ts';
import { renderLock } from '../../../src/config/lock/render-lock.ts';
import type { LockFile } from '../../../src/config/lock/lock-file.ts';
import { renderProblem } from '../../../src/core/place.ts';
import { load, problemsOf, server, warningsOf } from '../load-from.ts';
import { cpuMs } from '../../cpu-ms.ts';

const digest = `sha256-${'A'.repeat(43)}=`;
const tool = { description: digest, schema: digest, annotations: digest };
const lock: LockFile = {
  servers: new Map([
    ['web', { launch: { type: 'http', url: 'https://example.com/mcp', headers: ['Authorization'] }, tools: new Map() }],
    [
      'files',
      {
        launch: { command: 'npx', args: ['-y', 'x'], env: ['A'], cwd: '.' },
        tools: new Map([
          ['write', tool],
          ['read', tool],
        ]),
      },
    ],
  ]),
};
const config = server('command: npx');

describe('the lock file', () => {
  test('is read beside the configuration without being named', async () => {
    const loaded = await load({ 'marshal.yaml': config, 'marshal.lock': renderLock(lock) });
    expect(loaded.lock).toEqual(lock);
    expect(loaded.lockFile).toMatch(/marshal\.lock$/);
  });

  test('is read where the key says, and not at all with none', async () => {
    const files = { 'deep/my.lock': renderLock(lock), 'marshal.lock': 'broken' };
    const named = await load({ ...files, 'marshal.yaml': `${config}lock: deep/my.lock\n` });
    expect(named.lock).toEqual(lock);
    const none = await load({ ...files, 'marshal.yaml': `${config}lock: none\n` });
    expect([none.lock, none.lockFile]).toEqual([undefined, undefined]);
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    'holds a tool that is named %s, as it is written and however else it is laid out',
    (name) => {
      const held: LockFile = {
        servers: new Map([['files', { launch: { command: 'x', args: [], env: [] }, tools: new Map([[name, tool]]) }]]),
      };
      const written = renderLock(held);
      expect(parseLock(written, 'marshal.lock')).toEqual({ lock: held, problems: [] });
      expect(parseLock(written.replaceAll('\n', ' '), 'marshal.lock')).toEqual({ lock: held, problems: [] });
      const broken = parseLock(written.replace(digest, 'sha256-'), 'marshal.lock').problems.map(renderProblem);
      expect(broken).toEqual([expect.stringContaining(`servers.files.tools.${name}.description`)]);
    },
  );

  test('keeps what was accepted of the other fields of a tool', () => {
    const tools = new Map([['read', { ...tool, rest: digest }]]);
    const held: LockFile = { servers: new Map([['files', { launch: { command: 'x', args: [], env: [] }, tools }]]) };
    expect(parseLock(renderLock(held), 'marshal.lock').lock).toEqual(held);
  });

  test('need not be there; one that the configuration names and that is missing is warned of', async () => {
    expect((await load(config)).lock).toBeUndefined();
    expect(await warningsOf(config)).toEqual([]);
    expect(await warningsOf(`${config}lock: my.lock\n`)).toEqual([
      'marshal.yaml:5:7 lock: "my.lock" does not exist, so no tool is held against it; write it with mcp-marshal lock',
    ]);
  });

  test('that is broken is never the same as none: the configuration is refused with its place', async () => {
    const text = renderLock(lock).replace('"launch": {', '"launch": ');
    expect(await problemsOf({ 'marshal.yaml': config, 'marshal.lock': text })).toEqual([
      'marshal.lock:6:18 is not JSON (comma expected); mend it, or remove the file and run mcp-marshal lock',
    ]);
    expect(await problemsOf({ 'marshal.yaml': config, 'marshal.lock/x': '' })).toEqual([
      'the lock file marshal.lock is a directory; name a file in it',
    ]);
    expect(await problemsOf({ 'marshal.yaml': config, 'marshal.lock': ' '.repeat(4 * 1024 * 1024 + 1) })).toEqual([
      'the lock file marshal.lock is larger than 4096 KiB; make it smaller',
    ]);
  });

  test('comes with the problems of all other files at once', async () => {
    const problems = await problemsOf({ 'marshal.yaml': `${config}    policy: gone.yaml\n`, 'marshal.lock': '[]' });
    expect(problems).toHaveLength(2);
  });

  test('tells who watches the configuration of itself, also where it is missing', async () => {
    const seen: string[] = [];
    await load(config, { onFile: (file) => seen.push(file.split('/').at(-1)!) });
    expect(seen).toEqual(['marshal.yaml', 'marshal.lock']);
  });
});

describe('its text', () => {
  test('says the same again when it is read, with its keys in order and a line for each value', () => {
    const text = renderLock(lock);
    expect(parseLock(text, 'marshal.lock')).toEqual({ lock, problems: [] });
    expect(text.indexOf('"files"')).toBeLessThan(text.indexOf('"web"'));
    expect(text.indexOf('"read"')).toBeLessThan(text.indexOf('"write"'));
    expect(text.endsWith('}\n')).toBe(true);
    const turned: LockFile = { servers: new Map([...lock.servers].toReversed()) };
    expect(renderLock(turned)).toBe(text);
  });

  const wrong = (text: string): string[] => parseLock(text, 'marshal.lock').problems.map(renderProblem);

  test.each([
    ['', 'marshal.lock:1:1 is not JSON'],
    ['{"version": 1, "servers": {},}', 'marshal.lock:1:30 is not JSON'],
    ['{"version": 1, /* x */ "servers": {}}', 'marshal.lock:1:16 is not JSON'],
    ['{"version": 2, "servers": {}}', 'marshal.lock:1:13 version: version 2 is not supported'],
    ['{"version": 1}', 'marshal.lock:1:1 servers: is missing'],
    ['{"version": 1, "servers": {"a": {}}}', 'marshal.lock:1:33 servers.a.launch: is missing'],
    ['{"version": 1, "servers": {}, "extra": 1}', 'marshal.lock:1:31 extra: is an unknown key'],
    ['{\n<<<<<<< ours\n}', 'marshal.lock:2:1 holds the marks of a merge conflict'],
    ['['.repeat(20_000).slice(0, 40), 'marshal.lock:1:17 is nested more than 16 levels deep'],
    [
      '{"version": 1, "servers": {}, "servers": {}}',
      'marshal.lock:1:31 servers: stands twice here; keep one of the two',
    ],
  ])('that is no lock file is refused with its place: %s', (text, message) => {
    expect(wrong(text)[0]).toContain(message);
  });

  test('has digests of one form only: a shorter one would be met by more tools', () => {
    const text = renderLock(lock).replace(digest, 'sha256-AAAA');
    expect(wrong(text)).toEqual([
      expect.stringContaining('servers.files.tools.read.description: "sha256-AAAA" is not a digest (sha256-…)'),
    ]);
  });

  test('of other line ends and indents is read as well, and a bomb of brackets is not', () => {
    const other = JSON.stringify(JSON.parse(renderLock(lock)), null, 4).replaceAll('\n', '\r\n');
    expect(parseLock(other, 'marshal.lock').lock).toEqual(lock);
    expect(wrong('['.repeat(2_000_000))).toEqual(['marshal.lock:1:17 is nested more than 16 levels deep']);
  });

  test('of ten thousand tools is read in less than a second', () => {
    const tools = new Map(Array.from({ length: 10_000 }, (_, index) => [`tool_${index}`, tool]));
    const large = renderLock({ servers: new Map([['big', { launch: { command: 'x', args: [], env: [] }, tools }]]) });
    const startedMs = cpuMs();
    expect(parseLock(large, 'marshal.lock').problems).toEqual([]);
    expect(cpuMs() - startedMs).toBeLessThan(1_000);
  });
});
