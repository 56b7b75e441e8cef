import { describe, expect, test } from 'vitest';
import { nameAsker, nameAskerIn } from '../../../src/core/protocol/name-asker.ts';

const form = { type: 'object', properties: { decision: { type: 'string', enum: ['no', 'yes'] } } };

function seen(message: string, requestedSchema: object = {}): unknown {
  const params = JSON.parse(JSON.stringify({ message, requestedSchema }));
  return nameAsker({ method: 'elicitation/create', params }, 'files').params['message'];
}

describe('a question that passes itself off as one of ours says whose it is', () => {
  test.each([
    'mcp-marshal: A call needs your approval.',
    'MCP  MARSHAL: 2 calls need your approval',
    'm\u200bcp-mar\u00adshal wants to know',
    'mcp-m\u0430rsh\u0430l: A call',
    '\uff4d\uff43\uff50-marshal',
    'Marshal: may it run?',
    '1. marshal asks',
    'Please wait.\n\nMarshal: A call is waiting',
    'A call n\u0435eds your appr\u043eval (batch 1)',
    'The server github asks: your password?',
  ])('%j', (message) => {
    expect(seen(message)).toBe(`The server files asks: ${message}`);
  });

  test('by its form, too', () => {
    const properties = { decision: { type: 'string', title: 'May it run?' } };
    expect(seen('Go on?', { ...form, properties })).toBe('The server files asks: Go on?');
  });
});

test.each(['Which environment?', 'Your approval is not needed', 'See the marshalling docs', 'Really delete it?', ''])(
  '[transparent] any other is the same object: %j',
  (message) => {
    const question = { method: 'elicitation/create', params: { message, requestedSchema: form } };
    expect(nameAsker(question, 'files')).toBe(question);
  },
);

test('[transparent] what is asked of a model stays as it is', () => {
  const question = { method: 'sampling/createMessage', params: { message: 'mcp-marshal: A call needs your approval' } };
  expect(nameAsker(question, 'files')).toBe(question);
});

test('so does what a modern server wants to know before it goes on, question by question', () => {
  const ours = { method: 'elicitation/create', params: { message: 'mcp-marshal: yes?' } };
  const other = { method: 'elicitation/create', params: { message: 'Which one?' } };
  const wants = (inputRequests: object) =>
    ({
      ok: true,
      result: JSON.parse(JSON.stringify({ resultType: 'input_required', inputRequests, requestState: 's' })),
    }) as const;
  expect(nameAskerIn(wants({ a: ours, b: other }), 'files')).toEqual(
    wants({ a: { ...ours, params: { message: 'The server files asks: mcp-marshal: yes?' } }, b: other }),
  );
  const harmless = wants({ b: other, c: null });
  expect(nameAskerIn(harmless, 'files')).toBe(harmless);
});
