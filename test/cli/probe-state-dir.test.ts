import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probeStateDir } from '../../src/cli/probe-state-dir.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'probe-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('a state directory that is not there is made, for its owner alone, and left empty', async () => {
  const stateDir = join(folder, 'deep', 'state');
  expect(await probeStateDir(stateDir)).toBe(undefined);
  expect(readdirSync(stateDir)).toEqual([]);
  if (process.platform !== 'win32') expect(statSync(stateDir).mode & 0o777).toBe(0o700);
});

test('one that is there is left as it is', async () => {
  const stateDir = join(folder, 'kept');
  mkdirSync(stateDir);
  writeFileSync(join(stateDir, 'a'), '');
  expect(await probeStateDir(stateDir)).toBe(undefined);
  expect(readdirSync(stateDir)).toEqual(['a']);
});

test('one that is a file, or below one, is a warning with the reason and the mend', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const stateDir of [file, join(file, 'state')]) {
    expect(await probeStateDir(stateDir)).toEqual({
      message: `stateDir ${stateDir} cannot be written (ENOTDIR); tool lists are not kept; set stateDir`,
    });
  }
});

test('a place where nothing can be made is a warning soon, not an endless try', async () => {
  const found = await probeStateDir('/proc/marshal/state');
  expect(found?.message).toMatch(
    /^stateDir \/proc\/marshal\/state cannot be written \((ENOENT|EACCES|EROFS|EPERM|ENOTSUP)\)/,
  );
});
