import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { runBatch } from '../../../src/serve/batch/run-batch.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { requestOf, stubEngine } from '../stub-engine.ts';
import { batchIdOf, lasting, running } from './running.ts';

const tools = [makeTool('read'), makeTool('write')];
const policy = { read: ['read'], write: ['write'] };
const calls = [{ tool: 'files__read' }, { tool: 'files__write' }];
const lines = Array.from({ length: 400 }, (_, number) => `line ${number} of a long text`);
const long = lines.join('\n');

/** An engine whose upstream answers with a long text, and a batch that has run on it. */
async function afterBatch(batch: JsonObject = {}) {
  const stub = stubEngine({
    tools,
    policy,
    answer: ({ tool }) => ({
      ok: true,
      result: { content: [{ type: 'text', text: tool === 'read' ? long : 'written' }] },
    }),
  });
  const ask = (name: string, args: JsonValue | undefined, principal = 'stdio-1'): Promise<Record<string, unknown>> =>
    handleRequest(stub.engine, requestOf('tools/call', { name, arguments: args }, { principal }));
  const reply = textOf(await ask('batch_call', { calls, maxChars: 1_000, ...batch }));
  const batchId = /^batch (\w+):/.exec(reply)?.[1] ?? '';
  return { ...stub, ask, reply, batchId };
}

function textOf({ content }: Record<string, unknown>): string {
  if (!Array.isArray(content)) throw new Error('the result has no content');
  return content
    .flatMap((block) => (isJsonObject(block) && typeof block['text'] === 'string' ? [block['text']] : []))
    .join('\n');
}

