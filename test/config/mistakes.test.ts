import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { checkRecipe } from '../../src/batch/recipe/check-recipe.ts';
import { load, problemsOf, server } from './load-from.ts';

const golden = new URL('../golden/config/mistakes/', import.meta.url);

test('all mistakes of a configuration and its policies are printed in one go, each with its place and its mend', async () => {
  const files = {
    'marshal.yaml': await readFile(new URL('marshal.yaml', golden), 'utf8'),
    'policies/files.yaml': await readFile(new URL('policies/files.yaml', golden), 'utf8'),
  };
  const lines = await problemsOf(files, { checkRecipe });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../golden/config/mistakes/printed.txt');
  expect(lines).toHaveLength(71);
  expect(lines.join('\n')).not.toMatch(/Invalid input|expected|received|undefined|\[object/i);
});

describe('one mistake in a server', () => {
  test.each([
    ['timeout: 30 parsecs', '5:14 servers.one.timeout: "30 parsecs" is not a duration; write 500ms, 30s or 2m'],
    ['timeout: 30', '5:14 servers.one.timeout: 30 is not a duration; write 30s or 30ms'],
    ['timeout: 0s', '5:14 servers.one.timeout: "0s" is out of range; write a duration from 1ms to 24h'],
    ['timeout: -5s', '5:14 servers.one.timeout: "-5s" is not a duration; write 500ms, 30s or 2m'],
    ['timeout: 25h', '5:14 servers.one.timeout: "25h" is out of range; write a duration from 1ms to 24h'],
    [
      'maxParallel: 1.5',
      '5:18 servers.one.maxParallel: 1.5 is not a whole number from 1 to 1000; write one, without quotes or unit',
    ],
    [
      'maxParallel: .inf',
      '5:18 servers.one.maxParallel: Infinity is not a whole number from 1 to 1000; write one, without quotes or unit',
    ],
    [
      'maxParallel: 1001',
      '5:18 servers.one.maxParallel: 1001 is not a whole number from 1 to 1000; write one, without quotes or unit',
    ],
    ['enabled: on', '5:14 servers.one.enabled: "on" is not true or false; write true'],
    ['enabled: No', '5:14 servers.one.enabled: "No" is not true or false; write false'],
    ['enabled: maybe', '5:14 servers.one.enabled: "maybe" is not true or false; write true or false, without quotes'],
    ['comand: x', '5:5 servers.one.comand: is an unknown key; did you mean command?'],
    ['args: -y x', '5:11 servers.one.args: "-y x" is not a list; write ["-y", "x"]'],
    ['args: [a, [b]]', '5:15 servers.one.args.1: a list is not text; write text in quotes'],
    ['env: [A=secret]', '5:10 servers.one.env: a list is not a mapping; write { NAME: value }'],
    ['env: { A: }', '5:12 servers.one.env.A: has no value; write text in quotes, or remove the key'],
    ['env:', '5:5 servers.one.env: has no value; write { NAME: value }, or remove the key'],
    ['env: { "A=B": c }', '5:19 servers.one.env.A=B: is not the name of a variable; write one such as LOG_LEVEL'],
    [
      'type: htpp',
      '5:11 servers.one.type: "htpp" is not one of stdio, http, streamable-http, streamableHttp, sse; did you mean http?',
    ],
    ['url: https://x.example', '5:5 servers.one.url: stands beside command; keep one of the two'],
    ['headers: { A: b }', '5:5 servers.one.headers: belongs to a server with url; remove it'],
    ['type: sse', '5:11 servers.one.type: "sse" does not fit a server with command; write stdio'],
    ['policy: no.yaml', '5:13 servers.one.policy: the policy "no.yaml" does not exist; create it or correct the path'],
    ['parallel: always', '5:15 servers.one.parallel: "always" is not one of prefer, avoid, none; write one of them'],
    ['__proto__: { enabled: false }', '5:5 servers.one.__proto__: "__proto__" cannot be a key; choose another name'],
    ['command: y', '5:5 servers.one.command: stands here twice, first in line 4; keep one'],
    ['? [a]', '5:7 servers.one: a key must be text; put it in quotes'],
    ['<<: { enabled: true }', '5:5 servers.one.<<: merging of mappings is not supported; write the keys out'],
  ])('%s', async (line, printed) => {
    expect(await problemsOf(server('command: npx', line))).toEqual([`marshal.yaml:${printed}`]);
  });

  test.each([
    ['not a url', 'is not an http or https URL; write https://host/path'],
    ['file:///etc/passwd', 'is not an http or https URL; write https://host/path'],
  ])('url: %s', async (url, what) => {
    expect(await problemsOf(server(`url: ${url}`))).toEqual([`marshal.yaml:4:10 servers.one.url: "${url}" ${what}`]);
  });

  test('credentials in a url are refused without being shown', async () => {
    const lines = await problemsOf(server('url: https://ann:hunter2@x.example/'));
    expect(lines).toEqual([
      'marshal.yaml:4:10 servers.one.url: carries a user name or password; remove it and write headers: { Authorization: ... }',
    ]);
  });

  test('a header that HTTP cannot carry is refused without being shown', async () => {
    const lines = await problemsOf(server('url: https://x.example', 'headers: { "A B": c, D: "${TOKEN}" }'), {
      env: { TOKEN: 'hunter2\nX: y' },
    });
    expect(lines).toEqual([
      'marshal.yaml:5:23 servers.one.headers.A B: is not the name of an HTTP header; write one such as Authorization',
      'marshal.yaml:5:29 servers.one.headers.D: holds a line break or a character that HTTP headers cannot carry; check its variables',
    ]);
  });
});

describe('names of servers', () => {
  test.each([
    ['a__b', 'the name of a tool is SERVER__TOOL'],
    ['a_', 'the name of a tool is SERVER__TOOL'],
    ['a/b', 'write letters'],
    ['a.b', 'write letters'],
    ['a:b', 'write letters'],
    ['a b', 'write letters'],
    ['', 'write a name'],
    ['constructor', 'choose another name'],
    ['recipe', 'recipes are the tools recipe__NAME; choose another name'],
    ['Recipe', 'recipes are the tools recipe__NAME; choose another name'],
    ['a'.repeat(41), 'it has 41 characters; write at most 40'],
  ])('"%s" is refused with a reason', async (name, reason) => {
    const lines = await problemsOf(`version: 1\nservers:\n  "${name}": { command: x }\n`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`marshal.yaml:3:3 servers.${name}: "${name}" cannot name a server; `);
    expect(lines[0]).toContain(reason);
  });

  test('"__proto__" is refused and changes no object', async () => {
    expect(await problemsOf('version: 1\nservers:\n  __proto__: { command: x }\n')).toEqual([
      'marshal.yaml:3:3 servers.__proto__: "__proto__" cannot be a key; choose another name',
    ]);
    expect({}).not.toHaveProperty('command');
  });

  test.each(['git-hub', 'my_server', 'A1', 'toString', 'hasOwnProperty'])('"%s" is fine', async (name) => {
    const config = await load(`version: 1\nservers:\n  ${name}: { command: x }\n`);
    expect(config.servers.map((each) => each.name)).toEqual([name]);
  });
});

describe('one mistake at the top', () => {
  test.each([
    ['servers: {}', '1:1 version: is missing; write "version: 1" on the first line'],
    [
      'version: 2\nservers: {}',
      '1:10 version: version 2 is not supported; this program reads version 1: write "version: 1"',
    ],
    [
      'version: "1"\nservers: {}',
      '1:10 version: version "1" is not supported; this program reads version 1: write "version: 1"',
    ],
    ['version: 1', '1:1 servers: is missing; write "servers:" with a name and a command or url below it'],
    [
      'version: 1\nservers: {}\nmcpServers: {}',
      '3:1 mcpServers: stands beside servers, which is the same key; move its entries to servers',
    ],
    [
      'version: 1\nservers: [a]',
      '2:10 servers: a list is not a mapping of names to servers; write "NAME:" with command or url below it',
    ],
    ['just text', '1:1 "just text" is not a mapping; write version: 1 and servers:'],
    [
      'version: 1\nservers: {}\nsurface: all',
      '3:10 surface: "all" is not one of passthrough, find, batch-only; write one of them',
    ],
    [
      'version: 1\nservers: {}\ntelemetry: { metrics: 99999 }',
      '3:23 telemetry.metrics: 99999 is no address to listen on; write a port, such as 9464, or 127.0.0.1:9464',
    ],
    [
      'version: 1\nservers: {}\nstateDir: ""',
      '3:11 stateDir: "" is not a folder; write a path, such as ~/.local/state/mcp-marshal',
    ],
    [
      'version: 1\nservers: {}\nmaxParallel: 1025',
      '3:14 maxParallel: 1025 is not a whole number from 1 to 1024; write one, without quotes or unit',
    ],
    [
      'version: 1\nservers: {}\nbatch: { maxReplyChars: 10 }',
      '3:25 batch.maxReplyChars: 10 is not a whole number from 1000 to 1000000; write one, without quotes or unit',
    ],
    [
      'version: 1\nservers: {}\nfoo: 1',
      '3:1 foo: is an unknown key; known here: version, envFile, servers, mcpServers, batch, journal, limits, approvals, auth, lock, flow, recipes, maxParallel, surface, maxDescriptionChars, telemetry, naming, log, stateDir',
    ],
  ])('%s', async (text, printed) => {
    expect(await problemsOf(text)).toEqual([`marshal.yaml:${printed}`]);
  });
});
