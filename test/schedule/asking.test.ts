import { describe, expect, test } from 'vitest';
import type { Outcome, SendResult } from '../../src/core/outcome.ts';
import type { PlannedCall } from '../../src/core/plan.ts';
import type { Underway } from '../../src/schedule/call/send.ts';
import { createStage, type Sketch, type Stage } from './stage.ts';

const minuteMs = 60_000;
const answer: SendResult = { ok: true, result: { content: [] } };

/** What a server does for each call by its index: for how long it asks from when on, and how long it takes after that. */
interface Manners {
  asksAfterMs?: number;
  asksForMs?: number;
  endsAfterMs?: number;
}

/** Runs reads, or what the sketches say, against a server that asks in the middle. */
function run(stage: Stage, manners: readonly Manners[], { sketches, deadlineMs = 50_000 }: Options = {}) {
  const ended: { outcomes?: readonly Outcome[]; atMs?: number } = {};
  const send = async (call: PlannedCall, _signal: unknown, { setAsking }: Underway): Promise<SendResult> => {
    const { asksAfterMs = 10, asksForMs, endsAfterMs = 10 } = manners[call.index]!;
    if (asksForMs !== undefined) {
      await stage.clock.sleep(asksAfterMs);
      setAsking(true);
      await stage.clock.sleep(asksForMs);
      setAsking(false);
    }
    await stage.clock.sleep(endsAfterMs);
    return answer;
  };
  const calls = sketches ?? manners.map((): Sketch => ({ server: 'a' }));
  void stage.scheduler
    .startBatch(stage.plan('asking', calls, { deadlineMs }), { send })
    .reply.then((outcomes) => Object.assign(ended, { outcomes, atMs: stage.clock.now() }));
  return ended;
}
interface Options {
  sketches?: Sketch[];
  deadlineMs?: number;
}
const statusesOf = ({ outcomes }: { outcomes?: readonly Outcome[] }) => outcomes?.map(({ status }) => status);

describe('a call whose client is being asked', () => {
  test('does not time out however long that takes, and has the rest of its time after it', async () => {
    const stage = createStage();
    const sketches: Sketch[] = [100, 100].map((timeoutMs) => ({ server: 'a', timeoutMs }));
    const ended = run(
      stage,
      [
        { asksAfterMs: 40, asksForMs: 5 * minuteMs, endsAfterMs: 50 },
        { asksAfterMs: 40, asksForMs: 5 * minuteMs, endsAfterMs: 70 },
      ],
      { sketches },
    );
    await stage.clock.pass(6 * minuteMs);
    expect(statusesOf(ended)).toEqual(['ok', 'timeout']);
    expect(ended.atMs).toBe(5 * minuteMs + 100);
  });

  test('holds a call beside it to its own time', async () => {
    const stage = createStage();
    const sketches: Sketch[] = [{ server: 'a' }, { server: 'b', timeoutMs: 1_000 }];
    const ended = run(stage, [{ asksForMs: 5_000 }, { endsAfterMs: 2_000 }], { sketches });
    await stage.clock.runOut();
    expect(statusesOf(ended)).toEqual(['ok', 'timeout']);
  });

  test('keeps what it has locked', async () => {
    const stage = createStage();
    const write: Sketch = { key: 'a/f', class: 'write' };
    run(stage, [{ asksForMs: 20_000 }], { sketches: [write] });
    const other = stage.scheduler.runPassthrough(stage.call(write), { send: stage.send('other', [write]) });
    await stage.clock.runOut();
    await other;
    expect(stage.executions.map(({ startMs }) => startMs)).toEqual([20_020]);
  });

  test('is cancelled with its batch as any other', async () => {
    const stage = createStage();
    const controller = new AbortController();
    const batch = stage.scheduler.startBatch(stage.plan('asking', [{ server: 'a' }]), {
      signal: controller.signal,
      send(_call, signal, { setAsking }) {
        setAsking(true);
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(answer), { once: true });
        });
      },
    }).reply;
    await stage.clock.pass(100);
    controller.abort();
    expect(await batch).toMatchObject([{ status: 'cancelled' }]);
    expect(stage.clock.timers()).toBe(0);
  });
});

