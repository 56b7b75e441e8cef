import { expect, test } from 'vitest';
import { Aborter } from '../../../../src/core/abort.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { Era, Question } from '../../../../src/core/protocol/client.ts';
import { refusal, type Reply } from '../../../../src/core/protocol/rpc.ts';
import { sendRequest } from '../../../../src/serve/questions/sending/send-request.ts';
import { requestOf, stubEngine, type StubRequest } from '../../stub-engine.ts';
import { accept, form } from '../modern-client.ts';

const inputRequired: JsonObject = { resultType: 'input_required', inputRequests: { who: { ...form('who?') } } };
const prompt: Reply = { ok: true, result: { messages: [] } };

/** Sends `prompts/get` for a client to a server that answers as told. */
function send({
  client,
  server,
  reply,
}: {
  client: Era;
  server: Era;
  reply: (request: StubRequest) => Reply | Promise<Reply>;
}) {
  const asked: Question[] = [];
  const { engine, requests } = stubEngine({ offers: { files: { era: server } }, reply });
  const request = requestOf(
    'prompts/get',
    { name: 'files__greet' },
    {
      era: client,
      ask(question) {
        asked.push(question);
        return Promise.resolve({ ok: true, result: accept('me') });
      },
    },
  );
  return { answer: sendRequest(engine, { server: 'files', request, params: { name: 'greet' } }), asked, requests };
}

test('a request of a legacy client gets a modern server what it wants, and its client the result', async () => {
  const reply = ({ params }: StubRequest): Reply =>
    params['inputResponses'] === undefined ? { ok: true, result: inputRequired } : prompt;
  const { answer, asked, requests } = send({ client: 'legacy', server: 'modern', reply });
  expect(await answer).toBe(prompt);
  expect(asked).toEqual([form('who?')]);
  expect(requests.map(({ params }) => params)).toEqual([
    { name: 'greet' },
    { name: 'greet', inputResponses: { who: accept('me') } },
  ]);
});

test('[transparent] a request of a modern client brings a modern server’s wish back as it is', async () => {
  const { answer, asked } = send({
    client: 'modern',
    server: 'modern',
    reply: () => ({ ok: true, result: inputRequired }),
  });
  expect(await answer).toEqual({ ok: true, result: inputRequired });
  expect(asked).toEqual([]);
});

test('a legacy server asks in the middle of a modern client’s request', async () => {
  const reply = ({ ask }: StubRequest): Promise<Reply> => ask!(form('who?'), new Aborter());
  const { answer, asked } = send({ client: 'modern', server: 'legacy', reply });
  expect(await answer).toEqual({ ok: true, result: accept('me') });
  expect(asked).toEqual([form('who?')]);
});

test('a modern client is asked to open what a legacy server wants opened first, and its request sent again', async () => {
  const elicitations = [{ mode: 'url', elicitationId: 'e1', url: 'https://a.example', message: 'sign in' }];
  let count = 0;
  const reply = (): Reply => (count++ === 0 ? refusal(-32042, 'URL elicitation required', { elicitations }) : prompt);
  const { answer, asked } = send({ client: 'modern', server: 'legacy', reply });
  expect(await answer).toBe(prompt);
  expect(asked).toEqual([{ method: 'elicitation/create', params: elicitations[0] }]);
});

test('a request whose server never has enough fails with an error', async () => {
  const { answer } = send({ client: 'legacy', server: 'modern', reply: () => ({ ok: true, result: inputRequired }) });
  expect(await answer).toMatchObject({ ok: false, error: { code: -32603 } });
});
