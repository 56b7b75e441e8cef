import { describe, expect, test } from 'vitest';
import { Aborter } from '../../../src/core/abort.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { createOpenQuestions } from '../../../src/serve/session/open-questions.ts';

const question = { method: 'elicitation/create', params: { message: 'Which one?', 'x-own': 1 } };

function open() {
  const sent: { message: JsonObject; related: unknown }[] = [];
  const questions = createOpenQuestions({ send: (message, related) => void sent.push({ message, related }) });
  return { questions, sent };
}

describe('a question of a server', () => {
  test('goes to the client as it is, beside the request that it belongs to, and its answer comes back as it is', async () => {
    const { questions, sent } = open();
    const asked = questions.askFor('call-1')(question, new Aborter());
    expect(sent).toEqual([{ message: { jsonrpc: '2.0', id: 1, ...question }, related: 'call-1' }]);
    const reply = { ok: true, result: { action: 'accept', content: { a: 1 }, 'x-own': 2 } } as const;
    questions.answer(1, reply);
    expect(await asked).toEqual(reply);
  });

  test('gets its own answer, in whatever order the answers come', async () => {
    const { questions } = open();
    const asked = [0, 1, 2].map((n) => questions.askFor(n)({ ...question, params: { n } }, new Aborter()));
    for (const id of [3, 1, 2]) questions.answer(id, { ok: true, result: { to: id } });
    expect(await Promise.all(asked)).toEqual([1, 2, 3].map((to) => ({ ok: true, result: { to } })));
  });

  test('that the server withdraws is cancelled at the client, and a late answer goes nowhere', async () => {
    const { questions, sent } = open();
    const signal = new Aborter();
    const asked = questions.askFor(7)(question, signal);
    signal.abort();
    expect(await asked).toMatchObject({ ok: false });
    expect(sent[1]).toMatchObject({
      message: { method: 'notifications/cancelled', params: { requestId: 1 } },
      related: 7,
    });
    questions.answer(1, { ok: true, result: {} });
    expect(sent).toHaveLength(2);
  });

  test('of a client that has gone is refused, as is every later one, which is not sent at all', async () => {
    const { questions, sent } = open();
    const asked = questions.askFor(1)(question, new Aborter());
    questions.close();
    expect(await asked).toMatchObject({ ok: false });
    expect(await questions.askFor(2)(question, new Aborter())).toMatchObject({ ok: false });
    expect(sent).toHaveLength(1);
  });

  test('beyond a thousand open ones is refused, until one is answered', async () => {
    const { questions, sent } = open();
    for (let n = 0; n < 1000; n++) void questions.askFor(n)(question, new Aborter());
    expect(await questions.askFor(0)(question, new Aborter())).toMatchObject({ ok: false, error: { code: -32603 } });
    questions.answer(5, { ok: true, result: {} });
    void questions.askFor(0)(question, new Aborter());
    expect(sent).toHaveLength(1001);
  });
});
