import { describe, expect, test } from 'vitest';
import { cancelBatch } from '../../../src/serve/batch/later/cancel-batch.ts';
import { batchIdOf, lasting, running, statusesOf, structuredOf, textOf, writeTo } from './running.ts';

const secondMs = 1_000;

/** An engine on which a batch of a read that never ends and another that takes 80 s goes on in the background. */
async function inBackground(calls = [{ tool: 'files__read' }, lasting(80 * secondMs)]) {
  const stub = running();
  const answer = stub.ask('batch_call', { calls, format: 'structured' });
  await stub.clock.pass(50 * secondMs);
  return { ...stub, batchId: batchIdOf(await answer) };
}

describe('batch_cancel', () => {
  test('ends a batch, and shows what became of it', async () => {
    const { ask, clock, engine, batchId } = await inBackground([
      { tool: 'files__read' },
      { tool: 'files__read', dependsOn: ['c0'] },
    ]);
    const reply = await ask('batch_cancel', { batchId });
    expect(structuredOf(reply)).toMatchObject({ status: 'cancelled', counts: { cancelled: 2 } });
    expect(clock.timers()).toBe(0);
    expect(engine.batches.isBusy()).toBe(false);
  });

  test('gives running writes two seconds, and says what is known of their effect', async () => {
    const { ask, clock, batchId } = await inBackground([lasting(51 * secondMs, writeTo('/a')), writeTo('/b')]);
    const answer = ask('batch_cancel', { batchId });
    await clock.pass(2 * secondMs);
    expect(structuredOf(await answer)).toMatchObject({
      results: [
        { status: 'ok', applied: 'yes' },
        { status: 'cancelled', applied: 'unknown' },
      ],
    });
  });

  test('ends some calls of it, and the others go on', async () => {
    const { ask, clock, batchId } = await inBackground();
    expect(statusesOf(await ask('batch_cancel', { batchId, ids: ['c0'] }))).toEqual(['cancelled', 'pending']);
    const answer = ask('batch_await', { batchId });
    await clock.pass(30 * secondMs);
    expect(statusesOf(await answer)).toEqual(['cancelled', 'ok']);
  });

  test('leaves a call alone that had ended, and says so', async () => {
    const { ask, batchId } = await inBackground([lasting(secondMs), { tool: 'files__read' }]);
    const reply = await ask('batch_cancel', { batchId, ids: ['c0', 'c1'] });
    expect(statusesOf(reply)).toEqual(['ok', 'cancelled']);
    expect(structuredOf(reply)['warnings']).toEqual(['c0 had ended before']);
  });

  test('of a batch that has ended shows it, and says that nothing was cancelled', async () => {
    const { ask, clock, batchId } = await inBackground([lasting(51 * secondMs)]);
    await clock.pass(secondMs);
    const reply = await ask('batch_cancel', { batchId });
    expect(reply['isError']).toBeUndefined();
    expect(structuredOf(reply)).toMatchObject({
      status: 'completed',
      warnings: ['it had ended before: nothing was cancelled'],
    });
  });

  test('of an id that is not there cancels nothing, and names those that are', async () => {
    const { ask, batchId } = await inBackground();
    const reply = await ask('batch_cancel', { batchId, ids: ['c0', 'c9', 'c0[1]'] });
    expect(reply['isError']).toBe(true);
    expect(textOf(reply)).toContain(`batch ${batchId} has no call "c9", "c0[1]"; it has c0, c1; nothing was cancelled`);
    const answer = ask('batch_await', { batchId, timeoutMs: 1 });
    expect(statusesOf(await ask('batch_cancel', { batchId, ids: ['c1'] }))).toEqual(['pending', 'cancelled']);
    void answer;
  });

  test('of as many calls as a batch may have looks at it once for all of them', async () => {
    const { engine, batchId } = await inBackground(Array.from({ length: 100 }, () => lasting(80 * secondMs)));
    const batch = engine.batches.find('stdio-1', batchId)!;
    let views = 0;
    const view = (): ReturnType<typeof batch.view> => (views++, batch.view());
    const watched = { ...engine, batches: { ...engine.batches, find: () => ({ ...batch, view }) } };
    const ids = Array.from({ length: 1_000 }, (_, number) => `c${number % 50}`);
    const reply = await cancelBatch(watched, { input: { batchId, ids }, principal: 'stdio-1' });
    expect(structuredOf(reply)).toMatchObject({ counts: { cancelled: 50, pending: 50 } });
    // Once for the ids, once for the reply.
    expect(views).toBe(2);
  });

  test('of more ids than that says how many it takes', async () => {
    const { ask, batchId } = await inBackground();
    const reply = await ask('batch_cancel', { batchId, ids: Array.from({ length: 1_001 }, () => 'c0') });
    expect(textOf(reply)).toContain('ids: found 1,001; write 1,000 at most, or leave it out for the whole batch');
    expect(reply['isError']).toBe(true);
  });

  test('of a batch of another client is the same as of one that never was', async () => {
    const { ask, batchId } = await inBackground();
    const foreign = await ask('batch_cancel', { batchId }, { principal: 'stdio-2' });
    const invented = await ask('batch_cancel', { batchId: 'ffffff0' }, { principal: 'stdio-2' });
    expect(foreign['isError']).toBe(true);
    expect(textOf(foreign)).toBe(textOf(invented).replace('ffffff0', batchId));
  });

  test.each([
    [{}, 'batchId: missing'],
    [{ batchId: 'abc123', ids: [] }, 'ids: found none; write a list of ids, such as ["c2"]'],
    [{ batchId: 'abc123', ids: 'c1' }, 'ids: found "c1"; write a list of ids'],
    [{ batchId: 'abc123', ids: [1] }, 'ids: found an array; write a list of ids'],
    [{ batchId: 'abc123', id: 'c1' }, '"id" is not a field here'],
  ])('asked for %j says what is wrong and what to write', async (args, expected) => {
    const { ask } = running();
    const reply = await ask('batch_cancel', args);
    expect(reply['isError']).toBe(true);
    expect(textOf(reply)).toContain(expected);
  });
});
