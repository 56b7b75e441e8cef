import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  contentChars,
  cutContent,
  readContent,
  skipContent,
  withoutDuplicates,
} from '../../../src/batch/budget/call-content.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { text } from '../tiny-catalog.ts';

function resource(inner: string): JsonObject {
  return { type: 'resource', resource: { uri: 'file:///a', text: inner } };
}

/** The whole text of a result. */
function shownOf(result: JsonObject): string {
  return cutContent(readContent(result), Infinity).text;
}

const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };

describe('each thing is shown once', () => {
  test('text blocks are one text, the rest stays as it came', () => {
    const result = {
      content: [{ type: 'text', text: 'a' }, image, { type: 'text', text: 'b' }, { type: 'hologram', x: 1 }],
    };
    expect(readContent(result)).toEqual({ texts: ['a', 'b'], blocks: [image, { type: 'hologram', x: 1 }] });
  });

  test('structured content stands for the text that repeats it, however that is spaced', () => {
    const structuredContent = { number: 42, labels: ['a'] };
    const result = { ...text('{\n  "labels": ["a"],\n  "number": 42\n}'), structuredContent };
    expect(shownOf(result)).toBe('{"number":42,"labels":["a"]}');
  });

  test('text that says something else is kept', () => {
    const result = { ...text('{"number":42}', 'two comments are hidden'), structuredContent: { number: 42 } };
    expect(shownOf(result)).toBe('{"number":42}\ntwo comments are hidden');
  });

  test('a text wrapped in one field is shown with its lines', () => {
    expect(shownOf({ ...text('one\ntwo'), structuredContent: { content: 'one\ntwo' } })).toBe('one\ntwo');
  });

  test('an image wrapped in one field is an image, not a page of base64', () => {
    const result = { content: [image], structuredContent: { content: [{ ...image }] } };
    expect(readContent(result)).toEqual({ texts: [], blocks: [image] });
    expect(withoutDuplicates(result, JSON.stringify(result.structuredContent))).toEqual([]);
  });

  test('a list under "result" stands for its text', () => {
    expect(shownOf({ ...text('[1,2]'), structuredContent: { result: [1, 2] } })).toBe('{"result":[1,2]}');
  });

  test('a result that is no result is shown as it came', () => {
    expect(shownOf({ toolResult: 5, _meta: { trace: 'x' } })).toBe('{"toolResult":5}');
    expect(shownOf({ content: 'text' })).toBe('{"content":"text"}');
    expect(shownOf({ content: [] })).toBe('');
    expect(shownOf({})).toBe('');
  });
});

test('embedded text is cut as text is, after it', () => {
  const cut = cutContent({ texts: ['abcd'], blocks: [resource('efgh'), image, resource('ijkl')] }, 6);
  expect(cut).toEqual({ text: 'abcd', blocks: [resource('ef'), image, resource('')] });
});

test('whoever reads a content piece by piece, each from where the last one ended, has read all of it', () => {
  const lines = fc.string({ unit: fc.constantFrom('a', '\n', '😀', 'é'), maxLength: 40 });
  const content = fc.record({
    texts: fc.array(lines, { maxLength: 4 }),
    blocks: fc.array(fc.oneof(lines.map(resource), fc.constant(image)), { maxLength: 4 }),
  });
  const allOf = ({ text: one, blocks }: ReturnType<typeof cutContent>): string =>
    one +
    blocks
      .map(({ resource: inner }) => (isJsonObject(inner) && typeof inner['text'] === 'string' ? inner['text'] : ''))
      .join('');
  fc.assert(
    fc.property(content, fc.integer({ min: 2, max: 30 }), (whole, maxChars) => {
      let read = '';
      while (read.length < contentChars(whole)) {
        const piece = allOf(cutContent(skipContent(whole, read.length), maxChars));
        expect(piece.length).toBeGreaterThan(0);
        expect(piece.length).toBeLessThanOrEqual(maxChars);
        read += piece;
      }
      expect(read).toBe(allOf(cutContent(whole, Infinity)));
    }),
  );
});
