import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePointer } from '../../../src/batch/references/json-pointer.ts';
import type { View } from '../../../src/batch/references/reference.ts';
import { viewResult } from '../../../src/batch/references/view-result.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { filesResult, listing, nodes, textResult, tree } from './results.ts';

function view(result: JsonObject, bag: { view?: View; path?: string; empty?: string[] } = {}): unknown {
  const parsed = parsePointer(bag.path ?? '');
  if (!parsed.ok) throw new Error(parsed.reason);
  const read = viewResult(result, bag.view, { ...parsed, empty: bag.empty });
  return read.ok ? read.value : read.reason;
}

const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
const noJson = 'no JSON object or array in its text; use view "text" or "lines"';

describe('without a view a result is the most that is in it', () => {
  test('structured content, where it says more than the text', () => {
    expect(view(nodes)).toEqual(nodes['structuredContent']);
    expect(view(nodes, { path: '/entities/*/name' })).toEqual(['Ada', 'Engine']);
    expect(view(nodes, { path: '/content' })).toBe('no "/content"; there are "entities", "relations" at the top');
  });

  test('JSON in the text, where it is an object or an array', () => {
    expect(view(textResult('{"number":42}'))).toEqual({ number: 42 });
    expect(view(textResult(' [1, 2]\n'), { path: '/1' })).toBe(2);
    expect(view(textResult('[1,', '2]'))).toEqual([1, 2]);
  });

  test('else the text', () => {
    expect(view(textResult('42'))).toBe('42');
    expect(view(textResult('one', 'two'))).toBe('one\ntwo');
    expect(view(textResult('{"number":42}', 'and 2 more'))).toBe('{"number":42}\nand 2 more');
    expect(view(textResult('one'), { path: '/0' })).toBe(
      'no "/0"; the value is a text that holds no JSON object or array; leave out path for the whole text, or use view "lines"',
    );
  });

  test('a field that a server leaves empty is not there', () => {
    expect(view({ ...textResult('one'), structuredContent: null })).toBe('one');
  });
});

describe('structured content that only wraps the text is read as the text that replies show', () => {
  test('a text with lines is that text', () => {
    expect(view(listing)).toBe('[DIR] docs\n[FILE] notes.md\n\n[FILE] plan.md');
    expect(view(filesResult('42'))).toBe('42');
  });

  test('a text that is JSON is JSON', () => {
    expect(view(tree, { path: '/*/name' })).toEqual(['docs', 'notes.md']);
    expect(view(tree, { view: 'json', path: '/0/children/0/name' })).toBe('a.md');
    expect(view(tree, { view: 'json' })).toHaveLength(2);
  });

  test('a path may start in the wrapper as well', () => {
    expect(view(tree, { path: '/content/1/name' })).toBe('notes.md');
    expect(view(listing, { path: '/content' })).toBe('[DIR] docs\n[FILE] notes.md\n\n[FILE] plan.md');
  });

  test('under json, a text that is none leaves the structured content', () => {
    expect(view(listing, { view: 'json' })).toEqual({ content: '[DIR] docs\n[FILE] notes.md\n\n[FILE] plan.md' });
    expect(view(listing, { view: 'json', path: '/0' })).toBe('no "/0"; there is "content" at the top');
    expect(view(tree, { path: '/0/size' })).toBe('no "/0/size"; there are "name", "type", "children" in "/0"');
  });

  test('an image beside itself is the structured content', () => {
    const result = { content: [image], structuredContent: { content: [image] } };
    expect(view(result)).toEqual({ content: [image] });
    expect(view(result, { path: '/content/0/mimeType' })).toBe('image/png');
  });
});

describe('json is JSON or nothing', () => {
  test.each(['one', '42', '"one"', '{"number":', ''])('%j is not', (text) => {
    expect(view(textResult(text), { view: 'json' })).toBe(noJson);
    expect(view(textResult(text), { view: 'json', path: '/a' })).toBe(noJson);
  });
});

