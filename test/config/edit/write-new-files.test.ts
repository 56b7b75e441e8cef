import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeNewFiles } from '../../../src/config/edit/write-new-files.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'marshal-write-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('files are written all, the private one for its user alone', async () => {
  const files = [
    { path: join(folder, 'a/b/one'), text: '1', isPrivate: true },
    { path: join(folder, 'two'), text: '2' },
  ];
  await writeNewFiles(files);
  expect(files.map(({ path }) => readFileSync(path, 'utf8'))).toEqual(['1', '2']);
  expect(statSync(join(folder, 'a/b/one')).mode & 0o777).toBe(0o600);
});

test('where one is there already it stays, and those before it are gone again, with their folders', async () => {
  writeFileSync(join(folder, 'two'), 'mine');
  const files = [
    { path: join(folder, 'new/one'), text: '1' },
    { path: join(folder, 'two'), text: '2' },
  ];
  await expect(writeNewFiles(files)).rejects.toThrow('EEXIST');
  expect(readFileSync(join(folder, 'two'), 'utf8')).toBe('mine');
  expect(existsSync(join(folder, 'new'))).toBe(false);
});
