import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBatch } from '../../../src/batch/request/parse-batch.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import { refusalOf, requestOf, settings } from '../tiny-catalog.ts';
import { cpuMs } from '../../cpu-ms.ts';

const call = { tool: 'files__get_time' };

describe('what a batch may look like', () => {
  test('a bare array is a batch', () => {
    expect(requestOf([call, call]).calls.map(({ tool }) => tool)).toEqual(['files__get_time', 'files__get_time']);
  });

  test('calls written as a JSON string are calls', () => {
    expect(requestOf({ calls: JSON.stringify([call]) }).calls).toHaveLength(1);
  });

  test('a value that is not set is a value that is not there', () => {
    expect(requestOf({ calls: [call], maxParallel: undefined, mode: undefined }).maxParallel).toBe(8);
  });
});

describe('a broken envelope is refused whole', () => {
  test.each([
    [{}, 'calls: missing'],
    [{ calls: [] }, 'calls: there are no calls'],
    [{ calls: {} }, 'calls: found an object'],
    [{ calls: '[' }, 'calls: found a string that is not JSON'],
    [{ calls: '{}' }, 'calls: found an object'],
    [null, 'found null'],
    ['run it', 'found "run it"'],
    [undefined, 'found nothing'],
  ])('%j', (input, expected) => {
    expect(refusalOf(input).lines.join('\n')).toContain(expected);
  });

  test('too many calls are refused with how many batches they would be', () => {
    const { error } = refusalOf({ calls: Array.from({ length: 101 }, () => call) });
    expect(error.code).toBe('limit_exceeded');
    expect(error.message).toBe('calls: 101 calls, and one batch takes at most 100; send them in 2 batches');
  });

  test('two calls with one id are refused with both places', () => {
    const { lines } = refusalOf({ calls: [{ ...call, id: 'a' }, call, { ...call, id: 'a' }] });
    expect(lines).toEqual(['calls[2].id: "a" is the id of calls[0] already; give each call its own, or none']);
  });

  test('every problem is said at once', () => {
    const { lines, error } = refusalOf({
      calls: [],
      parallel: 'yes',
      onError: 'abort',
      maxParallel: 0,
      deadlineMs: '5s',
      maxChars: 1.5,
      formatt: 'text',
    });
    expect(lines).toEqual([
      'calls: there are no calls; give at least one',
      'parallel: "yes" is not one of "prefer", "avoid", "none"',
      'onError: "abort" is not one of "continue", "stop"',
      'maxParallel: 0 is not a whole number above 0',
      'deadlineMs: "5s" is not a whole number above 0',
      'maxChars: 1.5 is not a whole number above 0',
      '"formatt" is not a field here; write "format"',
    ]);
    expect(error.code).toBe('invalid_arguments');
    expect(error.message).toContain('maxParallel: 0 is not');
  });

  test.each([NaN, Infinity, -1, 1e300, true, null, [1]])('maxParallel %j is no number of calls', (maxParallel) => {
    expect(refusalOf({ calls: [call], maxParallel }).lines).toHaveLength(1);
  });

  test.each([
    ['', 'idempotencyKey: found ""'],
    [7, 'idempotencyKey: found 7'],
    [null, 'idempotencyKey: found null'],
    ['k'.repeat(201), 'idempotencyKey: found 201 characters; write a text of 1 to 200 characters'],
  ])('the idempotency key %j is none', (idempotencyKey, expected) => {
    expect(refusalOf({ calls: [call], idempotencyKey }).lines).toEqual([expect.stringContaining(expected)]);
  });

  test('a batch may have an idempotency key of up to 200 characters', () => {
    const idempotencyKey = 'k'.repeat(200);
    expect(requestOf({ calls: [call], idempotencyKey }).idempotencyKey).toBe(idempotencyKey);
    expect(requestOf({ calls: [call] }).idempotencyKey).toBeUndefined();
  });

  test('a plan can be asked for', () => {
    expect(requestOf({ calls: [call], mode: 'plan' }).mode).toBe('plan');
    expect(requestOf({ calls: [call], mode: 'run' }).mode).toBe('run');
    expect(requestOf({ calls: [call] }).mode).toBe('run');
    expect(refusalOf({ calls: [call], mode: 'dry' }).lines).toEqual(['mode: "dry" is not one of "run", "plan"']);
  });

  test('the fields of a call at the top are shown where they belong', () => {
    expect(refusalOf({ tool: 'x', arguments: {} }).lines).toContain('"tool" belongs inside an element of "calls"');
  });

  test('a refusal comes in the form that was asked for', () => {
    expect(parseBatch({ calls: [], format: 'structured' }, settings)).toMatchObject({
      ok: false,
      format: 'structured',
    });
    expect(parseBatch({ calls: [], format: 'xml' }, settings)).toMatchObject({ ok: false, format: 'text' });
  });
});

