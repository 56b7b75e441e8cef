import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addPolicyRules } from '../../../src/config/edit/add-policy-rules.ts';
import type { PolicyLine } from '../../../src/config/edit/add-policy-rules.ts';
import { valueOf } from '../../../src/config/edit/open-text.ts';

const deny = (...patterns: string[]): PolicyLine[] => patterns.map((pattern) => ({ list: 'deny', pattern }));

function add(text: string, lines: PolicyLine[], file = 'p.yaml'): string {
  const added = addPolicyRules(text, { file, lines });
  if (!added.ok) throw new Error(added.reason);
  return added.text;
}

describe('a line is added to a list in the way in which the list is written', () => {
  test.each([
    ['on one line', 'version: 1\ndeny: [a] # why\nread: [b]\n', 'version: 1\ndeny: [a, x, "y*"] # why\nread: [b]\n'],
    ['on one line, empty', 'deny: []\nread: [b]\n', 'deny: [x, "y*"]\nread: [b]\n'],
    ['with a comma at its end', 'deny: [a, ]\n', 'deny: [a, x, "y*", ]\n'],
    ['over lines in brackets', 'deny: [\n  a, # one\n  b # two\n]\n', 'deny: [\n  a, # one\n  b, x, "y*" # two\n]\n'],
    ['with dashes', 'deny:\n  - a # why\n\nread: [b]\n', 'deny:\n  - a # why\n  - x\n  - "y*"\n\nread: [b]\n'],
    ['with dashes, not indented', 'deny:\n- a\nread: [b]\n', 'deny:\n- a\n- x\n- "y*"\nread: [b]\n'],
    ['with dashes, at the end of the file', 'deny:\n  - a', 'deny:\n  - a\n  - x\n  - "y*"\n'],
    [
      'in lines of Windows',
      'version: 1\r\ndeny:\r\n  - a\r\n',
      'version: 1\r\ndeny:\r\n  - a\r\n  - x\r\n  - "y*"\r\n',
    ],
    ['not at all', 'version: 1\n# the end\n', 'version: 1\n# the end\ndeny: [x, "y*"]\n'],
    [
      'as a key without a value',
      'version: 1\ndeny: # none yet\nread: [b]\n',
      'version: 1\ndeny: [x, "y*"] # none yet\nread: [b]\n',
    ],
    ['in JSON', '{\n  // why\n  "deny": ["a"],\n}\n', '{\n  // why\n  "deny": ["a", "x", "y*"],\n}\n'],
    ['in JSON, not at all', '{ "version": 1 }', '{ "deny": ["x", "y*"], "version": 1 }'],
  ])('%s', (_how, before, after) => {
    expect(add(before, deny('x', 'y*'))).toBe(after);
  });

  test('names that YAML would take for something else have quotes', () => {
    expect(add('version: 1\n', deny('null', 'yes', '1', '*', 'a b', '- c', 'a: b', 'ok'))).toBe(
      'version: 1\ndeny: ["null", "yes", "1", "*", "a b", "- c", "a: b", ok]\n',
    );
  });
});

test.each([
  ['is broken', 'deny: [a\n'],
  ['has a list that is none', 'deny: a\n'],
  ['has a list that stands elsewhere', 'read: &r [a]\ndeny: *r\n'],
  ['has a list that another one refers to', 'deny: &d [a]\nread: *d\n'],
  ['ends before its end', 'version: 1\n...\n'],
  ['is a list', '- a\n'],
])('a policy that %s is left as it is', (_what, text) => {
  expect(addPolicyRules(text, { file: 'p.yaml', lines: deny('x') })).toMatchObject({ ok: false });
});

const policies = join(import.meta.dirname, '../../../config/policies');

test('of the policies that ship, nothing changes but the lines that are added', () => {
  for (const file of readdirSync(policies)) {
    const before = readFileSync(join(policies, file), 'utf8');
    const after = add(before, [...deny('x_*'), { list: 'ask', pattern: 'y' }, { list: 'allow', pattern: 'z' }], file);
    const changed = after.split('\n').filter((line) => !before.split('\n').includes(line));
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThanOrEqual(3);
    expect(valueOf(after, file)?.['deny']).toContain('x_*');
  }
});

test('whatever the lists and the patterns, the policy says what it said and what was added', () => {
  const pattern = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.startsWith('!'));
  const list = fc.constantFrom('deny', 'ask', 'allow');
  const forms = [
    (items: string[]) => `deny: [${items.map((item) => JSON.stringify(item)).join(', ')}]\n# end\n`,
    (items: string[]) => `deny:\n${items.map((item) => `  - ${JSON.stringify(item)} # note\n`).join('')}read: []\n`,
    (items: string[]) => JSON.stringify({ version: 1, deny: items }, null, 2),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...forms),
      fc.array(pattern, { minLength: 1, maxLength: 3 }),
      fc.array(fc.record({ list, pattern }), { minLength: 1, maxLength: 5 }),
      (form, items, lines) => {
        const before = form(items);
        const added = addPolicyRules(before, { file: 'p.yaml', lines });
        fc.pre(added.ok);
        const value = valueOf(added.text, 'p.yaml')!;
        const ofDeny = lines.filter((line) => line.list === 'deny').map((line) => line.pattern);
        expect(value['deny']).toEqual([...items, ...ofDeny]);
      },
    ),
  );
});
