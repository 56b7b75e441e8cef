import { expect, test } from 'vitest';
import type { Question } from '../../../src/core/protocol/client.ts';
import { createQuestionDesk } from '../../../src/upstream/instance/question-desk.ts';
import { silent } from '../support.ts';

const ignore = (): void => {};

test.each([true, false])(
  'a legacy server that speaks as we do says whose the question is, and any other is itself; within a request: %s',
  async (isWithin) => {
    const asked: Question[] = [];
    const ask = (question: Question) => {
      asked.push(question);
      return Promise.resolve({ ok: true, result: {} } as const);
    };
    const client = { id: 'a', era: 'legacy', capabilities: { elicitation: {} }, ask } as const;
    const answer = createQuestionDesk({
      server: 'files',
      logger: silent,
      clients: () => [client],
      onAsk: ignore,
      onPut: ignore,
      onAmbiguous: ignore,
      onMissed: ignore,
    });
    for (const message of ['mcp-marshal: A call needs your approval.', 'Which one?']) {
      const question = { method: 'elicitation/create', params: { message }, owners: [] };
      await answer({ ...question, ...(isWithin && { ask }) }, new AbortController().signal);
    }
    expect(asked.map(({ params }) => params['message'])).toEqual([
      'The server files asks: mcp-marshal: A call needs your approval.',
      'Which one?',
    ]);
  },
);
