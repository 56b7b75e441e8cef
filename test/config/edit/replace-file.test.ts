import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile } from '../../../src/config/edit/replace-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replace-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string, mode = 0o640): string {
  writeFileSync(join(folder, name), text, { mode });
  return join(folder, name);
}

test('the old file is kept beside the new one, each time under a name of its own', async () => {
  const path = write('p.yaml', 'one');
  expect(await replaceFile({ path, from: 'one', to: 'two' })).toMatch(/p\.yaml\.bak$/);
  expect(await replaceFile({ path, from: 'two', to: 'three' })).toMatch(/p\.yaml\.2\.bak$/);
  expect(['p.yaml', 'p.yaml.bak', 'p.yaml.2.bak'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
    'three',
    'one',
    'two',
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test('a file that somebody has changed in the meantime stays as it is', async () => {
  const path = write('p.yaml', 'theirs');
  await expect(replaceFile({ path, from: 'ours', to: 'two' })).rejects.toThrow('has changed in the meantime');
  expect(readFileSync(path, 'utf8')).toBe('theirs');
  expect(readdirSync(folder)).toEqual(['p.yaml']);
});

test('a link stays a link, and what it leads to is written', async () => {
  const target = write('target.yaml', 'one');
  const path = join(folder, 'link.yaml');
  symlinkSync(target, path);
  await replaceFile({ path, from: 'one', to: 'two' });
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe('two');
});

test('a new file is made with its folder, and never over one that is there', async () => {
  const path = join(folder, 'policies', 'files.yaml');
  expect(await replaceFile({ path, to: 'new' })).toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe('new');
  await expect(replaceFile({ path, to: 'newer' })).rejects.toThrow('EEXIST');
  expect(existsSync(`${path}.bak`)).toBe(false);
});

test('of two that change one text at once, one is told so, and the other’s change stays', async () => {
  const path = write('p.yaml', 'one');
  const texts = ['two', 'three', 'four'];
  const ends = await Promise.allSettled(texts.map((to) => replaceFile({ path, from: 'one', to })));
  const done = texts.filter((_, index) => ends[index]?.status === 'fulfilled');
  expect(done).toEqual([readFileSync(path, 'utf8')]);
  expect(readdirSync(folder).sort()).toEqual(['p.yaml', 'p.yaml.bak']);
});
