import { describe, expect, test } from 'vitest';
import type { CallError, LateEnd } from '../../../src/core/outcome.ts';
import type { CallRecorder } from '../../../src/schedule/call-recorder.ts';
import { createHouse } from '../house.ts';
import { createStage, type Sketch, type Stage } from '../stage.ts';
import { nothing, sendings, start } from '../start.ts';

const write: Sketch = { key: 'a/f', class: 'write' };
const diskFull: CallError = { code: 'server_unavailable', message: 'the journal cannot be written', retryable: true };

/** Says what it hears, with the time; before it lets a write go, it takes that long. */
function createRecorder(stage: Stage, { takesMs, error }: { takesMs?: number; error?: CallError } = {}) {
  const heard: string[] = [];
  const lates: LateEnd[] = [];
  const note = (what: string): unknown => heard.push(`${stage.clock.now()} ${what}`);
  const recorder: CallRecorder = {
    sending(call) {
      note(`sending ${call.id}`);
      return takesMs === undefined || call.class === 'read' ? undefined : stage.clock.sleep(takesMs).then(() => error);
    },
    settled: ({ id }, { status, applied, attempts }) => note(`settled ${id} ${status} ${applied} ${attempts}`),
    late({ id }, end) {
      note(`late ${id}`);
      lates.push(end);
    },
  };
  return { recorder, heard, lates };
}

describe('[journal] whoever records the calls of a batch', () => {
  test('hears of each before it is sent, and of its end, elements included', async () => {
    const stage = createStage();
    const { recorder, heard } = createRecorder(stage);
    const each: Sketch = {
      server: 'a',
      class: 'write',
      turnsOut: [write, { ...write, key: 'a/g', answer: 'isError' }],
    };
    start(stage, [each, { key: 'b', ms: 20 }], { recorder });
    await stage.clock.runOut();
    expect(heard).toEqual([
      '0 sending c0[0]',
      '0 sending c0[1]',
      '0 sending c1',
      '10 settled c0[0] ok yes 1',
      '10 settled c0[1] tool_error unknown 1',
      '20 settled c1 ok no 1',
    ]);
  });

  test('hears once of a call that is sent several times', async () => {
    const stage = createStage();
    const { recorder, heard } = createRecorder(stage);
    const mayRepeat = { times: 2, afterTimeout: false };
    start(stage, [{ key: 'a', tries: ['lost', 'busy'], mayRepeat }], { recorder });
    await stage.clock.runOut();
    expect(heard).toEqual(['0 sending c0', '630 settled c0 ok no 3']);
  });

  test('hears nothing of what is never sent', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 1 } } });
    const { recorder, heard } = createRecorder(stage);
    start(stage, [{ ...write, answer: 'lost' }, write, { key: 'b', needs: [{ back: 2, when: 'ok' }] }], { recorder });
    await stage.clock.runOut();
    expect(heard).toEqual(['0 sending c0', '10 settled c0 failed unknown 1']);
  });

  test('hears of a late end, once', async () => {
    const stage = createStage();
    const { recorder, heard, lates } = createRecorder(stage);
    start(stage, [{ ...write, ms: 3_000, timeoutMs: 100 }], { recorder });
    await stage.clock.runOut();
    expect(heard).toEqual(['0 sending c0', '100 settled c0 timeout unknown 1', '3000 late c0']);
    expect(lates).toEqual([{ id: 'c0', status: 'ok', applied: 'yes', result: { content: [] } }]);
  });
});

describe('[journal] a write that is recorded first', () => {
  test('is sent when that is done, under its locks; the wait counts against no timeout', async () => {
    const stage = createStage();
    const { recorder } = createRecorder(stage, { takesMs: 200 });
    const started = start(stage, [{ ...write, timeoutMs: 50 }, { key: 'a/f' }, { key: 'a/g' }], { recorder });
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c2 0', 'batch c0 200', 'batch c1 210']);
    expect(started.ended?.[0]).toMatchObject({ status: 'ok', queuedMs: 200, runMs: 10, startedMs: 200 });
  });

  test('is not sent where that fails, and ends with the reason', async () => {
    const stage = createStage();
    const { recorder, heard } = createRecorder(stage, { takesMs: 5, error: diskFull });
    const started = start(stage, [write, write], { recorder });
    await stage.clock.runOut();
    expect(stage.executions).toEqual([]);
    expect(started.ended).toMatchObject([
      { status: 'failed', applied: 'no', attempts: 0, error: diskFull },
      { status: 'failed', applied: 'no', attempts: 0, error: diskFull },
    ]);
    expect(heard.slice(0, 2)).toEqual(['0 sending c0', '5 settled c0 failed no 0']);
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('is never sent once it was given up, and its result says so', async () => {
    const stage = createStage();
    const { recorder, heard } = createRecorder(stage, { takesMs: 500 });
    const started = start(stage, [write], { recorder, deadlineMs: 100 });
    const other = start(stage, [{ ...write, key: 'a/g' }], { recorder, name: 'other' });
    await stage.clock.pass(50);
    other.handle.cancel();
    await stage.clock.runOut();
    expect(started.ended).toMatchObject([{ status: 'skipped', applied: 'no', error: { code: 'deadline' } }]);
    expect(other.ended).toMatchObject([{ status: 'cancelled', applied: 'no', attempts: 0 }]);
    expect(stage.executions).toEqual([]);
    expect(heard.slice(2).toSorted()).toEqual(['100 settled c0 skipped no 0', '50 settled c0 cancelled no 0']);
    expect(stage.scheduler.load()).toEqual(nothing);
  });
});

test('[journal] passthrough calls are recorded as well, but not what was in the cache', async () => {
  const house = createHouse();
  const heard: string[] = [];
  const recorder: CallRecorder = {
    sending: ({ id }) => void heard.push(`sending ${id}`),
    settled: (_, { status }) => void heard.push(`settled ${status}`),
    late: () => expect.unreachable(),
  };
  const call = house.call({ key: 'a/x', cacheMs: 60_000 });
  const send = () => Promise.resolve({ ok: true as const, result: { content: [] } });
  await house.scheduler.runPassthrough(call, { send, recorder });
  expect(await house.scheduler.runPassthrough(call, { send, recorder })).toMatchObject({ cached: true });
  expect(heard).toEqual(['sending c0', 'settled ok']);
});
