import { expect, test } from 'vitest';
import { Aborter } from '../../../src/core/abort.ts';
import type { Reply } from '../../../src/core/protocol/rpc.ts';
import { createBatchQuestions } from '../../../src/serve/questions/batch-questions.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';

const question = { method: 'elicitation/create', params: {} };

test('no clock stands still for a question whose call has ended, even if its client never answers', () => {
  const never = (): Promise<Reply> => new Promise(() => {});
  const questions = createBatchQuestions({ ask: never, era: 'legacy', clock: createVirtualClock() });
  const heard: string[] = [];
  const join = (name: string): ReturnType<typeof questions.join> =>
    questions.join({ server: 's', setAsking: (isAsking) => void heard.push(`${name} ${isAsking}`) });
  const [asking, other] = [join('asking'), join('other')];
  void asking.ask(question, new Aborter());
  expect(heard).toEqual(['asking true', 'other true']);
  asking.leave();
  expect(heard.slice(2)).toEqual(['other false']);
  other.leave();
  expect(heard).toHaveLength(3);
});

test('an answer that comes after its call has ended counts for nothing', async () => {
  const answers: ((reply: Reply) => void)[] = [];
  const late = (): Promise<Reply> => new Promise((resolve) => void answers.push(resolve));
  const questions = createBatchQuestions({ ask: late, era: 'legacy', clock: createVirtualClock() });
  const heard: boolean[] = [];
  const asking = questions.join({ server: 's', setAsking() {} });
  const other = questions.join({ server: 's', setAsking: (isAsking) => void heard.push(isAsking) });
  const asked = asking.ask(question, new Aborter());
  asking.leave();
  void other.ask(question, new Aborter());
  answers[0]!({ ok: true, result: {} });
  await asked;
  expect(heard).toEqual([true, false, true]);
});
