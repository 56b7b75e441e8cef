import { describe, expect, test } from 'vitest';
import { expandText } from '../../src/config/variables/expand-text.ts';
import { load, problemsOf, server } from './load-from.ts';

const values = new Map([
  ['A', 'alpha'],
  ['EMPTY', ''],
  ['DOLLAR', '${A}'],
]);
const variables = {
  lookup: (name: string) => values.get(name),
  readFile: async (path: string) =>
    path === 'key' ? { text: 'from file' } : { reason: `the file "${path}" does not exist; create it` },
};

describe('what is written and what a server gets', () => {
  test.each([
    ['plain', 'plain'],
    ['${A}', 'alpha'],
    ['<${A}-${A}>', '<alpha-alpha>'],
    ['${env:A}', 'alpha'],
    ['${NOPE:-b c}', 'b c'],
    ['${env:NOPE:-b}', 'b'],
    ['${NOPE:-}', ''],
    ['${EMPTY}', ''],
    ['${EMPTY:-full}', 'full'],
    ['${A:-other}', 'alpha'],
    ['${file:key}', 'from file'],
    ['$${A}', '${A}'],
    ['$A costs $5', '$A costs $5'],
    ['${DOLLAR}', '${A}'],
    ['${NOPE:-a:-b}', 'a:-b'],
  ])('%s → %s', async (written, text) => {
    expect(await expandText(written, variables)).toEqual({ ok: true, text });
  });

  test.each([
    ['${NOPE}', 'the variable NOPE is not set; set it in the environment or in envFile, or write ${NOPE:-default}'],
    ['${A', '"${A" is not closed; write "}" after the name'],
    ['${}', '"${}" is not a variable; write ${NAME}, ${NAME:-default} or ${file:path}, and $${ for a plain ${'],
    [
      '${input:key}',
      '"${input:key}" is not a variable; write ${NAME}, ${NAME:-default} or ${file:path}, and $${ for a plain ${',
    ],
    ['${file:none}', 'the file "none" does not exist; create it'],
    ['${file:}', '"${file:}" names no file; write ${file:path}'],
    ['${NOPE:-${A}}', 'the default of ${NOPE} holds another variable; write plain text'],
  ])('%s is refused: %s', async (written, reason) => {
    expect(await expandText(written, variables)).toEqual({ ok: false, reasons: [reason] });
  });
});

describe('in a configuration', () => {
  test('variables are replaced in command, args, env, cwd, url and headers', async () => {
    const text = `version: 1
servers:
  a: { command: "\${X}", args: ["\${X}"], env: { E: "\${X}" }, cwd: "/\${X}" }
  b: { url: "https://\${X}.example/", headers: { H: "Bearer \${X}" } }
`;
    const { servers } = await load(text, { env: { X: 'xx' } });
    expect(servers.map(({ transport }) => transport)).toEqual([
      { type: 'stdio', command: 'xx', args: ['xx'], env: { E: 'xx' }, cwd: '/xx' },
      { type: 'http', url: 'https://xx.example/', headers: { H: 'Bearer xx' } },
    ]);
  });

  test('every missing variable is named at its place', async () => {
    expect(await problemsOf(server('command: "${ONE}"', 'args: [a, "${TWO} ${THREE}"]'))).toEqual([
      expect.stringContaining('marshal.yaml:4:14 servers.one.command: the variable ONE is not set'),
      expect.stringContaining('marshal.yaml:5:15 servers.one.args.1: the variable TWO is not set'),
      expect.stringContaining('marshal.yaml:5:15 servers.one.args.1: the variable THREE is not set'),
    ]);
  });

  test('envFile fills in what the environment does not set, and is not passed to servers by itself', async () => {
    const files = {
      'marshal.yaml': `envFile: vars/.env\n${server('command: x', 'args: ["${A}", "${B}"]')}`,
      'vars/.env': '# comment\nA=file\nexport B="file b"\nC=3\n',
    };
    const { servers } = await load(files, { env: { A: 'real' } });
    expect(servers[0]?.transport).toMatchObject({ args: ['real', 'file b'], env: {} });
  });

  test('${file:path} is relative to the configuration and loses its last line end', async () => {
    const files = { 'etc/m.yaml': server('command: x', 'args: ["${file:token}"]'), 'etc/token': 'abc\n\n' };
    const { servers } = await load(files, { file: 'etc/m.yaml' });
    expect(servers[0]?.transport).toMatchObject({ args: ['abc\n'] });
  });

  test('a secret file over 64 KiB is refused', async () => {
    const files = { 'marshal.yaml': server('command: "${file:big}"'), big: 'x'.repeat(65_537) };
    expect(await problemsOf(files)).toEqual([
      'marshal.yaml:4:14 servers.one.command: the file "big" is larger than 64 KiB; make it smaller',
    ]);
  });

  test('no problem ever shows the value of a variable', async () => {
    const secret = 'hunter2';
    const text = `version: 1
servers:
  a: { url: "\${S}://x", headers: { A: "\${S}\${MISSING}" }, timeout: x }
  b: { url: "https://\${S}@x.example/" }
  c: { command: "\${Z}" }
  d: { url: "ht tp://\${S}" }
`;
    const lines = await problemsOf(text, { env: { S: secret, Z: '' } });
    expect(lines).toHaveLength(6);
    expect(lines.join('\n')).not.toContain(secret);
    expect(lines[0]).toBe(
      'marshal.yaml:3:13 servers.a.url: "${S}://x" is not an http or https URL; write https://host/path',
    );
  });

  test('what may be secret of variables is remembered, wherever it stands; paths, words and defaults are not', async () => {
    const text = server(
      'command: x',
      'args: ["--key=${MYKEY}", "${WORD}", "${HOME_DIR}", "${file:token}", "${NOPE:-a-default}"]',
      'env: { PASSWORD: "${PASSWORD}", LONG: "${LONG}" }',
    );
    const env = { MYKEY: 'sk-arg-0123', WORD: 'production', HOME_DIR: '/home/me', PASSWORD: 'hunters', LONG: 'Abc123' };
    const { servers } = await load({ 'marshal.yaml': text, token: 'from-a-file\n' }, { env });
    expect(servers[0]?.secrets).toEqual(['sk-arg-0123', 'from-a-file', 'hunters', 'Abc123']);
    expect((await load(server('command: x'))).servers[0]).not.toHaveProperty('secrets');
  });

  test('names that every object has are no variables', async () => {
    expect(await problemsOf(server('command: "${constructor}${__proto__}"'))).toHaveLength(2);
  });
});
