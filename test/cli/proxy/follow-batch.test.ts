import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BatchInput } from '../../../src/cli/context.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import type { FakeIo } from '../fake-io.ts';
import { readTool, replyOf, stubParts } from '../stub-proxy.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'follow-'));
  const calls = Array.from({ length: 4 }, () => ({ tool: 'files__read_text_file', arguments: { path: 'a' } }));
  writeFileSync(join(cwd, 'b.json'), JSON.stringify({ calls }));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(cwd, { recursive: true });
});

/** A batch that runs until the test has it end. */
async function runBatch(
  argv: string[],
  terminal: { columns?: number; isTerminal?: boolean; env?: Record<string, string> } = {},
): Promise<{ fake: FakeIo; batch: BatchInput; end: () => Promise<number> }> {
  let finish = (): void => {};
  const reply = new Promise<void>((resolve) => (finish = resolve)).then(() => replyOf({ status: 'ok' }));
  const stub = stubParts({ files: { tools: [readTool] } }, () => reply);
  const fake = fakeIo({ cwd, isTerminal: true, columns: 80, ...terminal });
  const code = runCli(argv, fake.io, stub.parts);
  while (stub.batches.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(0);
  return {
    fake,
    batch: stub.batches[0]!,
    end() {
      finish();
      return code;
    },
  };
}

/** What stands in the last line of the screen. */
const shownBy = ({ err }: FakeIo): string => err().split('\r\u001b[2K').at(-1) ?? '';

test('a batch that takes a while shows how far it is and for how long it runs', async () => {
  const { fake, batch, end } = await runBatch(['batch', 'b.json']);
  await vi.advanceTimersByTimeAsync(290);
  expect(fake.err()).toBe('');
  await vi.advanceTimersByTimeAsync(210);
  expect(shownBy(fake)).toBe('0 of 4 calls done, 0.5 s');
  batch.onProgress?.({ done: 1, total: 4, id: 'c1' });
  await vi.advanceTimersByTimeAsync(1_500);
  expect(shownBy(fake)).toContain('1 of 4 calls done, 2.0 s');
  await end();
});

test('towards the end it names the calls that it still waits for', async () => {
  const { fake, batch, end } = await runBatch(['batch', 'b.json']);
  for (const [index, id] of ['c0', 'c3', 'c1'].entries()) batch.onProgress?.({ done: index + 1, total: 4, id });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shownBy(fake)).toBe('3 of 4 calls done, 1.0 s, still c2 files__read_text_file');
  await end();
});

test('one call shows its tool and for how long it runs', async () => {
  const { fake, end } = await runBatch(['call', 'files__read_text_file', 'path=a']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shownBy(fake)).toBe('running for 1.0 s: c0 files__read_text_file');
  await end();
});

test('a terminal of 40 columns keeps it on one line, and the line is gone before the results stand there', async () => {
  const { fake, end } = await runBatch(['batch', 'b.json'], { columns: 40 });
  const written: string[] = [];
  fake.io.stderr.on('data', (text: string) => written.push(text));
  fake.io.stdout.on('data', () => written.push('results'));
  await vi.advanceTimersByTimeAsync(2_000);
  for (const line of fake.err().split('\r\u001b[2K')) expect(line.length).toBeLessThan(40);
  await end();
  expect(written[written.indexOf('results') - 1]).toBe('\r\u001b[2K');
  expect(fake.err()).not.toContain('\u001b[?25l');
  expect(vi.getTimerCount()).toBe(0);
});

test('a batch that is over at once leaves the screen alone', async () => {
  const { fake, batch, end } = await runBatch(['batch', 'b.json']);
  batch.onProgress?.({ done: 4, total: 4, id: 'c3' });
  await end();
  expect(fake.err()).not.toContain('\r');
});

test.each([
  { name: 'a pipe', argv: ['batch', 'b.json'], terminal: { isTerminal: false } },
  { name: 'CI', argv: ['batch', 'b.json'], terminal: { env: { CI: '1' } } },
  { name: '--json', argv: ['batch', 'b.json', '--json'], terminal: {} },
  { name: 'a call with --json', argv: ['call', 'files__read_text_file', 'path=a', '--json'], terminal: {} },
])('nothing moves with $name, and no timer is left', async ({ argv, terminal }) => {
  const { fake, batch, end } = await runBatch(argv, terminal);
  batch.onProgress?.({ done: 1, total: 4, id: 'c0' });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(fake.err()).toBe('');
  await end();
  expect(vi.getTimerCount()).toBe(0);
});
