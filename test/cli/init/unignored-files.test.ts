import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unignoredFiles } from '../../../src/cli/init/secrets/unignored-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'marshal-'));
  mkdirSync(join(folder, '.git'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// As `git check-ignore` has it.
test.each([
  ['*.env', 'config/sub/marshal.env', true],
  ['/*.env', 'marshal.env', true],
  ['/*.env', 'config/marshal.env', false],
  ['config/*.env', 'config/marshal.env', true],
  ['config/*.env', 'config/sub/marshal.env', false],
  ['*/marshal.env', 'config/marshal.env', true],
  ['*/marshal.env', 'config/sub/marshal.env', false],
  ['config/**/marshal.env', 'config/marshal.env', true],
  ['config/**', 'config/sub/marshal.env', true],
  ['config/', 'config/sub/marshal.env', true],
  ['marshal.env/', 'marshal.env', false],
])('what git would take is told of, and nothing else: %s with %s', async (pattern, file, isIgnored) => {
  writeFileSync(join(folder, '.gitignore'), `${pattern}\n`);
  const path = join(folder, file);
  expect(await unignoredFiles([path])).toEqual(isIgnored ? [] : [path]);
});