describe('a request may only tighten', () => {
  test('limits are lowered, never raised', () => {
    const asked = { calls: [call], maxParallel: 99, deadlineMs: 99_999_999, maxChars: 99_999_999 };
    expect(requestOf(asked)).toMatchObject({ maxParallel: 8, deadlineMs: 50_000 });
    expect(requestOf(asked).calls[0]?.maxChars).toBe(40_000);
    expect(requestOf({ calls: [call], maxParallel: 2, deadlineMs: 1_000 })).toMatchObject({
      maxParallel: 2,
      deadlineMs: 1_000,
    });
  });

  test('of the limits on a result the smallest holds', () => {
    const { calls } = requestOf({
      calls: [call, { ...call, maxChars: 10 }, { ...call, maxChars: 900 }],
      maxChars: 500,
    });
    expect(calls.map(({ maxChars }) => maxChars)).toEqual([500, 10, 500]);
  });

  test.each([
    ['avoid', 'prefer', 'avoid'],
    ['avoid', 'none', 'avoid'],
    ['prefer', 'avoid', 'avoid'],
    ['prefer', 'none', 'prefer'],
    ['none', 'none', 'prefer'],
    ['none', undefined, 'prefer'],
    ['none', 'avoid', 'avoid'],
  ] as const)('parallel: %s in the file and %s in the request is %s', (file, parallel, expected) => {
    expect(requestOf({ calls: [call], parallel }, { parallel: file }).parallel).toBe(expected);
  });

  test('what to do after an error is the choice of the caller', () => {
    expect(requestOf({ calls: [call], onError: 'stop' }).onError).toBe('stop');
    expect(requestOf({ calls: [call], onError: 'continue' }, { onError: 'stop' }).onError).toBe('continue');
    expect(requestOf({ calls: [call] }, { onError: 'stop' }).onError).toBe('stop');
  });
});

describe('every call has an id', () => {
  test('calls without one are numbered', () => {
    expect(requestOf([call, { ...call, id: 'mine' }, call]).calls.map(({ id }) => id)).toEqual(['c0', 'mine', 'c2']);
  });

  test('the number of a call without an id is taken, and never another', () => {
    const get = { ...call, arguments: { a: { $result: 'c2' } } };
    expect(refusalOf([{ ...call, id: 'c1' }, call, { ...call, id: 'c7' }, get, { ...call, id: 'c3' }]).lines).toEqual([
      'calls[0].id: "c1" is the id of calls[1], which has none of its own and is named by its number; write another here, or give that call one',
      'calls[4].id: "c3" is the id of calls[3], which has none of its own and is named by its number; write another here, or give that call one',
    ]);
  });

  test('a number that is free, or its own, may be given', () => {
    const calls = [{ ...call, id: 'c1' }, { ...call, id: 'c0' }, { ...call, id: 'c2' }, call, { ...call, id: 'c03' }];
    expect(requestOf(calls).calls.map(({ id }) => id)).toEqual(['c1', 'c0', 'c2', 'c3', 'c03']);
  });
});

