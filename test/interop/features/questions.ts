import { expect } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { InteropClient, Question } from '../clients/interop-client.ts';
import type { Expectations, Feature } from '../feature.ts';
import { textOf } from '../feature.ts';

const nameSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', title: 'Name', description: 'As on the door', minLength: 1 },
    age: { type: 'integer', minimum: 0 },
    size: { type: 'string', enum: ['s', 'm', 'l'], default: 'm' },
    agrees: { type: 'boolean', default: false },
  },
  required: ['name'],
};
const ada = { action: 'accept', content: { name: 'Ada', age: 36, size: 's', agrees: true } };
const red = { action: 'accept', content: { colour: 'rot ✓' } };
const roots = { roots: [{ uri: 'file:///home/ada', name: 'home' }, { uri: 'file:///tmp/a%20b' }] };
const questionOf = (key: string): object => ({
  method: 'elicitation/create',
  params: { mode: 'form', message: `Who is ${key}?`, requestedSchema: nameSchema },
});

export const questionFeatures: readonly Feature[] = [
  {
    promise: 'is asked in a form, and the server gets its answer, once',
    async run(client, expectations) {
      const key = expectations.newKey();
      const { asked, result } = await ask(client, () => ada, ['ask_name', { key }]);
      expect(asked).toMatchObject([questionOf(key)]);
      expect(asked[0]?.params['requestedSchema']).toEqual(nameSchema);
      expect(JSON.parse(textOf(result))).toEqual(ada);
      expectOneEffect(expectations, key, { rounds: 1 });
    },
  },
  refuses('decline'),
  refuses('cancel'),
  {
    promise: 'is asked one question after another',
    async run(client, expectations) {
      const key = expectations.newKey();
      const answer = ({ params }: Question): JsonObject => (params['message'] === 'Which colour?' ? red : ada);
      const { asked, result } = await ask(client, answer, ['ask_twice', { key }]);
      expect(asked.map(({ params }) => params['message'])).toEqual([`Who is ${key}?`, 'Which colour?']);
      expect(JSON.parse(textOf(result))).toEqual({ name: ada, colour: red });
      expectOneEffect(expectations, key, { rounds: 2 });
    },
  },
  {
    promise: 'is asked two questions at once',
    async run(client, expectations) {
      const key = expectations.newKey();
      const answer = ({ method }: Question): JsonObject => (method === 'roots/list' ? roots : ada);
      const { asked, result } = await ask(client, answer, ['ask_both', { key }]);
      expect(asked.map(({ method }) => method).sort()).toEqual(['elicitation/create', 'roots/list']);
      expect(JSON.parse(textOf(result))).toEqual({ name: ada, roots });
      expect(expectations.countOf('effect', key)).toBe(1);
    },
  },
  {
    promise: 'is asked for its roots',
    async run(client, { newKey }) {
      const { asked, result } = await ask(client, () => roots, ['list_roots', { key: newKey() }]);
      expect(asked.map(({ method }) => method)).toEqual(['roots/list']);
      expect(JSON.parse(textOf(result))).toEqual(roots);
    },
  },
  {
    promise: 'is asked in the middle of getting a prompt',
    async run(client, { countOf }) {
      const before = countOf('effect', 'prompt:asks');
      const { asked, result } = await ask(
        client,
        () => ada,
        async () => client.request('prompts/get', { name: 'asks' }),
      );
      expect(asked).toMatchObject([questionOf('it')]);
      expect(result).toMatchObject({ messages: [{ role: 'user', content: { type: 'text' } }] });
      expect(JSON.stringify(result)).toContain('Ada');
      expect(countOf('effect', 'prompt:asks')).toBe(before + 1);
    },
  },
  {
    promise: 'is asked in the middle of reading a resource',
    async run(client, { countOf }) {
      const uri = 'memo://asks';
      const before = countOf('effect', uri);
      const { asked, result } = await ask(
        client,
        () => ada,
        async () => client.request('resources/read', { uri }),
      );
      expect(asked).toMatchObject([questionOf(uri)]);
      expect(JSON.stringify(result)).toContain('Ada');
      expect(countOf('effect', uri)).toBe(before + 1);
    },
  },
  {
    promise: 'is asked to come again without a question, and has one effect',
    async run(client, expectations) {
      const key = expectations.newKey();
      const { asked, result } = await ask(client, () => ada, ['come_again', { key }]);
      expect(asked).toEqual([]);
      expect(textOf(result)).toBe('welcome back');
      expectOneEffect(expectations, key, { rounds: 1 });
    },
  },
  {
    promise: 'lets the server know what it can be asked',
    async run(client) {
      const capabilities: unknown = JSON.parse(textOf(await client.callTool('capabilities')));
      expect(capabilities).toMatchObject({ elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} });
    },
  },
  {
    promise: 'lets the server know that its roots have changed',
    excludes: ({ clientEra, upstream }) =>
      clientEra === 'modern' || upstream.era === 'modern'
        ? 'the modern era asks for roots when it needs them'
        : undefined,
    async run(client, { records }) {
      const count = (): number =>
        records().filter(({ method }) => method === 'notifications/roots/list_changed').length;
      const before = count();
      await client.notify('notifications/roots/list_changed');
      await expect.poll(count, { timeout: 5_000, interval: 10 }).toBe(before + 1);
    },
  },
];

