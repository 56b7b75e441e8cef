import { describe, expect, test } from 'vitest';
import { parseCall } from '../../../src/batch/request/parse-call.ts';

function problemOf(entry: unknown): string {
  const { problem } = parseCall(entry);
  return problem ? `${problem.code}: ${problem.message}` : 'none';
}

function nested(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level += 1) value = { a: value };
  return value;
}

describe('any spelling that models use is a call', () => {
  const expected = { tool: 'github__get_issue', arguments: { number: 7 } };

  test.each([
    [{ tool: 'github__get_issue', arguments: { number: 7 } }],
    [{ tool: 'github__get_issue', arguments: '{"number":7}' }],
    [{ name: 'github__get_issue', args: { number: 7 } }],
    [{ name: 'github__get_issue', parameters: { number: 7 } }],
    [{ type: 'tool_use', name: 'github__get_issue', input: { number: 7 } }],
    [{ function: { name: 'github__get_issue', arguments: '{"number":7}' } }],
    [{ type: 'function', function: { name: 'github__get_issue', arguments: { number: 7 } } }],
  ])('%j', (entry) => {
    expect(parseCall(entry)).toEqual(expected);
  });

  test('a call without arguments has none', () => {
    expect(parseCall({ tool: 'x__y' })).toEqual({ tool: 'x__y', arguments: {} });
  });

  test('its id and limits are kept', () => {
    expect(parseCall({ tool: 'x__y', id: 'a-1', timeoutMs: 5, maxChars: 7 })).toEqual({
      tool: 'x__y',
      arguments: {},
      givenId: 'a-1',
      timeoutMs: 5,
      maxChars: 7,
    });
  });

  test('a key called __proto__ is a key like any other', () => {
    const { arguments: args, problem } = parseCall(
      JSON.parse('{"tool":"x__y","arguments":{"__proto__":{"admin":true}}}'),
    );
    expect(problem).toBeUndefined();
    expect(Object.hasOwn(args, '__proto__')).toBe(true);
    expect('admin' in args).toBe(false);
    expect(Object.hasOwn(parseCall({ tool: 'x', arguments: '{"__proto__":1}' }).arguments, '__proto__')).toBe(true);
  });
});

describe('a broken call is not run, and says why', () => {
  test.each([
    [7, 'invalid_arguments: 7 is not a call; write { "tool": …, "arguments": { … } }'],
    [[], 'invalid_arguments: an array is not a call; write { "tool": …, "arguments": { … } }'],
    [{}, 'invalid_arguments: no tool; write "tool": "server__tool"'],
    [{ tool: '' }, 'invalid_arguments: tool: "" is not the name of a tool'],
    [{ tool: 5 }, 'invalid_arguments: tool: 5 is not the name of a tool'],
    [{ tool: 'a', name: 'b' }, 'invalid_arguments: the tool is named twice, as "tool" and as "name"; keep "tool"'],
    [{ tool: 'a', args: {}, input: {} }, 'invalid_arguments: arguments are given twice, as "args" and "input"'],
    [
      { tool: 'a', arguments: [1] },
      'invalid_arguments: arguments: found an array; write an object such as { "path": "notes.md" }, or leave it out for {}',
    ],
    [
      { tool: 'a', id: '1' },
      'invalid_arguments: id: "1" is not an id; write a letter, then letters, digits, _ or -, at most 64 in all',
    ],
    [{ tool: 'a', timeoutMs: 0 }, 'invalid_arguments: timeoutMs: 0 is not a whole number above 0'],
    [{ tool: 'a', timeoutMs: '5' }, 'invalid_arguments: timeoutMs: "5" is not a whole number above 0'],
    [{ tool: 'a', timeout: 5 }, 'invalid_arguments: "timeout" is not a field here; write "timeoutMs"'],
    [{ tool: 'a', argumnets: {} }, 'invalid_arguments: "argumnets" is not a field here; write "arguments"'],
    [
      { tool: 'a', colour: 'red' },
      'invalid_arguments: "colour" is not a field here; there are tool, arguments, id, timeoutMs, maxChars',
    ],
    [
      { tool: 'a', server: 'files' },
      'invalid_arguments: "server" is not a field here; put it before the tool\'s name: "server__tool"',
    ],
  ])('%j', (entry, expected) => {
    expect(problemOf(entry)).toBe(expected);
  });

  test.each(['{"path":', '', '[1]', 'null', '"x"', 'path=a'])('arguments as the string %j never become {}', (args) => {
    expect(problemOf({ tool: 'a', arguments: args })).toContain('a string that does not hold a JSON object');
  });

  test('all that is wrong with it is said at once', () => {
    expect(problemOf({ arguments: [], id: 1, timeoutMs: -1 }).split('; ').length).toBeGreaterThanOrEqual(4);
  });

  test.each(['batch_call', 'batch_read', 'mcp__marshal__batch_call', 'marshal/batch_read'])(
    '%s inside a batch',
    (tool) => {
      expect(problemOf({ tool })).toContain('a batch cannot hold a batch');
    },
  );

  test('a tool of another server that is called like ours is a tool', () => {
    expect(problemOf({ tool: 'other__batch_call' })).toBe('none');
  });
});

describe('what a later version brings is refused, not sent upstream', () => {
  test.each(['dependsOn', 'forEach', 'select'])('%s', (field) => {
    expect(problemOf({ tool: 'a', [field]: ['c0'] })).toContain(`"${field}" arrives with a later version`);
  });

  test.each(['$result', '$concat', '$item', '$literal'])('{ "%s": … } anywhere in the arguments', (key) => {
    expect(problemOf({ tool: 'a', arguments: { [key]: 'c0' } })).toMatch(
      /^invalid_reference: .* at the top of the arguments/,
    );
    expect(problemOf({ tool: 'a', arguments: { list: [1, { deep: { [key]: 'c0' } }] } })).toMatch(
      /^invalid_reference: .* at \/list\/1\/deep: references between calls arrive with a later version/,
    );
  });

  test('the same words as values are just words', () => {
    expect(problemOf({ tool: 'a', arguments: { text: '$result' } })).toBe('none');
  });
});

describe('arguments are bounded', () => {
  test('64 levels pass, 65 do not', () => {
    expect(problemOf({ tool: 'a', arguments: nested(64) })).toBe('none');
    expect(problemOf({ tool: 'a', arguments: nested(65) })).toMatch(/^limit_exceeded: .*64 levels/);
  });

  test('200,000 levels end neither in a stack overflow nor upstream', () => {
    expect(problemOf({ tool: 'a', arguments: nested(200_000) })).toMatch(/^limit_exceeded/);
    const text = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(problemOf({ tool: 'a', arguments: text })).toMatch(/^limit_exceeded/);
  });

  test('a million characters pass, a few more do not, object or string', () => {
    expect(problemOf({ tool: 'a', arguments: { content: 'x'.repeat(999_000) } })).toBe('none');
    expect(problemOf({ tool: 'a', arguments: { content: 'x'.repeat(1_000_001) } })).toMatch(
      /^limit_exceeded: .*1,000,000/,
    );
    expect(problemOf({ tool: 'a', arguments: `{"content":"${'x'.repeat(1_000_001)}"}` })).toMatch(/^limit_exceeded/);
  });
});
