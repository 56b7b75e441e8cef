import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { runBatch } from '../../../src/serve/batch/run-batch.ts';
import { memoryJournal } from './memory-journal.ts';
import { batchIdOf, lasting, readCall, running, statusesOf, structuredOf, textOf, writeTo } from './running.ts';

const secondMs = 1_000;
const write = lasting(secondMs, writeTo('/a'));
const keyed = { calls: [write], idempotencyKey: 'release 7', format: 'structured' };

function stage() {
  const journal = memoryJournal();
  return { journal, ...running({ journal }) };
}

/** The same client in a new process: nothing is left but the journal. */
function afterCrash({ journal }: ReturnType<typeof stage>) {
  journal.crash();
  return { journal, ...running({ journal }) };
}

describe('a batch under an idempotency key', () => {
  test('runs once, and sent again after its end gives the same reply, which says that it is a replay', async () => {
    const { ask, clock, sent } = stage();
    const first = ask('batch_call', keyed);
    await clock.pass(secondMs);
    const again = await ask('batch_call', keyed);
    expect(sent).toHaveLength(1);
    const { warnings, ...rest } = structuredOf(again);
    expect(rest).toEqual({ ...structuredOf(await first), warnings: undefined });
    expect(warnings).toEqual([expect.stringMatching(`a replay: batch ${batchIdOf(await first)} has run already`)]);
  });

  test('gives the recorded reply to the same client in another process', async () => {
    const before = stage();
    const first = before.ask('batch_call', { ...keyed, format: 'text' });
    await before.clock.pass(secondMs);
    const { ask, sent } = afterCrash(before);
    const again = await ask('batch_call', { ...keyed, format: 'text' }, { principal: 'stdio-2' });
    expect(sent).toEqual([]);
    const [summary, ...lines] = textOf(await first).split('\n');
    const words = `warning: a replay: batch ${batchIdOf(await first)} has run already under this idempotencyKey, and nothing was run again`;
    expect(textOf(again)).toBe([summary, words, ...lines].join('\n'));
    expect(again['isError']).toBeUndefined();
  });

  test('is joined while it runs, also by one that arrives in the same moment', async () => {
    const { ask, clock, sent } = stage();
    const twins = [ask('batch_call', keyed), ask('batch_call', keyed)];
    await clock.pass(secondMs / 2);
    const third = ask('batch_call', keyed);
    await clock.pass(secondMs);
    expect(sent).toHaveLength(1);
    const replies = (await Promise.all([...twins, third])).map(structuredOf);
    expect(replies[1]).toEqual(replies[0]);
    expect(replies[2]).toEqual(replies[0]);
  });

  test('joined over another session of the same client is that one’s as well', async () => {
    const { ask, clock } = stage();
    const first = ask('batch_call', keyed);
    const second = ask('batch_call', keyed, { principal: 'stdio-2' });
    await clock.pass(secondMs);
    const batchId = batchIdOf(await first);
    expect(batchIdOf(await second)).toBe(batchId);
    expect(statusesOf(await ask('batch_await', { batchId }, { principal: 'stdio-2' }))).toEqual(['ok']);
    expect(await ask('batch_await', { batchId }, { principal: 'stdio-3' })).toHaveProperty('isError', true);
  });

  test('goes on for those who joined it when the first request is cancelled, and ends when all are', async () => {
    const { ask, clock } = stage();
    const [one, two] = [new AbortController(), new AbortController()];
    const reads = { ...keyed, calls: [lasting(secondMs)] };
    const first = ask('batch_call', reads, { signal: one.signal });
    const second = ask('batch_call', reads);
    await clock.pass(1);
    one.abort();
    await clock.pass(secondMs);
    expect(statusesOf(await second)).toEqual(['ok']);
    expect(statusesOf(await first)).toEqual(['ok']);
    const other = { ...keyed, idempotencyKey: 'another', calls: [readCall] };
    const third = ask('batch_call', other, { signal: two.signal });
    const fourth = ask('batch_call', other, { signal: two.signal });
    await clock.pass(1);
    two.abort();
    expect(statusesOf(await third)).toEqual(['cancelled']);
    expect(statusesOf(await fourth)).toEqual(['cancelled']);
  });

  test('that outlived its reply is collected by being sent again', async () => {
    const { ask, clock, sent } = stage();
    const slow = { ...keyed, calls: [lasting(80 * secondMs, writeTo('/a'))] };
    const first = ask('batch_call', slow);
    await clock.pass(50 * secondMs);
    expect(statusesOf(await first)).toEqual(['pending']);
    const second = ask('batch_call', slow);
    await clock.pass(30 * secondMs);
    expect(statusesOf(await second)).toEqual(['ok']);
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['other calls', { calls: [writeTo('/b')] }],
    ['another form', { format: 'text' }],
    ['another order of things', { onError: 'stop' }],
  ])('is refused where the key is that of a batch with %s, and nothing runs', async (_, changes) => {
    const { ask, clock, sent } = stage();
    const first = ask('batch_call', keyed);
    const other = await ask('batch_call', { ...keyed, ...changes });
    expect(other['isError']).toBe(true);
    expect(JSON.stringify(other)).toContain('idempotency_conflict');
    await clock.pass(secondMs);
    expect(sent).toHaveLength(1);
    // Who guesses a key learns nothing by which a batch could be read.
    expect(JSON.stringify(other)).not.toContain(batchIdOf(await first));
  });

  test('is the same batch however its fields are ordered', async () => {
    const { ask, clock, sent } = stage();
    const first = ask('batch_call', keyed);
    await clock.pass(secondMs);
    await first;
    const { calls, format, idempotencyKey } = keyed;
    expect(statusesOf(await ask('batch_call', { format, idempotencyKey, calls }))).toEqual(['ok']);
    expect(sent).toHaveLength(1);
  });

  test('shares it with nobody but the same client', async () => {
    const { ask, clock, sent } = stage();
    const both = [ask('batch_call', keyed), ask('batch_call', keyed, { keyScope: 'stdio/another' })];
    await clock.pass(5 * secondMs);
    await Promise.all(both);
    expect(sent).toHaveLength(2);
  });

  test('from a shell has the keys of the shell', async () => {
    const { engine, clock, sent } = stage();
    for (const _ of [1, 2]) {
      const answer = runBatch(engine, { input: keyed });
      await clock.pass(secondMs);
      expect(statusesOf(await answer)).toEqual(['ok']);
    }
    expect(sent).toHaveLength(1);
  });

  test('is refused where the journal cannot be written, with the reason, and nothing runs', async () => {
    const { ask, journal, sent } = stage();
    journal.breakDown('no space left on the disk');
    const reply = await ask('batch_call', keyed);
    expect(reply['isError']).toBe(true);
    expect(textOf(reply)).toMatch(
      /internal: an idempotencyKey cannot be kept now: no space left on the disk; nothing was run/,
    );
    expect(sent).toEqual([]);
  });

  test('sends no write while the journal cannot record it, since it would be sent again after a crash', async () => {
    const { ask, clock, journal, sent } = stage();
    const calls = [lasting(secondMs), { ...write, dependsOn: ['c0'] }];
    const answer = ask('batch_call', { ...keyed, calls });
    await clock.pass(secondMs / 2);
    journal.breakDown('no space left on the disk');
    await clock.pass(5 * secondMs);
    expect(structuredOf(await answer)).toMatchObject({
      results: [
        { status: 'ok' },
        {
          status: 'failed',
          applied: 'no',
          error: { message: expect.stringMatching(/not sent: .*idempotencyKey.*no space/) },
        },
      ],
    });
    expect(sent.map(({ tool }) => tool)).toEqual(['read']);
  });

  test('says so where its end cannot be recorded', async () => {
    const { ask, clock, journal } = stage();
    const answer = ask('batch_call', { ...keyed, calls: [lasting(secondMs)] });
    await clock.pass(secondMs / 2);
    journal.breakDown('no space left on the disk');
    await clock.pass(secondMs);
    expect(structuredOf(await answer)['warnings']).toEqual([
      expect.stringMatching(/could be run again under its idempotencyKey: no space/),
    ]);
  });

  test('is planned as if it had none', async () => {
    const { ask, journal } = stage();
    const plan = { ...keyed, mode: 'plan' };
    expect(structuredOf(await ask('batch_call', plan))['status']).toBe('planned');
    expect(structuredOf(await ask('batch_call', plan))['status']).toBe('planned');
    expect(journal.accepted).toEqual([]);
  });

  test('whose reply was too large to be kept is not run again, and says so', async () => {
    const before = stage();
    const first = before.ask('batch_call', keyed);
    await before.clock.pass(secondMs);
    await first;
    for (const end of before.journal.ends) delete end.reply;
    const { ask, journal, sent } = afterCrash(before);
    journal.claim = () => ({ kind: 'finished', batchId: 'abc123' });
    const again = await ask('batch_call', keyed);
    expect(again['isError']).toBe(true);
    expect(textOf(again)).toContain('batch abc123 ran to its end under this idempotencyKey');
    expect(sent).toEqual([]);
  });
});

