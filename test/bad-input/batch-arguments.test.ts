import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../src/batch/plan/argument-validator.ts';
import { createPrepare } from '../../src/batch/plan/create-prepare.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { CallError, ErrorCode } from '../../src/core/outcome.ts';
import { unmetDependency } from '../../src/core/plan.ts';
import { callAt, catalog, errorAt, ok, planOf, refusalOf, requestOf, servers, text } from '../batch/tiny-catalog.ts';

const time = { tool: 'files__get_time' };
const issue = (args: unknown): object => ({ tool: 'github__get_issue', arguments: args });
const label = (args: JsonObject): object => ({ tool: 'github__label_write', arguments: args });
const read = (path: JsonValue): object => ({ tool: 'files__read_text_file', arguments: { path } });
const nested = (levels: number): JsonValue => (levels === 0 ? 1 : [nested(levels - 1)]);
const from = (id: string, path = ''): JsonObject => ({ $result: id, path });

describe('an envelope that is broken is refused whole, with every mend at once', () => {
  test.each<[what: string, batch: unknown, key: string, says: string]>([
    ['no calls', {}, 'calls', 'missing; write an array of'],
    ['an empty list of calls', { calls: [] }, 'calls', 'there are no calls; give at least one'],
    ['calls that are a text', { calls: 'all' }, 'calls', 'write'],
    ['no object at all', 5, '', 'write'],
    [
      'too many calls',
      { calls: Array.from({ length: 101 }, () => time) },
      'calls',
      '101 calls, and one batch takes at most 100; send them in 2 batches',
    ],
    ['a number out of range', { calls: [time], deadlineMs: 0 }, 'deadlineMs', '0 is not a whole number above 0'],
    ['a number as text', { calls: [time], maxParallel: '2' }, 'maxParallel', '"2" is not a whole number above 0'],
    ['a number that is none', { calls: [time], maxChars: Number.NaN }, 'maxChars', 'NaN is not a whole number above 0'],
    ['a word that is none', { calls: [time], onError: 'halt' }, 'onError', '"halt" is not one of "continue", "stop"'],
    ['an unknown field', { calls: [time], onEror: 'stop' }, '', 'write "onError"'],
    [
      'an id twice',
      {
        calls: [
          { ...time, id: 'a' },
          { ...time, id: 'a' },
        ],
      },
      'calls[1]',
      'give each call its own',
    ],
  ])('%s', (_, batch, key, says) => {
    const { lines } = refusalOf(batch);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(says);
    expect(lines[0]).toContain(key);
  });
});