describe('a batch whose client is being asked', () => {
  test('answers after its deadline by as long as that took', async () => {
    const stage = createStage();
    const ended = run(
      stage,
      [
        { asksForMs: 3 * minuteMs, endsAfterMs: 10 },
        { asksAfterMs: 2 * minuteMs, asksForMs: 2 * minuteMs, endsAfterMs: minuteMs },
      ],
      { deadlineMs: 50_000 },
    );
    await stage.clock.runOut();
    expect(statusesOf(ended)).toEqual(['ok', 'timeout']);
    expect(ended.outcomes?.[1]?.error?.code).toBe('deadline');
    // Asked from 10 ms to 4 minutes.
    expect(ended.atMs).toBe(4 * minuteMs + 50_000 - 10);
  });

  test('waits ten minutes for its client in all, and no longer', async () => {
    const stage = createStage();
    const ended = run(stage, [{ asksForMs: 60 * minuteMs }], { deadlineMs: 50_000 });
    await stage.clock.runOut();
    expect(ended.outcomes?.[0]).toMatchObject({ status: 'timeout', error: { code: 'deadline' } });
    expect(ended.atMs).toBe(10 * minuteMs + 50_000);
  });

  test('has used up those ten minutes, however many questions they were for', async () => {
    const stage = createStage();
    const sixMinutes = { asksForMs: 6 * minuteMs, endsAfterMs: 1 };
    const sketches: Sketch[] = [
      { key: 'a', class: 'write' },
      { key: 'a', class: 'write' },
    ];
    const ended = run(stage, [sixMinutes, sixMinutes], { sketches, deadlineMs: 50_000 });
    await stage.clock.runOut();
    expect(statusesOf(ended)).toEqual(['ok', 'timeout']);
    expect(ended.atMs).toBe(10 * minuteMs + 50_000);
  });

  test('waits no longer for an answer that its server has stopped waiting for', async () => {
    const stage = createStage();
    const never = new Promise<SendResult>(() => {});
    const batch = stage.scheduler.startBatch(stage.plan('asking', [{ server: 'a' }, { server: 'a' }]), {
      async send({ index }, _signal, { setAsking }) {
        if (index === 1) return never;
        setAsking(true);
        await stage.clock.sleep(5_000);
        return answer;
      },
    }).reply;
    void batch.then(() => (endedMs = stage.clock.now()));
    let endedMs = 0;
    await stage.clock.runOut();
    expect(endedMs).toBe(55_000);
  });

  test('says of a write that was asked about when time was up that its effect is not known', async () => {
    const stage = createStage();
    const sketches: Sketch[] = [{ key: 'a/f', class: 'write', timeoutMs: 1_000 }];
    const ended = run(stage, [{ asksForMs: 60 * minuteMs }], { sketches });
    await stage.clock.runOut();
    expect(ended.outcomes?.[0]).toMatchObject({ status: 'timeout', applied: 'unknown', attempts: 1 });
    expect(stage.scheduler.load()).toMatchObject({ lockNodes: 0, slots: 0 });
  });
});

test('a question that is answered when the batch is in the background gives it no more time', async () => {
  const stage = createStage();
  const send = async (_call: PlannedCall, _signal: unknown, { setAsking }: Underway): Promise<SendResult> => {
    await stage.clock.sleep(5_000);
    setAsking(true);
    await stage.clock.sleep(5_000);
    setAsking(false);
    return new Promise(() => {});
  };
  const plan = stage.plan('asking', [{ server: 'a' }], { deadlineMs: 1_000 });
  const handle = stage.scheduler.startBatch(plan, { send, backgroundMs: () => 15_000 });
  let endedMs = 0;
  void handle.ended.then(() => (endedMs = stage.clock.now()));
  await stage.clock.runOut();
  expect(endedMs).toBe(16_000);
});

test('a result for which its client was asked is not used again for others', async () => {
  const stage = createStage();
  let sent = 0;
  const read = { ...stage.call({ key: 'a/f' }), cacheMs: minuteMs };
  const call = (asks: boolean): Promise<Outcome> =>
    stage.scheduler.runPassthrough(read, {
      send(_call, _signal, { setAsking }) {
        sent++;
        if (asks) setAsking(true);
        if (asks) setAsking(false);
        return Promise.resolve(answer);
      },
    });
  for (const asks of [true, false, false])
    expect(await call(asks)).toMatchObject({ status: 'ok', result: answer.ok && answer.result });
  expect(sent).toBe(2);
});
