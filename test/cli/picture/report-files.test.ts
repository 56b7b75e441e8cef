import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptyFolder, runJournal } from '../commands/journal/run-journal.ts';
import { fakeJournal } from '../journal/fake-journal.ts';
import { killed, killedCalls, reported, reportedCalls } from '../journal/reported.ts';

let cwd: string;
beforeEach(() => void (cwd = emptyFolder()));
afterEach(() => rmSync(cwd, { recursive: true }));

function report(...argv: string[]): ReturnType<typeof runJournal> {
  const journal = fakeJournal({ calls: [...reportedCalls, ...killedCalls], batches: [reported, killed] });
  return runJournal(['report', ...argv], { journal, cwd });
}

const fileOf = (name: string): string => readFileSync(join(cwd, name), 'utf8');

test('report prints what it always does, and writes a drawing and a page besides', async () => {
  const { code, out, err } = await report('7f3a91', '--svg', 'a.svg', '--html', 'a.html');
  expect(code).toBe(0);
  expect(out).toBe((await report('7f3a91')).out);
  expect(err).toContain('drawing written to a.svg\nreport written to a.html\n');
  expect(fileOf('a.svg')).toMatch(/^<svg [^]*<\/svg>\n$/);
  expect(fileOf('a.html')).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  expect(readdirSync(cwd).toSorted()).toEqual(['a.html', 'a.svg']);
});

test('a report that is written again replaces the one before, as a trace does', async () => {
  writeFileSync(join(cwd, 'a.html'), 'old');
  expect((await report('80aa01', '--html', 'a.html')).code).toBe(0);
  expect(fileOf('a.html')).toContain('batch 80aa01');
});

test('with --all the page is about all calls, and a drawing of all is refused', async () => {
  expect((await report('--all', '--html', 'a.html')).code).toBe(0);
  expect(fileOf('a.html')).toContain('<h1>7 calls of 3 tools</h1>');
  const { code, err } = await report('--all', '--svg', 'a.svg');
  expect(code).toBe(2);
  expect(err).toBe('--all is about all batches, and --svg draws one; write --html for all of them\n');
});

test('a file that cannot be written is told of before anything is printed', async () => {
  const { code, out, err } = await report('7f3a91', '--html', 'nowhere/a.html');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toBe(
    'the report cannot be written to "nowhere/a.html": its directory does not exist; name a file that can\n',
  );
});

test('with --json stdout has one object and stderr no word of files', async () => {
  const { out, err } = await report('80aa01', '--html', 'a.html', '--json');
  expect(JSON.parse(out)).toMatchObject({ version: 1, data: { batchId: '80aa01' } });
  expect(err).not.toContain('written');
  expect(fileOf('a.html')).toContain('batch 80aa01');
});