describe('a call that is broken is told what is wrong and how to mend it, and the others run', () => {
  test.each<[what: string, call: unknown, code: ErrorCode, says: string[]]>([
    ['no call', 5, 'invalid_arguments', ['5 is not a call', 'write { "tool"']],
    ['no tool', { arguments: {} }, 'invalid_arguments', ['no tool', 'write "tool"']],
    ['a tool that is a number', { tool: 5 }, 'invalid_arguments', ['5 is not the name of a tool']],
    [
      'a near-miss name',
      { tool: 'github__get_isue' },
      'unknown_tool',
      ['there is no such tool', 'did you mean github__get_issue'],
    ],
    ['a name of two tools', { tool: 'search' }, 'ambiguous_tool', ['files__search', 'github__search']],
    [
      'a batch in a batch',
      { tool: 'batch_call', arguments: { calls: [] } },
      'invalid_arguments',
      ['a batch cannot hold a batch', 'beside this one'],
    ],
    [
      'the same behind a prefix of a client',
      { tool: 'mcp__marshal__batch_read' },
      'invalid_arguments',
      ['a batch cannot hold a batch'],
    ],
    ['arguments that are a list', issue([1]), 'invalid_arguments', ['an array', 'write an object']],
    [
      'arguments that are broken JSON',
      issue('{"number":'),
      'invalid_arguments',
      ['does not hold a JSON object', 'write an object such as'],
    ],
    [
      'arguments that are JSON of no object',
      issue('[1]'),
      'invalid_arguments',
      ['does not hold a JSON object', 'write an object such as'],
    ],
    ['a missing argument', issue({}), 'invalid_arguments', ['missing "number"', 'arguments: (number: number)']],
    ['an argument of another type', issue({ number: 'x' }), 'invalid_arguments', ['/number must be integer']],
    [
      'a value that is none of the list',
      label({ method: 'drop' }),
      'invalid_arguments',
      ['/method must be one of "create", "delete"'],
    ],
    ['an argument too many', issue({ number: 1, nmber: 2 }), 'invalid_arguments', ['"nmber" is not an argument']],
    [
      'seven mistakes',
      issue({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }),
      'invalid_arguments',
      ['missing "number"', 'and 2 more'],
    ],
    [
      'a field nearly right',
      { ...time, timeoutMS: 5 },
      'invalid_arguments',
      ['"timeoutMS" is not a field here', 'write "timeoutMs"'],
    ],
    [
      'a field that is none',
      { ...time, colour: 5 },
      'invalid_arguments',
      ['"colour" is not a field here', 'there are'],
    ],
    ['65 levels', read(nested(65)), 'limit_exceeded', ['deeper than 64 levels', 'flatten them']],
    [
      'a million characters',
      read('x'.repeat(1_000_001)),
      'limit_exceeded',
      ['1,000,000 characters', 'send the content in parts'],
    ],
    [
      'a limit of time below 1',
      { ...time, timeoutMs: 0 },
      'invalid_arguments',
      ['timeoutMs: 0 is not a whole number above 0'],
    ],
    [
      'a limit that is infinite',
      { ...time, maxChars: Infinity },
      'invalid_arguments',
      ['maxChars: Infinity is not a whole number above 0'],
    ],
    ['an id of another form', { ...time, id: '1 a' }, 'invalid_arguments', ['"1 a" is not an id', 'write a letter']],
    [
      'a reference forward',
      read({ $result: 'last' }),
      'invalid_reference',
      ['"last" stands later in the batch', 'put it before this call'],
    ],
    [
      'a reference to itself',
      { ...read({ $result: 'me' }), id: 'me' },
      'invalid_reference',
      ['is this call itself', 'name an earlier one'],
    ],
    [
      'a reference to nowhere',
      read({ $result: 'frist' }),
      'invalid_reference',
      ['there is no call "frist"', 'did you mean first?'],
    ],
    [
      'a reference with a path that is none',
      read(from('first', 'a')),
      'invalid_reference',
      ['must begin with "/"', 'write "/a"'],
    ],
    [
      'a dependency on nothing',
      { ...time, dependsOn: ['frist'] },
      'invalid_reference',
      ['there is no call "frist"', 'did you mean first?'],
    ],
  ])('%s', (_, call, code, says) => {
    const plan = planOf({ calls: [{ ...time, id: 'first' }, call, { ...time, id: 'last' }] });
    const error = errorAt(plan, 1);
    expect(error.code).toBe(code);
    for (const words of says) expect(error.message).toContain(words);
    expect(error.message.length).toBeLessThan(1_000);
    expect([callAt(plan, 0).id, callAt(plan, 2).id]).toEqual(['first', 'last']);
  });

  test('"__proto__" and "constructor" among the arguments are data like any other', () => {
    const args = JSON.parse('{ "path": "a", "__proto__": { "polluted": 1 } }');
    const { message } = errorAt(planOf({ calls: [{ tool: 'files__read_text_file', arguments: args }] }), 0);
    expect(message).toContain('"__proto__" is not an argument');
    expect({}).not.toHaveProperty('polluted');
  });

  const prepareFrom = (path: string, value: JsonValue): CallError | undefined => {
    const calls = [{ ...time, id: 'first' }, read(from('first', path))];
    const request = requestOf(calls);
    const plan = planOf({ calls });
    const bag = { request, catalog, servers, validate: createArgumentValidator(), readOnly: false };
    const prepare = createPrepare({ ...bag, entries: plan.entries });
    const prepared = prepare(callAt(plan, 1), [ok(text(JSON.stringify(value)))]);
    return prepared.kind === 'settled' ? prepared.outcome.error : undefined;
  };

  test.each<[what: string, path: string, says: string[]]>([
    ["out of an array's bounds", '/items/9', ['/items', '2 elements']],
    ['to a name that is not there', '/itens', ['items']],
  ])('a reference %s says what is there', (_, path, says) => {
    const error = prepareFrom(path, { items: ['a', 'b'] });
    expect(error?.code).toBe('invalid_reference');
    for (const words of says) expect(error?.message).toContain(words);
    expect(prepareFrom('/items/1', { items: ['a', 'b'] })).toBeUndefined();
  });

  test('a reference to a failed call is not run, and says which failed', () => {
    expect(unmetDependency('ok', { id: 'first', status: 'failed' })).toMatchObject({
      code: 'dependency_failed',
      message: 'not run: it depends on first, which is failed',
      by: 'first',
    });
  });
});
