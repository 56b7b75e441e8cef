import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchFiles, type FileWatch, type WatchTimings } from '../../../src/config/reload/watch-files.ts';
import { temporaryDirectory } from '../../upstream/support.ts';

let folder: ReturnType<typeof temporaryDirectory>;
let watches: FileWatch[];
beforeEach(() => {
  folder = temporaryDirectory();
  watches = [];
});
afterEach(() => {
  for (const watch of watches) watch.close();
  folder.remove();
});

const at = (...names: string[]): string => join(folder.path, ...names);
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks at nothing by itself unless a test says so, so that it is seen what the system tells. */
async function watching(
  files: readonly string[],
  timings: Partial<WatchTimings> = {},
): Promise<{ told: () => number; watch: FileWatch }> {
  let told = 0;
  const onChange = (): void => void (told += 1);
  const watch = watchFiles(onChange, { settleMs: 40, longestMs: 200, pollMs: 60_000, ...timings });
  watches.push(watch);
  await watch.follow(files);
  return { told: () => told, watch };
}

const patience = { timeout: 5_000 };
const polled = { pollMs: 30 };

test('a file that is written is told once, however many writes a save is', async () => {
  writeFileSync(at('a'), '1');
  const { told } = await watching([at('a')], { settleMs: 250, longestMs: 10_000 });
  for (let write = 0; write < 5; write += 1) {
    writeFileSync(at('a'), `${write}`);
    await soon(20);
  }
  expect(told()).toBe(0);
  await expect.poll(told, patience).toBe(1);
  await soon(300);
  expect(told()).toBe(1);
});

test('a file that is replaced is told, again and again', async () => {
  writeFileSync(at('a'), '1');
  const { told } = await watching([at('a')]);
  for (let round = 1; round <= 3; round += 1) {
    writeFileSync(at('a.new'), '2');
    renameSync(at('a.new'), at('a'));
    await expect.poll(told, patience).toBe(round);
  }
});

test('a file that is removed is told, and again when it comes back', async () => {
  writeFileSync(at('a'), '1');
  const { told } = await watching([at('a')]);
  rmSync(at('a'));
  await expect.poll(told, patience).toBe(1);
  writeFileSync(at('a'), '1');
  await expect.poll(told, patience).toBe(2);
});

test('a file is told that comes into being with its folder', async () => {
  const { told } = await watching([at('later', 'a')], polled);
  mkdirSync(at('later'));
  writeFileSync(at('later', 'a'), '1');
  await expect.poll(told, patience).toBe(1);
});

test('a file is heard of again after its whole folder was replaced', async () => {
  mkdirSync(at('dir'));
  writeFileSync(at('dir', 'a'), '1');
  const { told } = await watching([at('dir', 'a')], polled);
  renameSync(at('dir'), at('old'));
  mkdirSync(at('dir'));
  writeFileSync(at('dir', 'a'), '2');
  await expect.poll(told, patience).toBeGreaterThan(0);
  await soon(150);
  const before = told();
  writeFileSync(at('dir', 'a'), '3');
  await expect.poll(told, patience).toBe(before + 1);
});

test('a link is told of when what it leads to changes, of which its own folder says nothing', async () => {
  mkdirSync(at('target'));
  writeFileSync(at('target', 'a'), '1');
  symlinkSync(at('target', 'a'), at('a'));
  const { told } = await watching([at('a')], polled);
  writeFileSync(at('target', 'a'), '22');
  await expect.poll(told, patience).toBe(1);
});

test('a change is told in time though there is always another one', async () => {
  writeFileSync(at('a'), '1');
  const { told } = await watching([at('a')], { settleMs: 100, longestMs: 300 });
  const writing = setInterval(() => writeFileSync(at('a'), String(performance.now())), 20);
  await expect
    .poll(told, { timeout: 3_000 })
    .toBeGreaterThan(0)
    .finally(() => clearInterval(writing));
});

test('files beside those that are watched are nobody’s business, nor are those that are not followed any more', async () => {
  writeFileSync(at('a'), '1');
  writeFileSync(at('b'), '1');
  const { told, watch } = await watching([at('a')], polled);
  writeFileSync(at('b'), '2');
  await soon(200);
  expect(told()).toBe(0);
  await watch.follow([at('b')]);
  writeFileSync(at('a'), '2');
  await soon(200);
  expect(told()).toBe(0);
  writeFileSync(at('b'), '3');
  await expect.poll(told, patience).toBe(1);
});

test('nothing is told after the end', async () => {
  writeFileSync(at('a'), '1');
  const { told, watch } = await watching([at('a')], polled);
  writeFileSync(at('a'), '2');
  watch.close();
  await soon(200);
  expect(told()).toBe(0);
});
