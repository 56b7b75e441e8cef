import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { readMessage } from '../../../src/serve/session/read-message.ts';

const message = (fields: JsonObject): JsonObject => ({ jsonrpc: '2.0', ...fields });

describe('a message of a client', () => {
  test.each([0, '', 7, 'text', -1])('is a request under the id %j', (id) => {
    const read = readMessage(message({ id, method: 'ping' }));
    expect(read).toEqual({ kind: 'request', id, method: 'ping', params: {} });
  });

  test('without an id is a notification, with its params as they are', () => {
    const params = { requestId: 0, 'x-own': [null] };
    const read = readMessage(message({ method: 'notifications/cancelled', params }));
    expect(read).toEqual({ kind: 'notification', method: 'notifications/cancelled', params });
  });

  test('without a method is an answer: a result or an error, with code and data', () => {
    expect(readMessage(message({ id: 3, result: { action: 'accept', 'x-own': 1 } }))).toEqual({
      kind: 'answer',
      id: 3,
      reply: { ok: true, result: { action: 'accept', 'x-own': 1 } },
    });
    const error = { code: -32050, message: 'no', data: { why: [1] } };
    expect(readMessage(message({ id: 3, error }))).toEqual({ kind: 'answer', id: 3, reply: { ok: false, error } });
  });

  test.each<[string, JsonObject, string | number | undefined]>([
    ['an id that is null', { id: null, method: 'ping' }, undefined],
    ['an id that is no whole number', { id: 1.5, method: 'ping' }, undefined],
    ['params that are an array', { id: 1, method: 'ping', params: [] }, 1],
    ['a key that no request has', { id: 1, method: 'ping', extra: true }, 1],
    ['a method beside a result', { id: 1, method: 'ping', result: {} }, 1],
    ['both a result and an error', { id: 1, result: {}, error: { code: 1, message: '' } }, 1],
    ['a result that is no object', { id: 1, result: 5 }, 1],
    ['an error without a code', { id: 1, error: { message: 'no' } }, 1],
    ['neither method nor result', { id: 'a' }, 'a'],
  ])('with %s is odd', (_what, fields, id) => {
    expect(readMessage(message(fields))).toEqual({ kind: 'odd', id });
  });
});