/** Rows that leave a question without an answer; a server may wait for it for long. */
export const unansweredFeatures: readonly Feature[] = [
  {
    promise: 'sees its call fail when it fails to answer',
    async run(client, { newKey, countOf }) {
      const key = newKey();
      expect(await leaveUnanswered(client, key)).toBe('failed');
      expect(countOf('effect', key)).toBe(0);
    },
  },
  {
    promise: 'can be asked again after it has failed to answer',
    async run(client, { newKey, countOf }) {
      const [unanswered, key] = [newKey(), newKey()];
      await leaveUnanswered(client, unanswered);
      const { asked, result } = await ask(client, () => ada, ['ask_name', { key }]);
      expect(asked).toMatchObject([questionOf(key)]);
      expect(JSON.parse(textOf(result))).toEqual(ada);
      expect([countOf('effect', unanswered), countOf('effect', key)]).toEqual([0, 1]);
    },
  },
];

async function leaveUnanswered(client: InteropClient, key: string): Promise<'failed' | 'succeeded'> {
  const before = client.asked().length;
  client.answerWith(() => {
    throw new Error('no answer');
  });
  const outcome = await client.callTool('ask_name', { key }).catch((error: unknown) => error);
  expect(client.asked()).toHaveLength(before + 1);
  return outcome instanceof Error || (isJsonObject(outcome) && outcome['isError'] === true) ? 'failed' : 'succeeded';
}

function refuses(action: 'decline' | 'cancel'): Feature {
  return {
    promise: `can ${action} what it is asked`,
    async run(client, { newKey, countOf }) {
      const key = newKey();
      const { asked, result } = await ask(client, () => ({ action }), ['ask_name', { key }]);
      expect(asked).toHaveLength(1);
      expect(JSON.parse(textOf(result))).toEqual({ action });
      expect(countOf('effect', key)).toBe(0);
    },
  };
}

/** Calls with somebody there to answer; resolves with what was asked meanwhile. */
export async function ask(
  client: InteropClient,
  answer: Parameters<InteropClient['answerWith']>[0],
  call: [tool: string, args: JsonObject] | (() => Promise<JsonObject>),
): Promise<{ asked: Question[]; result: JsonObject }> {
  const before = client.asked().length;
  client.answerWith(answer);
  const result = await (typeof call === 'function' ? call() : client.callTool(...call));
  return { asked: client.asked().slice(before), result };
}

/** The tool has done its work once; a legacy server was called once, a modern one once more for each round. */
export function expectOneEffect(
  { countOf, callsOf, pair }: Expectations,
  key: string,
  { rounds }: { rounds: number },
): void {
  expect(countOf('effect', key)).toBe(1);
  expect(callsOf(key)).toHaveLength(pair.upstream.era === 'modern' ? rounds + 1 : 1);
}
