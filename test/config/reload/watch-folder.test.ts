import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchFolder } from '../../../src/config/reload/watch-folder.ts';
import { temporaryDirectory } from '../../upstream/support.ts';

const patience = { timeout: 5_000 };

test('a folder that was replaced is listened to again once somebody looks', async () => {
  const directory = temporaryDirectory();
  onTestFinished(directory.remove);
  const folder = join(directory.path, 'dir');
  mkdirSync(folder);
  const heard: (string | null)[] = [];
  const watch = watchFolder(folder, (name) => heard.push(name));
  onTestFinished(watch.close);
  await watch.refresh();
  writeFileSync(join(folder, 'a'), '1');
  await expect.poll(() => heard, patience).toContain('a');

  renameSync(folder, join(directory.path, 'old'));
  mkdirSync(folder);
  await watch.refresh();
  writeFileSync(join(folder, 'b'), '1');
  await expect.poll(() => heard, patience).toContain('b');
});

test('a folder that is not there is silent, and listened to once it is', async () => {
  const directory = temporaryDirectory();
  onTestFinished(directory.remove);
  const folder = join(directory.path, 'dir');
  const heard: (string | null)[] = [];
  const watch = watchFolder(folder, (name) => heard.push(name));
  onTestFinished(watch.close);
  await watch.refresh();
  expect(heard).toEqual([]);
  mkdirSync(folder);
  await watch.refresh();
  writeFileSync(join(folder, 'a'), '1');
  await expect.poll(() => heard, patience).toContain('a');
});
