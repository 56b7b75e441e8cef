import { describe, expect, test } from 'vitest';
import { requestOf } from '../tiny-catalog.ts';

const first = { tool: 'files__read_text_file', arguments: { path: 'a' } };

/** What is said of the arguments of a call that stands behind others, the first of which is `c0`. */
function problemOf(args: object, more: object = {}): string {
  const { calls } = requestOf([first, { ...first, id: 'list' }, { tool: 'x__y', arguments: args, ...more }]);
  const { problem } = calls[2]!;
  return problem === undefined ? 'none' : `${problem.code}: ${problem.message}`;
}

const problemOfElement = (args: object): string =>
  problemOf({ used: { $item: '' }, ...args }, { forEach: { $result: 'c0' } });

function warningsOf(...calls: object[]): readonly string[] {
  return requestOf([first, ...calls]).warnings;
}

const literal = '{ "$literal": … } around it if that is meant';

describe('a template where a reference was meant is not sent', () => {
  test.each([
    ['{{c0.items[0].path}}', '{ "$result": "c0", "path": "/items/0/path" }'],
    ['{{ c0.items.0.path }}', '{ "$result": "c0", "path": "/items/0/path" }'],
    [' {{c0}} ', '{ "$result": "c0" }'],
    ['{{$c0.a}}', '{ "$result": "c0", "path": "/a" }'],
    ['${{ c0.a }}', '{ "$result": "c0", "path": "/a" }'],
    ['{{c0.names | first}}', '{ "$result": "c0", "path": "/names" }'],
    ['{{results.c0.a}}', '{ "$result": "c0", "path": "/a" }'],
    ['${c0}', '{ "$result": "c0" }'],
    ['${c0["a"][*].b}', '{ "$result": "c0", "path": "/a/*/b" }'],
    ['$c0.path', '{ "$result": "c0", "path": "/path" }'],
    ['$list', '{ "$result": "list" }'],
    ['$result.list.items.0.path', '{ "$result": "list", "path": "/items/0/path" }'],
    ['$result["c0"].a', '{ "$result": "c0", "path": "/a" }'],
    ['$result[0].a', '{ "$result": "ID of an earlier call", "path": "/…" }'],
    ['{{$result.nobody.a}}', '{ "$result": "ID of an earlier call", "path": "/…" }'],
  ])('%s', (text, meant) => {
    expect(problemOf({ path: text })).toBe(
      `invalid_reference: /path: ${JSON.stringify(text)} is no reference and would be sent as it stands; write ${meant}, or ${literal}`,
    );
    expect(problemOf({ deep: [{ path: text }] })).toContain('/deep/0/path: ');
    expect(problemOf({ path: { $concat: ['a', text] } })).toContain('/path/$concat/1: ');
    expect(problemOf({ path: { $literal: text } })).toBe('none');
    expect(problemOf({ path: { $concat: ['a', { $literal: text }] } })).toBe('none');
    expect(problemOf({ path: { $result: 'c0', default: text } })).toBe('none');
  });

  test.each([
    ['$item', '{ "$item": "" }'],
    ['$item.path', '{ "$item": "/path" }'],
    ['$item[0]', '{ "$item": "/0" }'],
    ['{{item}}', '{ "$item": "" }'],
    ['{{$item.a.b}}', '{ "$item": "/a/b" }'],
    ['${item.path}', '{ "$item": "/path" }'],
  ])('%s in a call with forEach', (text, meant) => {
    expect(problemOfElement({ key: text })).toContain(`invalid_reference: /key: ${JSON.stringify(text)}`);
    expect(problemOfElement({ key: text })).toContain(`write ${meant}, or ${literal}`);
    expect(problemOf({ key: text })).toBe('none');
    // What is wrong is said once, and not that there is no $item as well.
    expect(problemOf({ key: text }, { forEach: { $result: 'c0' } })).toBe(problemOfElement({ key: text }));
  });

  test.each<[object, string]>([
    [{ $results: 'c0' }, '"$results" is no reference and would be sent as it stands; write { "$result": "c0" }'],
    [{ $Result: 'c0.items' }, 'write { "$result": "c0", "path": "/items" }'],
    [{ $result_: 'nobody' }, 'write "$result" for its key'],
    [{ $results: 'c0', path: '/a' }, 'write "$result" for its key'],
    [{ $ref: 'c0' }, '"$ref" is no reference and would be sent as it stands; write { "$result": "c0" }'],
    [{ $conct: ['a', 'b'] }, 'write "$concat" for its key'],
    [{ $litral: 5 }, 'write "$literal" for its key'],
  ])('%j', (object, expected) => {
    expect(problemOf({ path: object })).toContain(`invalid_reference: /path: `);
    expect(problemOf({ path: object })).toContain(`${expected}, or ${literal}`);
    expect(problemOf({ path: { $literal: object } })).toBe('none');
  });

  test('{ "$items": … } in a call with forEach', () => {
    expect(problemOfElement({ key: { $items: '/a' } })).toContain('write "$item" for its key');
    expect(problemOfElement({ key: { $itm: '' } })).toContain('write "$item" for its key');
  });

  test('all of them are said at once, with what else is wrong, but not thousands', () => {
    const message = problemOf({ a: '$c0', b: { $result: 'c7' }, c: '{{c0}}' });
    expect(message).toContain('/a: "$c0"');
    expect(message).toContain('there is no call "c7"');
    expect(message).toContain('/c: "{{c0}}"');
    expect(problemOf({ list: Array.from({ length: 5_000 }, () => '$c0') }).length).toBeLessThan(1_000);
  });
});

