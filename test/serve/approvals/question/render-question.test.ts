import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../src/core/json.ts';
import type { Question } from '../../../../src/core/protocol/client.ts';
import type { AskedCall } from '../../../../src/serve/approvals/question/question-form.ts';
import { renderQuestion, splitQuestions } from '../../../../src/serve/approvals/question/render-question.ts';
import { textOf } from '../asking.ts';
import { askedCall, askedCalls } from './asked-call.ts';

const first = { batchId: '7f3a91', part: 1, parts: 1 };

function messageOf({ params }: Question): string {
  return textOf(params['message']);
}

function fieldsOf(calls: readonly AskedCall[]): Record<string, JsonObject> {
  const { requestedSchema } = renderQuestion(calls, first).params;
  const fields = isJsonObject(requestedSchema) ? requestedSchema['properties'] : undefined;
  if (!isJsonObject(fields)) throw new Error('the form has no fields');
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, isJsonObject(field) ? field : {}]));
}

describe('the question about calls that need approval', () => {
  test('shows of each call its tool, server, arguments, class and reason', () => {
    const calls = [
      askedCall('c0', { arguments: { path: '/a' } }),
      askedCall('merge', { exposedName: 'hub__merge', server: 'hub', class: 'write', reason: 'ask "merge*"' }),
    ];
    expect(messageOf(renderQuestion(calls, first))).toBe(
      [
        'mcp-marshal: 2 calls need your approval (batch 7f3a91).',
        '1. c0: files__delete on server files (destructive)\n   arguments: {"path":"/a"}\n   why: it is destructive: destructive "delete"',
        '2. merge: hub__merge on server hub (write)\n   arguments: {"path":"/tmp/merge"}\n   why: ask "merge*"',
      ].join('\n\n'),
    );
  });

  test('covers secrets in arguments', () => {
    const message = messageOf(renderQuestion([askedCall('c0', { arguments: { password: 'hunter2' } })], first));
    expect(message).not.toContain('hunter2');
    expect(message).toContain('password');
  });

  test.each([
    ['a line end', '\n2. c1: files__read on server files (read)'],
    ['a line end of another kind', '\u2028'],
    ['a carriage return', '\r'],
    ['text that runs the other way', '\u202e'],
    ['nothing to see', '\u200b'],
    ['a terminal escape', '\u001b[2K'],
  ])('lets nobody forge a line of it with %s', (_, mark) => {
    const forged = `x${mark}y`;
    const call = askedCall(forged, {
      exposedName: forged,
      server: forged,
      reason: forged,
      arguments: { [forged]: forged },
    });
    const message = messageOf(renderQuestion([call, askedCall('c1')], first));
    const plain = messageOf(renderQuestion([askedCall('c0'), askedCall('c1')], first));
    expect(message).not.toContain(forged);
    expect(message.split(/[\n\r\u2028]/)).toHaveLength(plain.split('\n').length);
    const title = textOf(fieldsOf([call, askedCall('c1')])['call_1']?.['title']);
    expect(title).toMatch(/^1\. x.+y/);
    expect(title).not.toContain(forged);
  });

  test('stays short enough for a dialogue, however long the arguments are', () => {
    const long = 'x'.repeat(100_000);
    const calls = askedCalls(20, { arguments: { text: long }, reason: long, exposedName: long, server: long });
    expect(messageOf(renderQuestion(calls, first)).length).toBeLessThan(30_000);
  });

  test('is split where a dialogue cannot show all calls, and shows each once', () => {
    const calls = askedCalls(45);
    const parts = splitQuestions(calls);
    expect(parts.map((part) => part.length)).toEqual([15, 15, 15]);
    expect(parts.flat()).toEqual(calls);
    expect(messageOf(renderQuestion(parts[1]!, { batchId: 'b', part: 2, parts: 3 }))).toContain('question 2 of 3');
    expect(splitQuestions(askedCalls(20))).toHaveLength(1);
    expect(splitQuestions(askedCalls(21))).toHaveLength(2);
    expect(splitQuestions([])).toEqual([]);
  });

  test.each([1, 2, 10, 11, 20])('has a form that clients of every revision read, for %i calls', (count) => {
    const { method, params } = renderQuestion(askedCalls(count, { remember: 'session' }), first);
    const parsed = ElicitRequestSchema.safeParse({ method, params });
    expect(parsed.error).toBeUndefined();
    // What the schema of the SDK does not know it would have dropped.
    expect(parsed.data?.params).toEqual(params);
  });
});

describe('the form', () => {
  test('begins with no, and has no for whoever sends it back as it is', () => {
    const { decision } = fieldsOf(askedCalls(3));
    expect(decision?.['default']).toBe('no');
    expect(decision?.['enum']).toEqual(['no', 'yes', 'some']);
    expect(decision?.['enumNames']).toEqual(['No', 'Yes, run all 3 once', 'Run only those ticked, once']);
  });

  test.each([
    [1, 0],
    [2, 2],
    [10, 10],
    [11, 0],
  ])('of %i calls has %i boxes to tick', (calls, boxes) => {
    const { decision, ...ticks } = fieldsOf(askedCalls(calls));
    expect(Object.keys(ticks)).toHaveLength(boxes);
    expect(Object.values(ticks).every((tick) => tick['default'] === false)).toBe(true);
    expect(JSON.stringify(decision?.['enum']).includes('some')).toBe(boxes > 0);
  });

  test('takes no call that is named like one of its fields for that field', () => {
    const { decision, call_2 } = fieldsOf([askedCall('decision'), askedCall('call_2'), askedCall('c3')]);
    expect(decision?.['type']).toBe('string');
    expect(call_2?.['title']).toBe('2. call_2 files__delete');
  });

  test('offers to remember only what policy allows for all of its calls', () => {
    const offered = (...remembers: AskedCall['subject']['remember'][]): unknown =>
      fieldsOf(remembers.map((remember, index) => askedCall(`c${index}`, { remember })))['decision']?.['enum'];
    expect(offered('none')).toEqual(['no', 'yes']);
    expect(offered('arguments')).toEqual(['no', 'yes', 'yes_arguments']);
    expect(offered('session')).toEqual(['no', 'yes', 'yes_arguments', 'yes_session']);
    expect(offered('session', 'arguments')).toEqual(['no', 'yes', 'some', 'yes_arguments']);
    expect(offered('session', 'none')).toEqual(['no', 'yes', 'some']);
  });
});
