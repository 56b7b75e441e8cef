import { describe, expect, test } from 'vitest';
import { setText } from '../../../src/config/edit/set-text.ts';

function set(text: string, file = 'marshal.yaml'): string | undefined {
  return setText(text, { file, path: ['servers', 'files', 'policy'], value: 'policies/files.yaml' });
}

describe('a text of a file is put where it belongs, and nothing else changes', () => {
  test.each([
    [
      'in the place of another',
      'servers:\n  files:\n    policy: builtin:filesystem # mine\n    command: x\n',
      'servers:\n  files:\n    policy: policies/files.yaml # mine\n    command: x\n',
    ],
    [
      'where there was none',
      'servers:\n  # the files\n  files:\n    command: x # y\n',
      'servers:\n  # the files\n  files:\n    policy: policies/files.yaml\n    command: x # y\n',
    ],
    [
      'in braces',
      'servers: { files: { command: x } }\n',
      'servers: { files: { policy: policies/files.yaml, command: x } }\n',
    ],
    [
      'in JSON',
      '{"servers": {"files": {"command": "x"}}}',
      '{"servers": {"files": {"policy": "policies/files.yaml", "command": "x"}}}',
    ],
  ])('%s', (_where, before, after) => {
    expect(set(before)).toBe(after);
  });

  test.each([
    ['there is no such entry', 'servers: {}\n'],
    ['the entry stands elsewhere', 'x: &f { command: x }\nservers: { files: *f }\n'],
    ['the file is broken', 'servers: {\n'],
  ])('not at all where %s', (_why, text) => {
    expect(set(text)).toBeUndefined();
  });
});
