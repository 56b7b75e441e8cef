import { expect } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { until } from '../../upstream/support.ts';
import type { Question } from '../clients/interop-client.ts';
import type { Feature, Pair } from '../feature.ts';
import { textOf } from '../feature.ts';
import { ask, expectOneEffect } from './questions.ts';

const urlOf = (key: string): string => `https://example.com/login?for=${key}&next=%2Fa%20b`;
const accept = { action: 'accept' };
const isLegacy = ({ clientEra, upstream }: Pair): boolean => clientEra === 'legacy' && upstream.era === 'legacy';

const lookup = {
  name: 'lookup',
  description: 'Looks a word up',
  inputSchema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
};
const firstMessage = { role: 'user', content: { type: 'text', text: 'What is a marshal?' } };
const sampling = {
  systemPrompt: 'Answer in one word.',
  modelPreferences: { hints: [{ name: 'small' }], costPriority: 0.75 },
  temperature: 0.5,
  maxTokens: 100,
  stopSequences: ['\n\n'],
  metadata: { project: { id: 1 } },
  tools: [lookup],
  toolChoice: { mode: 'auto' },
};
const toolUse = {
  role: 'assistant',
  model: 'model-1',
  stopReason: 'toolUse',
  content: [{ type: 'tool_use', id: 'use-1', name: 'lookup', input: { word: 'marshal' } }],
};
const endTurn = {
  role: 'assistant',
  model: 'model-1',
  stopReason: 'endTurn',
  content: { type: 'text', text: 'Officer' },
};
const lastMessages = [
  firstMessage,
  { role: 'assistant', content: toolUse.content },
  {
    role: 'user',
    content: [{ type: 'tool_result', toolUseId: 'use-1', content: [{ type: 'text', text: 'an officer' }] }],
  },
];

export const pageAndModelFeatures: readonly Feature[] = [
  {
    promise: 'is asked to open a page',
    async run(client, expectations) {
      const key = expectations.newKey();
      const { asked, result } = await ask(client, () => accept, ['ask_url', { key }]);
      expect(asked).toMatchObject([
        { method: 'elicitation/create', params: { mode: 'url', message: 'Please log in', url: urlOf(key) } },
      ]);
      // Without one a legacy client takes the question for broken.
      if (expectations.pair.clientEra === 'legacy')
        expect(asked[0]?.params['elicitationId']).toEqual(expect.any(String));
      expect(JSON.parse(textOf(result))).toEqual(accept);
      expectOneEffect(expectations, key, { rounds: 1 });
    },
  },
  {
    promise: 'is told when the page has served its purpose',
    excludes: (pair) => (isLegacy(pair) ? undefined : 'the modern era does not say when a page is done with'),
    async run(client, { newKey }) {
      const key = newKey();
      const { asked } = await ask(client, () => accept, ['ask_url', { key }]);
      const { elicitationId } = asked[0]!.params;
      const completed = (): unknown[] =>
        client
          .heard('notifications/elicitation/complete')
          .filter((params) => params['elicitationId'] === elicitationId);
      await until(() => completed().length > 0);
      expect(completed()).toEqual([{ elicitationId }]);
    },
  },
  {
    promise: 'that is sent away to log in learns where, and can call again',
    excludes: (pair) =>
      isLegacy(pair) ? undefined : 'only legacy servers send away, and only legacy clients learn of it',
    async run(client, { newKey, countOf }) {
      const key = newKey();
      const page = { mode: 'url', message: 'Please log in', url: urlOf(key), elicitationId: `login-${key}` };
      expect(await client.send('tools/call', { name: 'authorize', arguments: { key } })).toEqual({
        error: { code: -32042, message: 'Log in first', data: { elicitations: [page] } },
      });
      expect(textOf(await client.callTool('authorize', { key }))).toBe('authorized');
      expect(countOf('effect', key)).toBe(1);
    },
  },
  {
    promise: 'opens the page that a call needs, and the call succeeds',
    excludes: (pair) =>
      isLegacy(pair) ? 'a legacy client gets the error of a legacy server, and calls again' : undefined,
    async run(client, { newKey, countOf, callsOf }) {
      const key = newKey();
      const { asked, result } = await ask(client, () => accept, ['authorize', { key }]);
      expect(asked).toMatchObject([
        { method: 'elicitation/create', params: { mode: 'url', message: 'Please log in', url: urlOf(key) } },
      ]);
      expect(textOf(result)).toBe('authorized');
      expect(countOf('effect', key)).toBe(1);
      expect(callsOf(key)).toHaveLength(2);
    },
  },
  {
    promise: 'lends its model, with tools, for as many rounds as it takes',
    async run(client, expectations) {
      const key = expectations.newKey();
      const answer = ({ params: { messages } }: Question): JsonObject =>
        Array.isArray(messages) && messages.length === 1 ? toolUse : endTurn;
      const { asked, result } = await ask(client, answer, ['sample', { key }]);
      expect(asked).toMatchObject([
        { method: 'sampling/createMessage', params: { ...sampling, messages: [firstMessage] } },
        { method: 'sampling/createMessage', params: { ...sampling, messages: lastMessages } },
      ]);
      expect(JSON.parse(textOf(result))).toEqual({ first: toolUse, second: endTurn });
      expectOneEffect(expectations, key, { rounds: 2 });
    },
  },
];
