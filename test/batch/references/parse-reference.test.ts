import { describe, expect, test } from 'vitest';
import { parseReference } from '../../../src/batch/references/parse-reference.ts';
import type { JsonObject } from '../../../src/core/json.ts';

function reasonOf(value: JsonObject): string {
  const parsed = parseReference(value);
  return parsed.ok ? 'it is fine' : parsed.reason;
}

test('a reference is an id, and where and how to read its result', () => {
  expect(parseReference({ $result: 'c0', path: '/items/*/name', view: 'json', default: [] })).toEqual({
    ok: true,
    reference: { id: 'c0', pointer: ['items', '*', 'name'], view: 'json', default: [] },
  });
  expect(parseReference({ $result: 'c0' })).toEqual({ ok: true, reference: { id: 'c0', pointer: [] } });
});

test.each([null, false, 0, ''])('%j is a default as good as any', (fallback) => {
  expect(parseReference({ $result: 'c0', default: fallback })).toEqual({
    ok: true,
    reference: { id: 'c0', pointer: [], default: fallback },
  });
});

describe('a broken reference says how to mend it', () => {
  test.each<[JsonObject, string]>([
    [{ $result: 0 }, '$result: found 0; write the id of an earlier call, such as "c0"'],
    [{}, '$result: found nothing; write the id of an earlier call, such as "c0"'],
    [{ $result: 'c0', path: 'name' }, 'path: "name" must begin with "/"; write "/name"'],
    [{ $result: 'c0', path: null }, 'path: found null; write a JSON Pointer, a string such as "/items/0/name"'],
    [{ $result: 'c0', view: 'html' }, 'view: "html" is not one of "json", "text", "lines", "raw"'],
    [
      { $result: 'c0', paht: '/a' },
      '"paht" is not a field here; write "path"; where the object is meant as it stands, write { "$literal": … } around it',
    ],
    [
      { $result: 'c0', limit: 1 },
      '"limit" is not a field here; there are $result, path, view, default; where the object is meant as it stands, write { "$literal": … } around it',
    ],
  ])('%j', (value, expected) => {
    expect(reasonOf(value)).toBe(expected);
  });
});
