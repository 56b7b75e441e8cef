import {
  mkdirSync,
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
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTraceFile } from '../../../src/cli/trace/open-trace-file.ts';

const trace = {
  displayTimeUnit: 'ms',
  traceEvents: [
    { ph: 'X', name: 'c0' },
    { ph: 'X', name: 'c1' },
  ],
};

let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), 'trace-'))));
afterEach(() => rmSync(cwd, { recursive: true }));

describe('the file of a trace', () => {
  test('is not there before the trace is, and holds nothing but the trace', async () => {
    const file = await openTraceFile('t.json', { cwd, option: '--trace' });
    expect(readdirSync(cwd)).toEqual([]);
    await file.write(trace);
    expect(readdirSync(cwd)).toEqual(['t.json']);
    const text = readFileSync(join(cwd, 't.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(trace);
    expect(text.split('\n')).toHaveLength(5);
  });

  test('is replaced, and keeps its permissions and the link that leads to it', async () => {
    writeFileSync(join(cwd, 'old.json'), 'old', { mode: 0o600 });
    symlinkSync('old.json', join(cwd, 'link.json'));
    const file = await openTraceFile('link.json', { cwd, option: '--trace' });
    expect(readFileSync(join(cwd, 'old.json'), 'utf8')).toBe('old');
    await file.write(trace);
    expect(JSON.parse(readFileSync(join(cwd, 'old.json'), 'utf8'))).toEqual(trace);
    expect(statSync(join(cwd, 'old.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(cwd).sort()).toEqual(['link.json', 'old.json']);
  });

  test('may be a device, which stays one', async () => {
    const file = await openTraceFile('/dev/null', { cwd, option: '--trace' });
    await file.write(trace);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test.each([
    { named: '-', says: 'stdout, where the results go' },
    { named: '', says: 'names no file' },
    { named: 'none/t.json', says: 'its directory does not exist' },
    { named: 'text.txt/t.json', says: 'its directory does not exist' },
    { named: 'folder', says: 'it is a directory' },
  ])('that cannot be written is refused before anything runs: "$named"', async ({ named, says }) => {
    mkdirSync(join(cwd, 'folder'));
    writeFileSync(join(cwd, 'text.txt'), '');
    const asked = openTraceFile(named, { cwd, option: '--trace' });
    await expect(asked).rejects.toMatchObject({ exitCode: 2, code: 'usage', message: expect.stringContaining(says) });
  });

  test('that goes away meanwhile leaves nothing behind', async () => {
    mkdirSync(join(cwd, 'folder'));
    const file = await openTraceFile('folder/t.json', { cwd, option: '--trace' });
    rmSync(join(cwd, 'folder'), { recursive: true });
    await expect(file.write(trace)).rejects.toThrow('ENOENT');
    expect(readdirSync(cwd)).toEqual([]);
  });
});
