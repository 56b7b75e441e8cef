import { describe, expect, test } from 'vitest';
import { cutContent, readContent, withoutDuplicates } from '../../../src/batch/budget/call-content.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { text } from '../tiny-catalog.ts';

function resource(inner: string): JsonObject {
  return { type: 'resource', resource: { uri: 'file:///a', text: inner } };
}

const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };

describe('each thing is shown once', () => {
  test('text blocks are one text, the rest stays as it came', () => {
    const result = {
      content: [{ type: 'text', text: 'a' }, image, { type: 'text', text: 'b' }, { type: 'hologram', x: 1 }],
    };
    expect(readContent(result)).toEqual({ text: 'a\nb', blocks: [image, { type: 'hologram', x: 1 }] });
  });

  test('structured content stands for the text that repeats it, however that is spaced', () => {
    const structuredContent = { number: 42, labels: ['a'] };
    const result = { ...text('{\n  "labels": ["a"],\n  "number": 42\n}'), structuredContent };
    expect(readContent(result).text).toBe('{"number":42,"labels":["a"]}');
  });

  test('text that says something else is kept', () => {
    const result = { ...text('{"number":42}', 'two comments are hidden'), structuredContent: { number: 42 } };
    expect(readContent(result).text).toBe('{"number":42}\ntwo comments are hidden');
  });

  test('a text wrapped in one field is shown with its lines', () => {
    expect(readContent({ ...text('one\ntwo'), structuredContent: { content: 'one\ntwo' } }).text).toBe('one\ntwo');
  });

  test('an image wrapped in one field is an image, not a page of base64', () => {
    const result = { content: [image], structuredContent: { content: [{ ...image }] } };
    expect(readContent(result)).toEqual({ text: '', blocks: [image] });
    expect(withoutDuplicates(result)).toEqual([]);
  });

  test('a list under "result" stands for its text', () => {
    expect(readContent({ ...text('[1,2]'), structuredContent: { result: [1, 2] } }).text).toBe('{"result":[1,2]}');
  });

  test('a result that is no result is shown as it came', () => {
    expect(readContent({ toolResult: 5, _meta: { trace: 'x' } }).text).toBe('{"toolResult":5}');
    expect(readContent({ content: 'text' }).text).toBe('{"content":"text"}');
    expect(readContent({ content: [] }).text).toBe('');
    expect(readContent({}).text).toBe('');
  });
});

test('embedded text is cut as text is, after it', () => {
  const cut = cutContent({ text: 'abcd', blocks: [resource('efgh'), image, resource('ijkl')] }, 6);
  expect(cut).toEqual({ text: 'abcd', blocks: [resource('ef'), image, resource('')] });
});