describe('batch_await', () => {
  test('reads on where a reply was cut, until the whole result is there', async () => {
    const { ask, reply, batchId } = await afterBatch();
    expect(reply).toContain('line 0 of a long text');
    expect(reply).not.toContain('line 399 of a long text');
    const seen = new Set<string>();
    for (let offset = 0; offset < long.length; offset += 3_000) {
      const result = await ask('batch_await', { batchId, id: 'c0', offset, maxChars: 4_000 });
      expect(result['isError']).toBeUndefined();
      for (const line of lines) if (textOf(result).includes(line)) seen.add(line);
    }
    expect(seen.size).toBe(lines.length);
  });

  test('without an id gives the whole reply again, or less of it where less is asked for', async () => {
    const { ask, reply, batchId } = await afterBatch();
    expect(textOf(await ask('batch_await', { batchId }))).toBe(reply);
    const less = textOf(await ask('batch_await', { batchId, maxChars: 500 }));
    expect(less).toContain('[c0] ok');
    expect(less).toContain('[c1] ok');
    expect(less.length).toBeLessThan(reply.length);
  });

  test('sends nothing upstream', async () => {
    const { ask, batchId, sent } = await afterBatch();
    await ask('batch_await', { batchId });
    await ask('batch_await', { batchId, id: 'c1' });
    expect(sent).toHaveLength(calls.length);
  });

  test('knows nothing of the batches of another client: the answer is the one for a batch that never was', async () => {
    const { ask, batchId } = await afterBatch();
    const foreign = await ask('batch_await', { batchId }, 'stdio-2');
    const invented = await ask('batch_await', { batchId: 'ffffff0' }, 'stdio-2');
    expect(foreign['isError']).toBe(true);
    expect(textOf(foreign)).toBe(textOf(invented).replace('ffffff0', batchId));
    expect(textOf(foreign)).toMatch(/30 minutes.*only for the client/);
  });

  test('knows nothing of a batch after 30 minutes', async () => {
    const { ask, batchId, clock } = await afterBatch();
    await clock.pass(30 * 60_000 + 1);
    expect(await ask('batch_await', { batchId })).toMatchObject({ isError: true });
  });

  test('knows nothing of a batch that no client has run', async () => {
    const { ask, engine } = await afterBatch();
    const reply = textOf(await runBatch(engine, { input: { calls } }));
    const batchId = /^batch (\w+):/.exec(reply)?.[1];
    expect(await ask('batch_await', { batchId })).toMatchObject({ isError: true });
  });

  test('is named only in replies of batches that it knows', async () => {
    const huge = `${long}\n`.repeat(4_000);
    const { engine } = stubEngine({
      tools,
      policy,
      answer: () => ({ ok: true, result: { content: [{ type: 'text', text: huge }] } }),
    });
    for (const format of ['text', 'structured']) {
      const input = { calls, format };
      // By nobody who could ask, and too large to be kept.
      const byNobody = JSON.stringify(await runBatch(engine, { input: { ...input, calls: calls.slice(0, 1) } }));
      const tooLarge = JSON.stringify(await runBatch(engine, { input, principal: 'stdio-1' }));
      for (const reply of [byNobody, tooLarge]) {
        expect(reply).toContain('line 0 of a long text');
        expect(reply).toContain('narrow the call');
        expect(reply).not.toContain('batch_await');
      }
    }
  });

  test('shows the whole of an error that a reply cut, of a batch that brought nothing else', async () => {
    const error = { code: 'upstream_error', message: `it fell over\n${long}`, retryable: false } as const;
    const { engine } = stubEngine({ tools, policy, answer: () => ({ ok: false, sent: true, error }) });
    const settings = { ...engine.setup().settings, maxReplyChars: 1_000 };
    const reply = textOf(
      await runBatch(
        { ...engine, setup: () => ({ ...engine.setup(), settings }) },
        { input: { calls }, principal: 'stdio-1' },
      ),
    );
    const [, batchId, id] = /batch_await batchId (\w+) id (c\d)/.exec(reply) ?? [];
    const again = await handleRequest(
      engine,
      requestOf('tools/call', { name: 'batch_await', arguments: { batchId, id } }),
    );
    expect(again['isError']).toBeUndefined();
    expect(textOf(again)).toContain('line 399 of a long text');
  });

  test('waits for one batch sixteen times at once for a client, and the seventeenth is told so', async () => {
    const { ask, clock } = running();
    const first = ask('batch_call', { calls: [lasting(60_000)] });
    await clock.pass(50_000);
    const batchId = batchIdOf(await first);
    const open = Array.from({ length: 16 }, () => ask('batch_await', { batchId }));
    const refused = await ask('batch_await', { batchId });
    expect(refused['isError']).toBe(true);
    expect(textOf(refused)).toContain('limit_exceeded: 16 requests wait for this batch already');
    await clock.pass(10_000);
    for (const reply of await Promise.all(open)) expect(textOf(reply)).toContain('1 ok');
    expect((await ask('batch_await', { batchId }))['isError']).toBeUndefined();
  });

  test('lets others come through between the replies that are due with the end of a batch', async () => {
    const { ask, clock } = running();
    const first = ask('batch_call', { calls: [lasting(60_000)] });
    await clock.pass(50_000);
    const batchId = batchIdOf(await first);
    let answered = 0;
    const open = Array.from({ length: 8 }, () => ask('batch_await', { batchId }).then(() => answered++));
    await clock.pass(10_000);
    const seen = new Set([answered]);
    while (answered < open.length) {
      await new Promise(setImmediate);
      seen.add(answered);
    }
    expect(seen.size).toBeGreaterThanOrEqual(4);
  });

  test('knows a batch whose id has only digits, and was given as a number', async () => {
    const { ask } = await afterBatch();
    for (const [batchId, shown] of [
      [123_456_789_012, '123456789012'],
      [42, '000000000042'],
    ] as const) {
      expect(textOf(await ask('batch_await', { batchId }))).toContain(`no batch "${shown}"`);
    }
  });

  test.each([
    [undefined, 'write { "batchId"'],
    ['7f3a91', 'write { "batchId"'],
    [{}, 'batchId: missing; it is in the first line'],
    [{ batchId: '' }, 'batchId: found ""'],
    [{ batchId: ['a'] }, 'batchId: found an array'],
    [{ batchId: 'abc123', id: 2 }, 'id: 2 is not the id of a call; write "c2"'],
    [{ batchId: 'abc123', offset: -1 }, 'offset: -1 is not a number of characters'],
    [{ batchId: 'abc123', offset: 'all' }, 'offset: "all" is not a number of characters'],
    [{ batchId: 'abc123', maxChars: 0 }, 'maxChars: 0 is not a whole number above 0'],
    [{ batchId: 'abc123', timeoutMs: '5s' }, 'timeoutMs: "5s" is not a whole number above 0'],
    [{ batchId: 'abc123', ofset: 5 }, '"ofset" is not a field here; write "offset"'],
    [{ ids: ['c0'], timeoutMs: 5 }, 'batchId: missing'],
    [{ ids: ['c0'], timeoutMs: 0 }, 'timeoutMs: 0 is not a whole number above 0'],
  ])('asked for %j says what is wrong and what to write', async (args, expected) => {
    const { ask } = await afterBatch();
    const result = await ask('batch_await', args);
    expect(result['isError']).toBe(true);
    expect(textOf(result)).toContain('invalid_arguments: ');
    expect(textOf(result)).toContain(expected);
  });

  test('asked for more than a reply may have gives what a reply may have', async () => {
    const { ask, batchId, engine } = await afterBatch();
    const result = await ask('batch_await', { batchId, id: 'c0', maxChars: 10_000_000 });
    expect(result['isError']).toBeUndefined();
    expect(textOf(result).length).toBeLessThan(engine.setup().settings.maxReplyChars + 500);
  });
});