describe('text and lines are what a person would read', () => {
  test('the text blocks, not the structured content', () => {
    const result = {
      content: [{ type: 'text', text: 'a' }, image, { type: 'text', text: 'b' }],
      structuredContent: {},
    };
    expect(view(result, { view: 'text' })).toBe('a\nb');
    expect(view(textResult('{"a":1}'), { view: 'text' })).toBe('{"a":1}');
    expect(view(textResult('{"a":1}'), { view: 'text', path: '/a' })).toBe(1);
  });

  test('structured content as JSON, where there is no text', () => {
    expect(view({ content: [], structuredContent: { a: 1 } }, { view: 'text' })).toBe('{"a":1}');
  });

  test('lines without the empty ones, and without what Windows ends them with', () => {
    expect(view(listing, { view: 'lines' })).toEqual(['[DIR] docs', '[FILE] notes.md', '[FILE] plan.md']);
    expect(view(textResult('a\r\n\r\n \t\n  b \r\n'), { view: 'lines' })).toEqual(['a', '  b ']);
    expect(view(listing, { view: 'lines', path: '/0' })).toBe('[DIR] docs');
    expect(view(textResult('{"n":1}\n{"n":2}'), { view: 'lines', path: '/*/n' })).toEqual([1, 2]);
  });

  test('a result that says nothing has no line, and an empty text', () => {
    expect(view({ content: [] }, { view: 'lines' })).toEqual([]);
    expect(view({ content: [] }, { view: 'text' })).toBe('');
    expect(view({ content: [] })).toBe('');
  });

  test('an image has no text, and an empty one is not made up', () => {
    for (const how of ['text', 'lines', 'json'] as const) {
      expect(view({ content: [image] }, { view: how })).toBe('no text, only image; use view "raw"');
    }
    expect(view({ content: [image] })).toBe('no text, only image; use view "raw"');
    expect(view({ toolResult: 5 })).toBe('no text; use view "raw"');
  });
});

describe('what a tool says instead of nothing', () => {
  const empty = ['No matches found', 'None.'];

  test('has no lines, by either way of its texts', () => {
    expect(view(filesResult('No matches found'), { view: 'lines', empty })).toEqual([]);
    expect(view(textResult('\nNone.\n'), { view: 'lines', empty })).toEqual([]);
    expect(view(filesResult('No matches found'), { view: 'lines' })).toEqual(['No matches found']);
  });

  test('is a text all the same, and a line among others', () => {
    expect(view(filesResult('No matches found'), { view: 'text', empty })).toBe('No matches found');
    expect(view(filesResult('No matches found'), { empty })).toBe('No matches found');
    expect(view(filesResult('a\nNo matches found'), { view: 'lines', empty })).toEqual(['a', 'No matches found']);
    expect(view(filesResult('no matches found'), { view: 'lines', empty })).toEqual(['no matches found']);
  });
});

describe('a path that begins too far out is told so', () => {
  const leaveOut = '; leave out path for the whole text, or use view "lines"';

  test('in a text', () => {
    expect(view(textResult('one'), { path: '/content/0/text' })).toBe(
      `no "/content"; the value is a text that holds no JSON object or array${leaveOut}`,
    );
    expect(view(listing, { path: '/content/0/text' })).toBe(
      'no "/content/0"; "/content" is a text that holds no JSON object or array; leave out path, or write "/content", for the whole text, or use view "lines"',
    );
    expect(view(listing, { path: '/text' })).toBe(
      `no "/text"; the value is a text that holds no JSON object or array${leaveOut}`,
    );
  });

  test('in JSON', () => {
    expect(view(textResult('{"a":1}'), { path: '/content/0/text' })).toBe(
      'no "/content"; there is "a" at the top; a path begins in the JSON that the text holds',
    );
    expect(view(textResult('{"a":1}'), { path: '/b' })).toBe('no "/b"; there is "a" at the top');
    expect(view(textResult('{"content":1}'), { path: '/content' })).toBe(1);
  });
});

test('raw is the whole result', () => {
  expect(view(listing, { view: 'raw' })).toBe(listing);
  expect(view({ content: [image] }, { view: 'raw', path: '/content/0/data' })).toBe('AAAA');
});

test('no result makes it throw', () => {
  const results = fc.oneof(
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.record({ content: fc.jsonValue(), structuredContent: fc.jsonValue() }),
    fc.record({
      content: fc.array(fc.record({ type: fc.constantFrom('text', 'image'), text: fc.oneof(fc.string(), fc.json()) })),
    }),
  );
  const views = fc.constantFrom<View | undefined>(undefined, 'json', 'text', 'lines', 'raw');
  fc.assert(
    fc.property(results, views, fc.array(fc.constantFrom('a', '0', '*', '__proto__')), (result, how, pointer) => {
      const read = viewResult(result, how, { pointer });
      expect(read.ok ? read.value : read.reason).toBeDefined();
    }),
  );
});
