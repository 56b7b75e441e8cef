import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeDirectory } from '../../../src/lib/files/make-directory.ts';

test('a folder that several make at once is made, for its user alone, and nobody is told that it could not be', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'marshal-folder-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (let round = 0; round < 20; round += 1) {
    const path = join(folder, String(round), 'a', 'b');
    await Promise.all(Array.from({ length: 8 }, () => makeDirectory(path)));
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  }
});

test('what can never be there is refused, and not tried for ever', async () => {
  await expect(makeDirectory('/proc/nowhere/at/all')).rejects.toMatchObject({ code: 'ENOENT' });
});
