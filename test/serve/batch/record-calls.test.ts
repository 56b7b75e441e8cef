import { describe, expect, test } from 'vitest';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { runBatch } from '../../../src/serve/batch/run-batch.ts';
import { requestOf } from '../stub-engine.ts';
import { memoryJournal } from './memory-journal.ts';
import { batchIdOf, lasting, readCall, running, statusesOf, structuredOf, textOf, writeTo } from './running.ts';

const secondMs = 1_000;
const remove = lasting(1, { tool: 'files__delete' });

function stage() {
  const journal = memoryJournal();
  return { journal, ...running({ journal }) };
}

describe('the journal', () => {
  test('hears of every call of a batch as it is sent and as it ends', async () => {
    const { ask, clock, journal } = stage();
    const answer = ask('batch_call', { calls: [lasting(1), lasting(2, writeTo('/a')), { tool: 'nothing' }] });
    await clock.pass(5);
    const batchId = batchIdOf(await answer);
    expect(journal.calls).toMatchObject([
      {
        head: { batchId, callId: 'c0', principal: 'stdio-1', server: 'files', tool: 'read', class: 'read' },
        ends: [{ outcome: { status: 'ok', applied: 'no' } }],
      },
      {
        head: { batchId, callId: 'c1', class: 'write', arguments: { path: '/a', ms: 2 } },
        ends: [{ outcome: { status: 'ok', applied: 'yes' } }],
      },
    ]);
  });

  test('hears of a batch when it is accepted, and once of its end, with a report that holds no results', async () => {
    const { ask, clock, journal } = stage();
    const answer = ask('batch_call', { calls: [lasting(1), lasting(2, writeTo('/secret'))] });
    await clock.pass(5);
    const batchId = batchIdOf(await answer);
    expect(journal.accepted).toEqual([{ batchId, principal: 'stdio-1', tool: 'batch_call', calls: 2 }]);
    expect(journal.ends).toMatchObject([
      {
        batchId,
        status: 'completed',
        wallMs: 2,
        report: {
          status: 'completed',
          results: [
            { id: 'c0', status: 'ok', runMs: 1 },
            { id: 'c1', applied: 'yes' },
          ],
        },
      },
    ]);
    expect(JSON.stringify(journal.ends)).not.toContain('done');
    expect(journal.ends[0]).not.toHaveProperty('reply');
  });

  test.each([
    ['batch_read', { principal: 'stdio-1', readOnly: true }],
    ['batch', {}],
    ['call', { tool: 'call' }],
  ])('is told that a batch came as %s', async (tool, input) => {
    const { engine, clock, journal } = stage();
    const answer = runBatch(engine, { input: { calls: [lasting(1)] }, ...input });
    await clock.pass(5);
    await answer;
    expect(journal.accepted).toMatchObject([{ tool }]);
  });

  test('hears nothing of what was refused or only planned', async () => {
    const { ask, journal } = stage();
    await ask('batch_call', { calls: [] });
    await ask('batch_call', { calls: [readCall], mode: 'plan' });
    await ask('batch_read', { calls: [writeTo('/a')] });
    expect([journal.accepted, journal.ends, journal.calls]).toEqual([[], [], []]);
  });

  test('hears of the end of a batch in the background when that has ended, and not before', async () => {
    const { ask, clock, journal } = stage();
    const answer = ask('batch_call', { calls: [lasting(80 * secondMs)] });
    await clock.pass(50 * secondMs);
    await answer;
    expect(journal.ends).toEqual([]);
    await clock.pass(30 * secondMs);
    expect(journal.ends).toMatchObject([{ status: 'completed', wallMs: 80_000 }]);
  });

  test('hears once of the end of a batch that was cancelled', async () => {
    const { ask, clock, journal } = stage();
    const controller = new AbortController();
    void ask('batch_call', { calls: [readCall, { ...readCall, dependsOn: ['c0'] }] }, { signal: controller.signal });
    await clock.pass(10);
    controller.abort();
    await clock.pass(10);
    expect(journal.ends).toMatchObject([{ status: 'cancelled' }]);
  });

  test('hears of the late answer to a write', async () => {
    const { ask, clock, journal } = stage();
    const answer = ask('batch_call', { calls: [{ ...lasting(5 * secondMs, writeTo('/a')), timeoutMs: 2_000 }] });
    await clock.pass(6 * secondMs);
    await answer;
    expect(journal.calls[0]?.ends).toMatchObject([
      { outcome: { status: 'timeout', applied: 'unknown' } },
      { outcome: { status: 'ok', applied: 'yes' }, isLate: true },
    ]);
  });

  test('hears of a call that a client sends by itself, under the name that it has there', async () => {
    const { engine, clock, journal } = stage();
    const answer = handleRequest(
      engine,
      requestOf('tools/call', { name: 'files__write', arguments: { path: '/a', ms: 1 } }),
    );
    await clock.pass(5);
    await answer;
    const [call] = journal.calls;
    expect(call).toMatchObject({
      head: { callId: 'files__write', principal: 'stdio-1' },
      ends: [{ outcome: { status: 'ok' } }],
    });
    expect(call?.head).not.toHaveProperty('batchId');
    expect(journal.accepted).toEqual([]);
  });
});

describe('a call that can change something', () => {
  test('is sent once it stands in the journal, and no read waits for that', async () => {
    const { ask, clock, journal, sent } = stage();
    const release = journal.holdWrites();
    const answer = ask('batch_call', { calls: [lasting(1, writeTo('/a')), lasting(1)], format: 'structured' });
    await clock.pass(10);
    expect(sent.map(({ tool }) => tool)).toEqual(['read']);
    release();
    await clock.pass(10);
    expect(statusesOf(await answer)).toEqual(['ok', 'ok']);
  });

  test('is not sent where it is destructive and the journal cannot be written; a write goes on with a warning', async () => {
    const { ask, clock, journal, sent } = stage();
    journal.breakDown('no space left on the disk');
    const answer = ask('batch_call', {
      calls: [remove, lasting(1, writeTo('/a')), lasting(1)],
      format: 'structured',
    });
    await clock.pass(10);
    expect(structuredOf(await answer)).toMatchObject({
      results: [
        {
          status: 'failed',
          applied: 'no',
          attempts: 0,
          error: { code: 'internal', retryable: true, message: expect.stringContaining('no space left on the disk') },
        },
        { status: 'ok', applied: 'yes' },
        { status: 'ok' },
      ],
      warnings: ['c1 ran without a record, so that a crash would hide their effect: no space left on the disk'],
    });
    expect(sent.map(({ tool }) => tool)).not.toContain('delete');
  });

  test('is not sent by itself either, where it is destructive and the journal cannot be written', async () => {
    const { ask, clock, journal, sent } = stage();
    journal.breakDown('no space left on the disk');
    const answer = ask('files__delete', { ms: 1 });
    await clock.pass(5);
    expect(textOf(await answer)).toMatch(/not sent: .*no space left on the disk/);
    expect(await answer).toHaveProperty('isError', true);
    expect(sent).toEqual([]);
  });

  test('is warned of a few times by name, however many there are', async () => {
    const { ask, clock, journal } = stage();
    journal.breakDown('it is gone');
    const calls = Array.from({ length: 8 }, (_, n) => lasting(1, writeTo(`/${n}`)));
    const answer = ask('batch_call', { calls });
    await clock.pass(20);
    expect(textOf(await answer)).toContain('warning: c0, c1, c2, c3, c4, 3 more ran without a record');
  });
});
