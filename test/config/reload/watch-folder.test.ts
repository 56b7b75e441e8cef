import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchFolder } from '../../../src/config/reload/watch-folder.ts';
import { temporaryDirectory, until } from '../../upstream/support.ts';

/** Writes until something is heard of it: when the system begins to listen is not told. */
async function untilHeard(file: string, heard: (string | null)[]): Promise<void> {
  let round = 0;
  await until(() => {
    round += 1;
    writeFileSync(file, String(round));
    return heard.includes('a');
  });
}

test('a folder that was replaced is listened to again once somebody looks', async () => {
  const directory = temporaryDirectory();
  onTestFinished(directory.remove);
  const folder = join(directory.path, 'dir');
  mkdirSync(folder);
  const heard: (string | null)[] = [];
  const watch = watchFolder(folder, (name) => heard.push(name));
  onTestFinished(watch.close);
  await untilHeard(join(folder, 'a'), heard);

  renameSync(folder, join(directory.path, 'old'));
  mkdirSync(folder);
  watch.refresh();
  heard.length = 0;
  await untilHeard(join(folder, 'a'), heard);
});

test('a folder that is not there is silent, and listened to once it is', async () => {
  const directory = temporaryDirectory();
  onTestFinished(directory.remove);
  const folder = join(directory.path, 'dir');
  const heard: (string | null)[] = [];
  const watch = watchFolder(folder, (name) => heard.push(name));
  onTestFinished(watch.close);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toEqual([]);
  mkdirSync(folder);
  watch.refresh();
  await untilHeard(join(folder, 'a'), heard);
});
