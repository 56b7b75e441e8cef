import { expect, test } from 'vitest';
import { createScheduler } from '../../../src/schedule/scheduler.ts';
import { createStage, type Sketch } from '../stage.ts';
import { start } from '../start.ts';
import { createPerson } from './person.ts';

const many = (count: number, sketch: Sketch): Sketch[] => Array.from({ length: count }, () => sketch);
const asking: Sketch = { key: 'a/1', class: 'write', asks: true };
const limit = { maxParallel: 8, maxParallelWrites: 8, bindsPassthrough: false };

/** A stage whose process keeps no more than ten calls that wait. */
function createSmallStage() {
  const stage = createStage();
  const servers = new Map(['a', 'b'].map((name) => [name, limit]));
  const scheduler = createScheduler({ clock: stage.clock, maxParallel: 32, servers, maxWaiting: 10 });
  return { ...stage, scheduler };
}

test('calls that wait for a person, and those behind them, keep no other batch from being taken', async () => {
  const stage = createSmallStage();
  const person = createPerson(stage);
  const each: Sketch = {
    server: 'b',
    turnsOut: [
      { ...asking, key: 'b/1' },
      { key: 'b/2', ms: 20_000 },
    ],
  };
  const behind = many(4, { needs: [{ back: 4, when: 'ok' }] });
  const started = start(stage, [...many(4, asking), ...behind, each], { approver: person.approver });
  const offer = (sketches: readonly Sketch[]): string | undefined =>
    stage.scheduler.refusal(stage.plan('other', sketches))?.code;
  await stage.clock.pass(100);
  // One more is under way, and nine wait for the answers.
  expect(offer(many(10, { server: 'b' }))).toBeUndefined();
  expect(offer(many(2, asking))).toBe('limit_exceeded');
  expect(offer([{ server: 'b' }, { turnsOut: 'known', asks: true }])).toBe('limit_exceeded');
  expect(offer([asking])).toBeUndefined();
  person.questions[0]!.yes();
  await stage.clock.pass(0);
  // Now three writes of the key wait for the first, and what is behind them for them.
  expect(offer(many(4, { server: 'b' }))).toBe('limit_exceeded');
  expect(offer(many(3, { server: 'b' }))).toBeUndefined();
  started.handle.cancel();
  await stage.clock.runOut();
  expect(offer(many(10, asking))).toBeUndefined();
});

test('five calls beside a thousand that wait for a person, and a thousand that do not, go first', async () => {
  const stage = createStage();
  const person = createPerson(stage);
  const large = [...many(500, { ...asking, class: 'read', key: 'a' }), ...many(500, { server: 'a', ms: 40 })];
  const options = { deadlineMs: 600_000 };
  start(stage, large, { ...options, approver: person.approver });
  await stage.clock.pass(20);
  person.questions[0]!.yes();
  await stage.clock.pass(100);
  const small = start(stage, many(5, { server: 'a', ms: 40 }), { ...options, name: 'small' });
  await stage.clock.pass(200);
  expect(small.replyMs! - 120).toBeLessThanOrEqual(80);
});