describe('calls find the earlier calls that they name', () => {
  const of = (id: string, more = {}) => ({
    tool: 'files__read_text_file',
    arguments: { path: { $result: id } },
    ...more,
  });
  const needsOf = (...calls: object[]) => requestOf(calls).calls.map(({ needs }) => needs);
  const problemOf = (...calls: object[]) => {
    const { code, message } = requestOf(calls).calls.at(-1)?.problem ?? {};
    return `${code}: ${message}`;
  };

  test('by the id given or the number, one need for each, in their order', () => {
    expect(needsOf({ ...call, id: 'a' }, call, { ...of('c1'), dependsOn: ['c1', 'a'] })).toEqual([
      [],
      [],
      [
        { index: 0, when: 'ok', isOrderOnly: true },
        { index: 1, when: 'ok' },
      ],
    ]);
  });

  test('a reference needs success, unless dependsOn says otherwise of the same call', () => {
    expect(needsOf(call, of('c0'))[1]).toEqual([{ index: 0, when: 'ok' }]);
    expect(needsOf(call, of('c0', { dependsOn: [{ id: 'c0', when: 'settled' }] }))[1]).toEqual([
      { index: 0, when: 'settled' },
    ]);
    expect(needsOf(call, { ...call, forEach: { $result: 'c0' } })[1]).toEqual([{ index: 0, when: 'ok' }]);
  });

  test.each<[object[], string]>([
    [[call, { ...call, dependsOn: 'c9' }], 'invalid_reference: dependsOn: there is no call "c9"; did you mean c0?'],
    [
      [{ ...call, dependsOn: 'first' }],
      'invalid_reference: dependsOn: there is no call "first"; no call stands before this one',
    ],
    [
      [{ ...call, id: 'listing' }, of('c7')],
      '$result at /path: there is no call "c7"; before this one there are listing',
    ],
    [[call, of('c1')], '$result at /path: "c1" is this call itself; name an earlier one'],
    [[call, of('c0[3]')], '$result at /path: "c0[3]" is no id; name "c0" with "path": "/3"'],
    [[call, of('c0[*]')], '"c0[*]" is no id; name "c0" with "path": "/*"'],
    [[call, of('c0.items.0.name')], '"c0.items.0.name" is no id; name "c0" with "path": "/items/0/name"'],
    [[call, of('c0[0].name')], '"c0[0].name" is no id; name "c0" with "path": "/0/name"'],
    [[call, of('c0/items')], '"c0/items" is no id; name "c0" with "path": "/items"'],
    [
      [call, { ...call, arguments: { path: { $result: 'c0[*]', path: '/a~1b' } } }],
      '"c0[*]" is no id; name "c0" with "path": "/*/a~1b"',
    ],
    [
      [call, { ...call, forEach: { $result: 'c0.items' } }],
      'forEach: "c0.items" is no id; name "c0" with "path": "/items"',
    ],
    [[call, { ...call, dependsOn: 'c0[1]' }], 'dependsOn: "c0[1]" is no id; name "c0"'],
    [[call, of('c9[1]')], 'there is no call "c9[1]"'],
    [
      [call, { ...of('c7'), timeoutMs: 0 }],
      'invalid_arguments: timeoutMs: 0 is not a whole number above 0; $result at /path: there',
    ],
    [
      [call, { ...of('c8'), dependsOn: ['c8', 'c8'] }],
      'invalid_reference: dependsOn: there is no call "c8"; did you mean c0?',
    ],
  ])('%j is told what is wrong', (calls, expected) => {
    expect(problemOf(...calls)).toContain(expected);
  });

  test('a call that names a later one is told to stand behind it, and its neighbours stay', () => {
    const { calls } = requestOf([of('c2'), call, call]);
    expect(calls.map(({ problem }) => problem?.message)).toEqual([
      '$result at /path: "c2" stands later in the batch; put it before this call',
      undefined,
      undefined,
    ]);
    expect(calls[0]).toMatchObject({ isOpen: false, arguments: {}, problem: { code: 'invalid_reference' } });
  });

  test('of many wrong names five are said', () => {
    const list = Array.from({ length: 40 }, (_, index) => ({ $result: `nobody${index}` }));
    const message = problemOf(call, { ...call, arguments: { list } });
    expect(message.match(/there is no call/g)).toHaveLength(5);
    expect(message).toMatch(/and 35 more$/);
  });

  test('a thousand calls with wrong names take no noticeable time', () => {
    const list = Array.from({ length: 50 }, (_, index) => ({ $result: `x${index}` }));
    const startedMs = cpuMs();
    requestOf(
      Array.from({ length: 1_000 }, () => ({ ...call, arguments: { list } })),
      { maxCalls: 1_000 },
    );
    expect(cpuMs() - startedMs).toBeLessThan(2_000);
  });
});

describe('whatever is sent', () => {
  test('parsing never throws, and an accepted batch has one call at each index, with ids of its own', () => {
    const almostCall = fc.record(
      {
        tool: fc.oneof(fc.string(), fc.jsonValue()),
        arguments: fc.oneof(fc.jsonValue(), fc.json(), fc.string()),
        id: fc.oneof(fc.constantFrom('c0', 'c1', 'c2', 'a'), fc.jsonValue()),
        timeoutMs: fc.oneof(fc.nat(), fc.jsonValue()),
        dependsOn: fc.oneof(fc.array(fc.constantFrom('c0', 'c1', 'a')), fc.jsonValue()),
        forEach: fc.oneof(fc.record({ $result: fc.constantFrom('c0', 'a') }), fc.jsonValue()),
        select: fc.jsonValue(),
        function: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const input = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.oneof(almostCall, fc.jsonValue())),
      fc.record({ calls: fc.array(almostCall) }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(input, (given) => {
        const parsed = parseBatch(given, settings);
        expect(parsed.ok ? 1 : parsed.problems.length).toBeGreaterThan(0);
        if (!parsed.ok) return;
        accepted += 1;
        const { calls } = parsed.request;
        const entries: unknown[] = Array.isArray(given) ? given : isJsonObject(given) ? [given['calls']].flat() : [];
        expect(calls.map(({ index }) => index)).toEqual(entries.map((_, index) => index));
        expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
        for (const one of calls) {
          expect(one.tool !== '' || one.problem !== undefined).toBe(true);
          for (const { index } of one.needs) expect(index).toBeLessThan(one.index);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});
