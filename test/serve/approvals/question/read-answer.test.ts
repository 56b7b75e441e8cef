import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../src/core/json.ts';
import { refusal, type Reply } from '../../../../src/core/protocol/rpc.ts';
import { readAnswer } from '../../../../src/serve/approvals/question/read-answer.ts';
import { askedCalls } from './asked-call.ts';

const no = { isYes: false };
const once = { isYes: true, remember: 'none' };

function answer(action: JsonValue, content?: JsonValue): Reply {
  return { ok: true, result: { action, ...(content !== undefined && { content }) } };
}

describe('an answer', () => {
  test('is a yes to all where the form says so', () => {
    const reply = answer('accept', { decision: 'yes' });
    expect(readAnswer(reply, askedCalls(3))).toEqual({ kind: 'decided', verdicts: [once, once, once] });
  });

  test('is a yes to those that are ticked, and to no other', () => {
    const ticks = { call_1: true, call_2: false, call_3: 'true', call_4: 1, call_6: true };
    const reply = answer('accept', { decision: 'some', ...ticks });
    expect(readAnswer(reply, askedCalls(5))).toEqual({ kind: 'decided', verdicts: [once, no, no, no, no] });
  });

  test('is remembered as far as it was offered', () => {
    const calls = askedCalls(1, { remember: 'arguments' });
    const remember = { isYes: true, remember: 'arguments' };
    expect(readAnswer(answer('accept', { decision: 'yes_arguments' }), calls)).toMatchObject({ verdicts: [remember] });
    expect(readAnswer(answer('accept', { decision: 'yes_session' }), calls)).toMatchObject({ verdicts: [no] });
  });

  test.each<[string, JsonValue | undefined]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty form', {}],
    ['a list', [{ decision: 'yes' }]],
    ['a text', 'yes'],
    ['another word', { decision: 'ok' }],
    ['the word in capitals', { decision: 'YES' }],
    ['true', { decision: true }],
    ['a list of decisions', { decision: ['yes'] }],
    ['the title of the choice', { decision: 'Yes, run all 2 once' }],
    ['another field', { approve: 'yes' }],
    ['ticks without a decision', { call_1: true, call_2: true }],
    ['ticks and a no', { decision: 'no', call_1: true }],
    ['a way to remember that was not offered', { decision: 'yes_arguments' }],
  ])('that accepts with %s is a no', (_, content) => {
    expect(readAnswer(answer('accept', content), askedCalls(2))).toEqual({ kind: 'decided', verdicts: [no, no] });
  });

  test('that ticks where nothing was to be ticked is a no', () => {
    const reply = answer('accept', { decision: 'some', call_1: true });
    expect(readAnswer(reply, askedCalls(1))).toMatchObject({ verdicts: [no] });
  });

  test.each(['decline', 'cancel'] as const)('%s sends the question away, whatever the form says', (action) => {
    expect(readAnswer(answer(action, { decision: 'yes' }), askedCalls(1))).toEqual({ kind: 'dismissed', action });
  });

  test.each([
    ['an error', refusal(-32601, 'Method\nnot found'), 'error -32601: Method not found'],
    ['an action that there is not', answer('approve', { decision: 'yes' }), 'is none'],
    ['no action', answer(true, { decision: 'yes' }), 'is none'],
    ['an empty result', { ok: true, result: {} } as const, 'is none'],
  ])('with %s is nobody’s', (_, reply, reason) => {
    const read = readAnswer(reply, askedCalls(1));
    expect(read.kind).toBe('nobody');
    expect(read).toHaveProperty('reason', expect.stringContaining(reason));
  });
});