describe('a batch that was interrupted, sent again under its key', () => {
  const calls: JsonObject[] = [
    { ...lasting(secondMs, writeTo('/a')), id: 'done' },
    { ...lasting(50 * secondMs, writeTo('/b')), id: 'sent' },
    { ...lasting(secondMs, writeTo('/b')), id: 'same' },
    { ...lasting(secondMs, writeTo('/c')), id: 'after', dependsOn: ['done'] },
    { ...lasting(secondMs, { tool: 'files__read' }), id: 'free', dependsOn: [{ id: 'sent', when: 'settled' }] },
  ];
  const batch = { calls, idempotencyKey: 'k', format: 'structured' };

  async function again() {
    const before = stage();
    void before.ask('batch_call', batch);
    await before.clock.pass(1.5 * secondMs);
    expect(before.sent).toHaveLength(3);
    const after = afterCrash(before);
    const answer = after.ask('batch_call', batch, { principal: 'stdio-2' });
    await after.clock.pass(5 * secondMs);
    return { ...after, reply: await answer, first: before.journal.accepted[0]!.batchId };
  }

  test('keeps what had ended, sends nothing again whose effect is not known, and runs the rest', async () => {
    const { reply, sent } = await again();
    expect(structuredOf(reply)).toMatchObject({
      results: [
        { id: 'done', status: 'ok', applied: 'yes', result: { content: [{ text: 'done /a' }] } },
        { id: 'sent', status: 'failed', applied: 'unknown', error: { code: 'connection_lost', retryable: false } },
        { id: 'same', status: 'skipped', error: { code: 'predecessor_unknown', by: 'sent' } },
        // It had been sent as well: what was written before it ended nobody knows.
        { id: 'after', status: 'failed', applied: 'unknown' },
        { id: 'free', status: 'ok' },
      ],
    });
    expect(sent.map(({ tool }) => tool)).toEqual(['read']);
  });

  test('says so', async () => {
    const { reply, first } = await again();
    expect(structuredOf(reply)['warnings']).toEqual([
      expect.stringContaining(`run again: as batch ${first} it was interrupted`),
    ]);
  });

  test('is recorded as a batch of its own, whose reply a third request gets', async () => {
    const { ask, reply, journal, first } = await again();
    expect(journal.ends.map(({ batchId, status }) => ({ batchId, status }))).toEqual([
      { batchId: batchIdOf(reply), status: 'completed' },
    ]);
    expect(batchIdOf(reply)).not.toBe(first);
    expect(statusesOf(await ask('batch_call', batch))).toEqual(statusesOf(reply));
  });

  test('keeps unsent what a reply has said was skipped, however long other calls took', async () => {
    const before = stage();
    const calls = [
      { tool: 'nothing', id: 'gone' },
      { ...writeTo('/a'), id: 'skipped', dependsOn: ['gone'] },
      { ...readCall, id: 'slow' },
    ];
    const first = before.ask('batch_call', { ...batch, calls });
    await before.clock.pass(50 * secondMs);
    expect(statusesOf(await first)).toEqual(['invalid', 'skipped', 'pending']);
    expect(before.journal.kept).toMatchObject([
      { callId: 'gone', outcome: { status: 'invalid' } },
      { callId: 'skipped', outcome: { status: 'skipped', applied: 'no' } },
    ]);
    await before.ask('batch_await', { batchId: batchIdOf(await first), timeoutMs: 1 }, { signal: AbortSignal.abort() });
    expect(before.journal.kept).toHaveLength(2);
    const after = afterCrash(before);
    const again = after.ask('batch_call', { ...batch, calls });
    await after.clock.pass(50 * secondMs);
    expect(statusesOf(await again)).toEqual(['invalid', 'skipped', 'pending']);
    expect(after.sent.map(({ tool }) => tool)).toEqual(['read']);
  });

  test('goes on where it stopped when its client had left in the middle', async () => {
    const { ask, clock, journal, engine, sent } = stage();
    const controller = new AbortController();
    const two = { ...batch, calls: [lasting(secondMs, writeTo('/a')), { ...readCall, dependsOn: ['c0'] }] };
    void ask('batch_call', two, { signal: controller.signal });
    await clock.pass(2 * secondMs);
    controller.abort();
    engine.batches.close();
    await clock.pass(1);
    expect(journal.ends).toMatchObject([{ status: 'interrupted' }]);
    expect(journal.ends[0]).not.toHaveProperty('reply');
    const next = running({ journal });
    const quick = next.ask('batch_call', two, { principal: 'stdio-2' });
    await next.clock.pass(50 * secondMs);
    expect(statusesOf(await quick)).toEqual(['ok', 'pending']);
    expect([sent.length, next.sent.length]).toEqual([2, 1]);
  });
});
