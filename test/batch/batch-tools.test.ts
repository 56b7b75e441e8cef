import { expect, test } from 'vitest';
import { batchTools } from '../../src/batch/batch-tools.ts';
import { parseBatch } from '../../src/batch/request/parse-batch.ts';
import { settings } from './tiny-catalog.ts';

test('both tools together stay under a thousand tokens', () => {
  expect(JSON.stringify(batchTools(settings)).length).toBeLessThan(3_600);
});

test('their annotations say what a client may run unasked, and that they are always listed', () => {
  const [read, call] = batchTools(settings);
  expect(read).toMatchObject({ name: 'batch_read', annotations: { readOnlyHint: true } });
  expect(call).toMatchObject({
    name: 'batch_call',
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
  });
  for (const tool of [read, call]) {
    expect(tool?._meta).toEqual({ 'anthropic/alwaysLoad': true });
    expect(tool).not.toHaveProperty('outputSchema');
  }
});

test('the example in the description is a batch, and every field that is listed works', () => {
  const [, call] = batchTools(settings);
  const example: unknown = JSON.parse(call?.description?.split('Example: ')[1] ?? '');
  expect(parseBatch(example, settings)).toMatchObject({ ok: true, request: { calls: [{ id: 'c0' }, { id: 'c1' }] } });
  const values: Record<string, unknown> = {
    calls: [{ tool: 'a', arguments: {}, id: 'x', timeoutMs: 1, maxChars: 1 }],
    parallel: 'avoid',
    maxParallel: 1,
    onError: 'stop',
    deadlineMs: 1,
    maxChars: 1,
    format: 'structured',
  };
  expect(Object.keys(call?.inputSchema['properties'] ?? {})).toEqual(Object.keys(values));
  const parsed = parseBatch(values, settings);
  expect(parsed.ok && parsed.request.calls[0]?.problem).toBe(undefined);
  expect(parsed.ok).toBe(true);
});

test('the definitions as clients see them', async () => {
  await expect(`${JSON.stringify(batchTools(settings), undefined, 2)}\n`).toMatchFileSnapshot(
    '../golden/batch/tools.json',
  );
});
