import { describe, expect, test } from 'vitest';
import { createQuestionIds } from '../../../src/approvals/queue/question-ids.ts';
import {
  createQuestionQueue,
  type QueueEvent,
  type QuestionQueue,
} from '../../../src/approvals/queue/question-queue.ts';
import { createVirtualClock, type VirtualClock } from '../../schedule/virtual-clock.ts';
import { ann, bob, makeSubject } from '../make-subject.ts';

const from = { batchId: '7f3a91', callId: 'c0' };

function openQueue(): { queue: QuestionQueue; clock: VirtualClock; events: QueueEvent[] } {
  const clock = createVirtualClock();
  const queue = createQuestionQueue({ clock, expiresMs: () => 1_000 });
  const events: QueueEvent[] = [];
  queue.onEvent((event) => events.push(event));
  return { queue, clock, events };
}

const numbered = (index: number): ReturnType<typeof makeSubject> => makeSubject({ arguments: { index } });

describe('a question in the queue', () => {
  test('is seen with all that is needed to answer it, and its answer reaches who asked', async () => {
    const { queue, events } = openQueue();
    const queued = queue.add(ann, makeSubject(), from);
    const [seen] = queue.list();
    expect(seen).toMatchObject({ id: queued?.id, owner: ann, subject: makeSubject(), from, isAwaited: true });
    queue.answer(queued!.id, 'no');
    expect(await queued?.answer).toBe('no');
    expect(queue.list()).toEqual([]);
    expect(events).toMatchObject([{ event: 'asked' }, { event: 'ended', id: queued?.id, how: 'no' }]);
  });

  test('expires in its time, and leaves no timer', async () => {
    const { queue, clock } = openQueue();
    const queued = queue.add(ann, makeSubject(), from);
    await clock.pass(999);
    expect(queue.list()).toHaveLength(1);
    await clock.pass(1);
    expect(await queued?.answer).toBe('expired');
    expect([queue.list().length, clock.timers()]).toEqual([0, 0]);
  });

  test('is taken back by who asked', async () => {
    const { queue, clock, events } = openQueue();
    const queued = queue.add(ann, makeSubject(), from);
    queued?.withdraw();
    expect(await queued?.answer).toBe('expired');
    expect([queue.list().length, clock.timers()]).toEqual([0, 0]);
    expect(events.at(-1)).toMatchObject({ how: 'withdrawn' });
  });

  test('stays for a later answer when who asked does not wait', () => {
    const { queue } = openQueue();
    queue.add(ann, makeSubject(), from)?.leave();
    expect(queue.list()).toMatchObject([{ isAwaited: false }]);
  });
});

describe('the same call of the same client', () => {
  test('stands in the queue once; a no is for all who wait', async () => {
    const { queue } = openQueue();
    const both = [queue.add(ann, makeSubject(), from), queue.add(ann, makeSubject(), from)];
    expect(queue.list()).toHaveLength(1);
    queue.answer(both[0]!.id, 'no');
    expect(await Promise.all(both.map((one) => one!.answer))).toEqual(['no', 'no']);
  });

  test('is asked about once more after a yes, which was for the first: two destructive calls need two', async () => {
    const { queue, events } = openQueue();
    const first = queue.add(ann, makeSubject(), from);
    const second = queue.add(ann, makeSubject(), from);
    const id = first!.id;
    queue.answer(id, 'yes');
    expect(await first?.answer).toBe('yes');
    expect(await Promise.race([second?.answer, Promise.resolve('waits')])).toBe('waits');
    expect(queue.list()).toMatchObject([{ id: second?.id, isAwaited: true }]);
    expect(second?.id).not.toBe(id);
    expect(events.map(({ event }) => event)).toEqual(['asked', 'ended', 'asked']);
    // Whoever says yes twice to what they saw once has said it once.
    queue.answer(id, 'yes');
    expect(queue.list()).toHaveLength(1);
    queue.answer(second!.id, 'yes');
    expect(await second?.answer).toBe('yes');
    expect(queue.list()).toEqual([]);
  });

  test('that nobody waits for any more asks for no second yes', () => {
    const { queue } = openQueue();
    const first = queue.add(ann, makeSubject(), from);
    queue.add(ann, makeSubject(), from)?.leave();
    first?.leave();
    queue.answer(first!.id, 'yes');
    expect(queue.list()).toEqual([]);
  });

  test('is withdrawn only with the last who waits', () => {
    const { queue } = openQueue();
    const both = [queue.add(ann, makeSubject(), from), queue.add(ann, makeSubject(), from)];
    both[0]?.withdraw();
    expect(queue.list()).toHaveLength(1);
    both[1]?.withdraw();
    expect(queue.list()).toEqual([]);
  });

  test('of another client is another question', () => {
    const { queue } = openQueue();
    expect(queue.add(ann, makeSubject(), from)?.id).not.toBe(queue.add(bob, makeSubject(), from)?.id);
  });
});

describe('a client that asks without end', () => {
  test('gets 50 questions, and leaves room for others', () => {
    const { queue } = openQueue();
    const asked = Array.from({ length: 60 }, (_, index) => queue.add(ann, numbered(index), from));
    expect(asked.filter((one) => one !== undefined)).toHaveLength(50);
    expect(queue.add(bob, makeSubject(), from)).toBeDefined();
  });

  test('under many names fills the queue with 200, and no more', () => {
    const { queue } = openQueue();
    for (let index = 0; index < 250; index++) queue.add({ ...ann, principal: `p${index}` }, makeSubject(), from);
    expect(queue.list()).toHaveLength(200);
  });
});

test('no id is used twice', () => {
  const nextId = createQuestionIds();
  const ids = new Set(Array.from({ length: 100_000 }, nextId));
  expect(ids.size).toBe(100_000);
  expect([...ids].every((id) => /^[0-9a-f]{6}$/.test(id))).toBe(true);
});
