import { expect, test } from 'vitest';
import { Aborter } from '../../../src/core/abort.ts';
import type { Question } from '../../../src/core/protocol/client.ts';
import type { Reply } from '../../../src/core/protocol/rpc.ts';
import { createBatchQuestions } from '../../../src/serve/questions/batch-questions.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { accept, form } from './modern-client.ts';

const never = new Aborter();

/** Questions of a modern client's batch, with so many calls of one server in flight. */
function gather(callCount: number) {
  const clock = createVirtualClock();
  const put: { atMs: number; message: unknown; answer: (reply: Reply) => void }[] = [];
  const ask = ({ params }: Question): Promise<Reply> =>
    new Promise((answer) => void put.push({ atMs: clock.now(), message: params['message'], answer }));
  const questions = createBatchQuestions({ ask, era: 'modern', clock });
  const calls = Array.from({ length: callCount }, () => questions.join({ server: 'a', setAsking() {} }));
  const seen = () => put.map(({ atMs, message }) => `${atMs}: ${JSON.stringify(message)}`);
  const answerAll = (): void => {
    for (const { answer } of put) answer({ ok: true, result: accept('yes') });
  };
  return { clock, calls, seen, answerAll };
}

test('questions that a server asks over a channel that all its calls share go out when there are as many as calls', async () => {
  const { clock, calls, seen } = gather(3);
  for (const message of ['a', 'b', 'c']) void calls[0]!.ask(form(message), never);
  await clock.pass(0);
  expect(seen()).toEqual(['0: "a"', '0: "b"', '0: "c"']);
});

test('a second round waits for the calls that run on, as the first one did', async () => {
  const { clock, calls, seen, answerAll } = gather(2);
  for (const [index, { ask }] of calls.entries()) void ask(form(`${index}`), never);
  await clock.pass(100);
  answerAll();
  await clock.pass(0);
  void calls[0]!.ask(form('again'), never);
  await clock.pass(1_999);
  expect(seen()).toEqual(['0: "0"', '0: "1"']);
  await clock.pass(1);
  expect(seen()).toEqual(['0: "0"', '0: "1"', '2100: "again"']);
  expect(clock.timers()).toBe(0);
});

test('a question that goes out takes its timer with it', async () => {
  const { clock, calls } = gather(1);
  void calls[0]!.ask(form('a'), never);
  await clock.pass(0);
  expect(clock.timers()).toBe(0);
});
