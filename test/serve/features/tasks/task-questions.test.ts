import { expect, test } from 'vitest';
import { Aborter } from '../../../../src/core/abort.ts';
import type { Ask } from '../../../../src/core/protocol/client.ts';
import type { Reply } from '../../../../src/core/protocol/rpc.ts';
import { createTaskQuestions } from '../../../../src/serve/features/tasks/task-questions.ts';
import { createVirtualClock } from '../../../schedule/virtual-clock.ts';
import { accept, answered, form } from '../../questions/modern-client.ts';

const never = new Aborter();

/** Somebody who waits for a task, and is asked. */
function line() {
  const asked: { message: unknown; isWithdrawn: () => boolean; reply: (reply: Reply) => void }[] = [];
  const ask: Ask = ({ params }, signal) =>
    new Promise((resolve) => {
      asked.push({ message: params['message'], isWithdrawn: () => signal.aborted, reply: resolve });
    });
  return { ask, asked };
}

test('a question waits for somebody to put it to, and goes out through them at once when there is', async () => {
  const questions = createTaskQuestions({ clock: createVirtualClock() });
  const first = questions.ask(form('a'), never);
  const { ask, asked } = line();
  questions.putThrough(ask);
  const second = questions.ask(form('b'), never);
  expect(asked.map(({ message }) => message)).toEqual(['a', 'b']);
  asked[1]!.reply(answered('B'));
  asked[0]!.reply(answered('A'));
  expect([await first, await second]).toEqual([answered('A'), answered('B')]);
  expect(questions.isOpen()).toBe(false);
});

test('the last who waits is asked, and an answer of one who was asked before counts no more', async () => {
  const questions = createTaskQuestions({ clock: createVirtualClock() });
  const [one, two] = [line(), line()];
  const reply = questions.ask(form('a'), never);
  questions.putThrough(one.ask);
  const leave = questions.putThrough(two.ask);
  expect([one, two].map(({ asked }) => asked.map(({ isWithdrawn }) => isWithdrawn()))).toEqual([[true], [false]]);
  one.asked[0]!.reply(answered('too late'));
  leave();
  leave();
  expect(one.asked.map(({ isWithdrawn }) => isWithdrawn())).toEqual([true, false]);
  one.asked[1]!.reply(answered('in time'));
  expect(await reply).toEqual(answered('in time'));
});

test('a key means one question for ever', async () => {
  const questions = createTaskQuestions({ clock: createVirtualClock() });
  const first = questions.ask(form('a'), never);
  expect(questions.requests()).toEqual({ q1: form('a') });
  questions.answer({ q1: 'nonsense', q9: accept('x') });
  expect(questions.isOpen()).toBe(true);
  questions.answer({ q1: accept('A') });
  expect(await first).toEqual(answered('A'));
  void questions.ask(form('b'), never);
  questions.answer({ q1: accept('B') });
  expect(questions.requests()).toEqual({ q2: form('b') });
});

test('a call that does not wait any more takes its question back; what it held is given back', async () => {
  const clock = createVirtualClock();
  const questions = createTaskQuestions({ clock });
  const { ask, asked } = line();
  questions.putThrough(ask);
  const signal = new Aborter();
  const reply = questions.ask(form('a'), signal);
  expect(clock.timers()).toBe(1);
  signal.abort();
  expect(await reply).toMatchObject({ ok: false });
  expect([asked[0]!.isWithdrawn(), questions.isOpen(), clock.timers()]).toEqual([true, false, 0]);
  expect(await questions.ask(form('b'), signal)).toMatchObject({ ok: false });
});

test('no more than 32 are open at once', async () => {
  const questions = createTaskQuestions({ clock: createVirtualClock() });
  for (let n = 0; n < 32; n++) void questions.ask(form(`${n}`), never);
  expect(await questions.ask(form('one more'), never)).toMatchObject({ ok: false, error: { code: -32603 } });
});
