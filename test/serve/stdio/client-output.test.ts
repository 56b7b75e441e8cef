import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { createClientOutput } from '../../../src/serve/stdio/client-output.ts';
import { deepJson } from '../../upstream/support.ts';

function open() {
  const stream = new PassThrough({ highWaterMark: 1_000 });
  const giveUp = vi.fn<() => void>();
  return { stream, giveUp, output: createClientOutput(stream, { giveUp }) };
}
const progress = {
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: 1, progress: 1 },
} as const;
const answer = (size: number) => ({ jsonrpc: '2.0', id: 1, result: { text: 'x'.repeat(size) } }) as const;

test('a client that is behind with reading gets every answer, and no news of progress meanwhile', async () => {
  const { stream, output } = open();
  void output.write(answer(2_000));
  for (let count = 0; count < 50_000; count++) void output.write(progress);
  const second = output.write({ ...answer(10), id: 2 });
  expect(stream.listenerCount('drain')).toBeLessThan(3);
  const lines = String(stream.read()).trim().split('\n');
  expect(lines.map((line) => /"id":(\d)/.exec(line)?.[1])).toEqual(['1', '2']);
  await second;
});

test('a client that has stopped reading is given up, rather than that we grow without bound', async () => {
  const { giveUp, output } = open();
  const wrote: Promise<unknown>[] = [];
  for (let count = 0; count < 9; count++) wrote.push(output.write(answer(8 * 1024 * 1024)).catch(() => 'refused'));
  expect(giveUp).toHaveBeenCalled();
  expect(await wrote.at(-1)).toBe('refused');
});

test('an answer that cannot be written becomes an error, so that its caller does not wait for ever', async () => {
  const { stream, output } = open();
  const deep: Record<string, unknown> = JSON.parse(deepJson(50_000));
  await output.write({ jsonrpc: '2.0', id: 7, result: { deep } });
  expect(JSON.parse(String(stream.read()))).toMatchObject({ id: 7, error: { code: -32603 } });
  await output.write({ jsonrpc: '2.0', id: 8, error: { code: -32050, message: 'no such page', data: deep } });
  const error = { code: -32050, message: 'no such page' };
  expect(JSON.parse(String(stream.read()))).toEqual({ jsonrpc: '2.0', id: 8, error });
  await expect(output.write({ jsonrpc: '2.0', method: 'x', params: { deep } })).rejects.toThrow(/cannot be written/);
});