describe('what may mean itself is sent as it is', () => {
  test.each<unknown>([
    '{{c9.items}}',
    '${HOME}/notes',
    '$HOME',
    '$c0x',
    '$c0 each',
    'c0.items',
    'c0',
    '$5.00',
    '$result',
    'the $result.a of it',
    '{{user.name}}',
    '${item}',
    '{{{{',
    '${}',
    `{{c0.${'a'.repeat(200)}}}`,
    '{{c0.a}}\n',
    { $ref: '#/$defs/a' },
    { $ref: 'c9' },
    { $lte: 5 },
    { $gte: '' },
    { $set: { a: 1 } },
    { $count: 'all' },
    { $cond: ['a', 'b', 'c'] },
    { $in: ['a'] },
    { $schema: 'x', $id: 'y' },
    { $results: 5 },
    { $results: 'c0', title: 'x' },
    { $concatArrays: [['a']] },
    { $type: 'string' },
    { result: 'c0' },
  ])('%j', (value) => {
    expect(problemOf({ value })).toBe('none');
  });

  test.each<unknown>([
    'for (const item of items) console.log(`${item}`);',
    '${item} ',
    ' $item',
    '$items',
    '$item of the list',
    '{{ item }}',
    `\${item.${'a'.repeat(200)}}`,
    { $lte: 5 },
    { $gte: 'a' },
    { $term: 'x' },
  ])('%j beside an $item', (value) => {
    expect(problemOfElement({ value })).toBe('none');
  });

  test('a call that stands later, or is the one itself, is not meant', () => {
    const { calls } = requestOf([{ tool: 'x__y', arguments: { a: '{{c0}}', b: '{{c1.x}}' } }, first]);
    expect(calls[0]).not.toHaveProperty('problem');
    expect(calls[0]).toMatchObject({ arguments: { a: '{{c0}}', b: '{{c1.x}}' }, isOpen: false });
  });
});

describe('a template inside a longer text is sent, with a warning', () => {
  const write = (content: unknown, more = {}): object => ({
    tool: 'files__write_file',
    arguments: { path: 'b', content },
    ...more,
  });

  test('that says what to write', () => {
    expect(warningsOf(write('Title: {{c0.title}}\nby ${c0.author}'))).toEqual([
      'c1: /content holds "{{c0.title}}", sent as it stands; if a value was meant, write { "$concat": ["…", { "$result": "c0", "path": "/title" }, "…"] }',
    ]);
    expect(requestOf([first, write('{{c0.title}}!')]).calls[1]).not.toHaveProperty('problem');
  });

  test.each<[object, boolean]>([
    [write({ $concat: ['# {{c0.title}}\n', { $result: 'c0' }] }), true],
    [write('{{ c0.a }} and {{ c0.b }}'), true],
    [write(`${'x'.repeat(100_000)}{{c0}}`), true],
    [write('no {{user}} of ours, and ${none}, and $c0'), false],
    [write({ $literal: 'a {{c0.title}}' }), false],
    [write({ $concat: [{ $item: '' }, ': {{item.title}}'] }, { forEach: { $result: 'c0' } }), true],
    [write({ $concat: [{ $item: '' }, '`${item}`\n`${item}`'] }, { forEach: { $result: 'c0' } }), false],
    [write('a {{item.title}}'), false],
  ])('%j: %s', (call, expected) => {
    expect(warningsOf(call)).toHaveLength(expected ? 1 : 0);
  });

  test('three times in a batch at most', () => {
    expect(warningsOf(...Array.from({ length: 9 }, () => write('a {{c0}}')))).toHaveLength(3);
  });

  test('a call that is not sent has none', () => {
    expect(warningsOf(write('a {{c0}}', { timeoutMs: 0 }))).toEqual([]);
  });
});

describe('forEach without its element', () => {
  const each = { forEach: { $result: 'c0' } };
  const expected =
    'invalid_reference: forEach: nothing in the arguments uses { "$item": … }, so every element would be the same call; write { "$item": "" } for the element, { "$item": "/name" } for a field of it, or leave out forEach';

  test.each<object>([
    {},
    { key: 'a' },
    { key: { $literal: { $item: '' } } },
    { key: { $result: 'list' } },
    { key: '{{other}}' },
  ])('is not run over %j', (args) => {
    expect(problemOf(args, each)).toBe(expected);
  });

  test.each<object>([
    { key: { $item: '' } },
    { key: { $concat: ['a', { $concat: [{ $item: '/a' }] }] } },
    { $item: '' },
  ])('is run over %j', (args) => {
    expect(problemOf(args, each)).toBe('none');
  });

  test('is not complained of where the arguments cannot be read at all', () => {
    expect(problemOf([1], each)).not.toContain('$item');
  });
});
