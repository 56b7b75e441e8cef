import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeLock } from '../../../src/cli/lock/write-lock.ts';
import type { LockFile } from '../../../src/config/lock/lock-file.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lock-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockOf = (...names: string[]): LockFile => ({
  servers: new Map(names.map((name) => [name, { launch: { command: name, args: [], env: [] }, tools: new Map() }])),
});

test('of two that accept something at once one is told to run again, and nothing that was accepted is lost', async () => {
  const file = join(folder, 'marshal.lock');
  await writeLock(file, lockOf(), { before: undefined });
  const both = await Promise.allSettled(['a', 'b'].map((name) => writeLock(file, lockOf(name), { before: lockOf() })));
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(writeLock(file, lockOf('c'), { before: lockOf() })).rejects.toThrow('has changed in the meantime');
  expect(readdirSync(folder)).toEqual(['marshal.lock']);
});
