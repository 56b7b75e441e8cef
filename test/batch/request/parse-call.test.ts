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

const closed = { isOpen: false, holes: [], dependsOn: [], references: [], suspects: [] };

describe('any spelling that models use is a call', () => {
  const expected = { tool: 'github__get_issue', arguments: { number: 7 }, ...closed };

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
    expect(parseCall({ tool: 'x__y' })).toEqual({ tool: 'x__y', arguments: {}, ...closed });
  });

  test('its id and limits are kept', () => {
    expect(parseCall({ tool: 'x__y', id: 'a-1', timeoutMs: 5, maxChars: 7 })).toEqual({
      tool: 'x__y',
      arguments: {},
      ...closed,
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
      'invalid_arguments: "colour" is not a field here; there are tool, arguments, id, dependsOn, forEach, select, timeoutMs, maxChars',
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

describe('what a call waits for', () => {
  test.each<[unknown, object[]]>([
    [
      ['c0', 'b'],
      [
        { id: 'c0', when: 'ok' },
        { id: 'b', when: 'ok' },
      ],
    ],
    ['c0', [{ id: 'c0', when: 'ok' }]],
    [{ id: 'c0', when: 'error' }, [{ id: 'c0', when: 'error' }]],
    [[{ id: 'c0' }, 'c0'], [{ id: 'c0', when: 'ok' }]],
    [[], []],
  ])('dependsOn: %j', (dependsOn, expected) => {
    expect(parseCall({ tool: 'a', dependsOn }).dependsOn).toEqual(expected);
    expect(problemOf({ tool: 'a', dependsOn })).toBe('none');
  });

  test.each([
    [7, 'dependsOn: found 7; write the id of an earlier call, or { "id": …, "when": … }'],
    [['c0', {}], 'dependsOn: found an object without an id; write'],
    [[{ id: 'c0', when: 'failed' }], 'dependsOn "c0": when: "failed" is not one of "ok", "settled", "error"'],
    [[{ id: 'c0', whem: 'ok' }], 'dependsOn "c0": "whem" is not a field here; write "when"'],
    [['c0', { id: 'c0', when: 'error' }], 'dependsOn: "c0" is there twice, with when "ok" and "error"; keep one'],
  ])('dependsOn: %j is no such thing', (dependsOn, expected) => {
    expect(problemOf({ tool: 'a', dependsOn })).toContain(`invalid_arguments: ${expected}`);
  });
});

describe('values of earlier results', () => {
  test('leave the call open, its arguments as they were written and the place of each known', () => {
    const args = { path: { $result: 'c0', path: '/a' }, list: [{ $concat: ['x', { $result: 'b' }] }], n: 1 };
    expect(parseCall({ tool: 'a', arguments: args })).toEqual({
      tool: 'a',
      arguments: args,
      isOpen: true,
      holes: ['/path', '/list/0'],
      dependsOn: [],
      references: [
        { at: '$result at /path', id: 'c0', pointer: ['a'] },
        { at: '$result at /list/0', id: 'b', pointer: [] },
      ],
      suspects: [],
    });
  });

  test('a constant beside a hole is filled at once, unless it would then be taken for a reference', () => {
    const args = {
      a: { $literal: { $result: 'c0' } },
      b: { $result: 'c1' },
      c: [{ $concat: ['x-', 7] }, { $literal: { n: 1 } }, { $concat: [{ $result: 'c1' }] }],
      ['__proto__']: { $literal: '$item' },
    };
    const { arguments: settled, holes } = parseCall({ tool: 'a', arguments: args });
    expect(settled).toEqual({
      a: args.a,
      b: args.b,
      c: ['x-7', { n: 1 }, args.c[2]],
      ['__proto__']: '$item',
    });
    expect(Object.hasOwn(settled, '__proto__')).toBe(true);
    expect(holes).toEqual(['/a', '/b', '/c/2']);
  });

  test('constants alone are filled at once, whatever stands in them', () => {
    const args = { a: { $literal: { $result: 'c0' } }, b: { $concat: ['x-', 7] } };
    expect(parseCall({ tool: 'a', arguments: args })).toEqual({
      tool: 'a',
      arguments: { a: { $result: 'c0' }, b: 'x-7' },
      ...closed,
    });
  });

  test('forEach makes a call open, and $item belongs there only', () => {
    const forEach = { $result: 'c0', path: '/items' };
    expect(parseCall({ tool: 'a', arguments: { id: { $item: '/id' } }, forEach })).toMatchObject({
      isOpen: true,
      holes: ['/id'],
      forEach: { id: 'c0', pointer: ['items'] },
      references: [{ at: 'forEach', id: 'c0', pointer: ['items'] }],
      usesItem: true,
    });
    expect(parseCall({ tool: 'a', forEach })).toMatchObject({ isOpen: true, holes: [], usesItem: false });
    expect(problemOf({ tool: 'a', arguments: { id: { $item: '/id' } } })).toBe(
      'invalid_reference: $item at /id: only a call with forEach has items',
    );
  });

  test('$param is for those who can fill it', () => {
    const entry = { tool: 'a', arguments: { repo: { $param: '/repo' } } };
    expect(problemOf(entry)).toBe('invalid_reference: $param at /repo: only a recipe has parameters');
    expect(parseCall(entry, { params: true })).toMatchObject({
      isOpen: true,
      holes: ['/repo'],
      arguments: entry.arguments,
    });
  });

  test('select names what the reply is to carry', () => {
    expect(parseCall({ tool: 'a', select: { title: '/title' } }).select).toEqual([
      { name: 'title', pointer: ['title'] },
    ]);
    expect(problemOf({ tool: 'a', select: ['title'] })).toContain('invalid_arguments: select: found an array');
    expect(problemOf({ tool: 'a', select: { title: 'title' } })).toContain(
      'select: "title": "title" must begin with "/"',
    );
  });

  test.each([
    [{ forEach: ['a'] }, 'invalid_arguments: forEach: found an array; write { "$result": "c0", "path": "/items" }'],
    [{ forEach: { $result: 5 } }, 'invalid_reference: forEach: $result: found 5'],
    [
      { arguments: { a: { $result: 'c0', path: 'b' } } },
      'invalid_reference: $result at /a: path: "b" must begin with "/"',
    ],
    [{ arguments: { a: { $result: 'c0', of: 1 } } }, 'write { "$literal": … } around it'],
    [{ arguments: { a: { $concat: [null] } } }, 'invalid_reference: $concat at /a: part /0 is null'],
    [{ arguments: { $literal: [1] } }, 'invalid_reference: the arguments would be an array of 1 element'],
  ])('%j is refused', (more, expected) => {
    expect(problemOf({ tool: 'a', ...more })).toContain(expected);
  });

  test('problems of form and of references are said at once', () => {
    expect(problemOf({ tool: 'a', timeoutMs: 0, arguments: { a: { $item: '' }, b: { $concat: 1 } } })).toMatch(
      /^invalid_arguments: timeoutMs: .*; \$item at \/a: .*; \$concat at \/b: /,
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

  test('a default of any depth is bounded as well', () => {
    const forEach = { $result: 'c0', default: nested(200_000) };
    expect(problemOf({ tool: 'a', forEach })).toMatch(/^limit_exceeded/);
  });

  test('a million characters pass, a few more do not, object or string', () => {
    expect(problemOf({ tool: 'a', arguments: { content: 'x'.repeat(999_000) } })).toBe('none');
    expect(problemOf({ tool: 'a', arguments: { content: 'x'.repeat(1_000_001) } })).toMatch(
      /^limit_exceeded: .*1,000,000/,
    );
    expect(problemOf({ tool: 'a', arguments: `{"content":"${'x'.repeat(1_000_001)}"}` })).toMatch(/^limit_exceeded/);
  });
});
