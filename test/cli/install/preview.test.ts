import { expect, test } from 'vitest';
import { previewLines } from '../../../src/cli/install/preview.ts';

const own = '{\n  "marshal": {\n    "command": "/usr/bin/node"\n  }\n}';

test('a preview shows our own lines, and covers what the file has beside them', () => {
  const before = '{\n  "a": { "env": { "T": "secret" }, "n": 5 } // secret\n}\n';
  const after =
    '{\n  "a": { "env": { "T": "secret" }, "n": 5 }, // secret\n  "marshal": {\n    "command": "/usr/bin/node"\n  }\n}\n';
  const shown = previewLines(before, { after, own }).join('\n');
  expect(shown).toContain('+    "command": "/usr/bin/node"');
  expect(shown).toContain('-  "a": { "env": { "T": "…" }, "n": 5 } // …');
  expect(shown).not.toContain('secret');
});

test.each([
  '"T": "se\\"cret"',
  '"secret",',
  '"T": secret,',
  'T: secret',
  'T: [a, secret]',
  "T: 'secret'",
  '- secret',
  '- --token=secret',
  '- T: secret',
  'T = "secret" # secret',
  "T = '''secret",
  'secret',
  '# secret',
  '// secret',
  '/* secret',
  '* secret */',
  '["secret", \'secret\', secret]',
  '{ "a": "b", /* secret */ "c": 1 }',
  'X-Key.a: Bearer secret',
  '"a key": secret # x',
  'T: | # secret',
  '["secret"]',
  '[secret]',
  'c2secretJ=',
  'c2secretJ==',
  'user:secret',
  '"T": "x" "secret',
])('nothing of %j gets into a preview but its names', (line) => {
  const shown = previewLines(`x\n${line}\ny`, { after: 'x\ny', own }).join('\n');
  expect(shown).not.toContain('secret');
  expect(shown).toMatch(/^-/m);
});

test.each([
  ['{"mcpServers":{"a":{"env":{"T":"secret"}}, "marshal": {"command":"/x"}}, "b": {"t": "secret"}} // secret', ''],
  ['mcpServers: [{name: a, t: secret}, {"name":"marshal"}] # it\'s secret', '{"name":"marshal"}'],
])('our own entry is shown where it stands with others in one line, and nothing of theirs: %s', (after, ownInLine) => {
  const own = ownInLine === '' ? '"marshal": {"command":"/x"}' : ownInLine;
  const shown = previewLines('', { after, own: '', ownInLine: own }).join('\n');
  expect(shown).toContain(own);
  expect(shown).not.toContain('secret');
});
