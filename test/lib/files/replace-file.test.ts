import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceFile, replaceFileSync } from '../../../src/lib/files/replace-file.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'marshal-files-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ways = [
  ['soon', (file: string, text: string) => replaceFile(file, text)],
  ['soon, for good', (file: string, text: string) => replaceFile(file, text, { isDurable: true })],
  ['at once', (file: string, text: string) => Promise.resolve(replaceFileSync(file, text))],
] as const;

describe.each(ways)('a file that is replaced, %s,', (_, replace) => {
  test('has its new text, is for its user alone, and leaves nothing beside it', async () => {
    const file = join(folder, 'a.json');
    writeFileSync(file, 'old', { mode: 0o644 });
    await replace(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  test('is as it was where it cannot be replaced, and nothing is left behind', async () => {
    const file = join(folder, 'taken');
    writeFileSync(join(folder, 'inner'), '');
    await expect((async () => replace(join(file, 'a.json'), 'new'))()).rejects.toThrow('ENOENT');
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(folder)).toEqual(['inner']);
  });
});

test('a file that others are to read may be made so', async () => {
  const file = join(folder, 'a.lock');
  await replaceFile(file, 'text', { mode: 0o644 });
  expect(statSync(file).mode & 0o044).toBe(0o044);
});
