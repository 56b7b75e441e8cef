import { describe, expect, test } from 'vitest';
import { readElements, readReference, readResult } from '../../../src/batch/references/read-result.ts';
import type { Reference } from '../../../src/batch/references/reference.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { eachOf, filesResult, listing, nodes, outcomeOf, textResult, tree } from './results.ts';

function referenceTo(parts: Partial<Reference> = {}): Reference {
  return { id: 'c0', pointer: [], ...parts };
}

function value(reference: Reference, outcome: Outcome): unknown {
  const read = readReference(reference, { outcome });
  return read.ok ? read.value : read.reason;
}

function elements(reference: Reference, outcome: Outcome): unknown {
  const read = readElements(reference, { outcome });
  return read.ok ? read.elements : read.reason;
}

const failed = outcomeOf(undefined, 'failed');
const complained = outcomeOf({ ...textResult('ENOENT: no such file'), isError: true }, 'tool_error');

describe('a default stands for what is not there', () => {
  test('where the path finds nothing', () => {
    expect(value(referenceTo({ pointer: ['people'], default: [] }), outcomeOf(nodes))).toEqual([]);
    expect(value(referenceTo({ pointer: ['people'] }), outcomeOf(nodes))).toBe(
      'c0 has no "/people"; there are "entities", "relations" at the top',
    );
  });

  test('where there is no such view', () => {
    expect(value(referenceTo({ view: 'json', default: null }), outcomeOf(textResult('one')))).toBeNull();
  });

  test('where the call did not succeed: what it complained of is no value', () => {
    expect(value(referenceTo({ default: 'none' }), failed)).toBe('none');
    expect(value(referenceTo({ default: 'none' }), complained)).toBe('none');
    expect(value(referenceTo(), failed)).toBe('c0 has no result: it is failed');
  });

  test('and not for what is there, be it null, empty or false', () => {
    const result = { content: [], structuredContent: { a: null, b: '', c: false, d: 0 } };
    for (const key of ['a', 'b', 'c', 'd'] as const) {
      expect(value(referenceTo({ pointer: [key], default: 'x' }), outcomeOf(result))).toBe(
        result.structuredContent[key],
      );
    }
  });
});

test('an answer that means nothing has no elements, nor have the results of one for each element', () => {
  const nothing = outcomeOf(filesResult('No matches found'));
  const lines = referenceTo({ view: 'lines' });
  const empty = ['No matches found'];
  expect(readElements(lines, { outcome: nothing, empty })).toEqual({ ok: true, elements: [] });
  const each = eachOf(nothing, outcomeOf(filesResult('a\nb')));
  expect(readElements(lines, { outcome: each, empty })).toEqual({ ok: true, elements: [[], ['a', 'b']] });
  expect(readElements(lines, { outcome: nothing })).toEqual({ ok: true, elements: ['No matches found'] });
});

test('without a default, a call that runs after an error can read the error', () => {
  expect(value(referenceTo({ view: 'text' }), complained)).toBe('ENOENT: no such file');
});

describe('a call with forEach is the list of its results', () => {
  const each = eachOf(
    outcomeOf(filesResult('{"a":1}')),
    complained,
    outcomeOf(filesResult('two')),
    outcomeOf(undefined, 'skipped'),
  );

  test('of the elements that are ok, in their order', () => {
    expect(value(referenceTo(), each)).toEqual([{ a: 1 }, 'two']);
    expect(value(referenceTo({ view: 'text' }), each)).toEqual(['{"a":1}', 'two']);
    expect(value(referenceTo({ default: 'x' }), each)).toEqual([{ a: 1 }, 'two']);
  });

  test('and a path starts in it', () => {
    expect(value(referenceTo({ pointer: ['0', 'a'] }), each)).toBe(1);
    expect(value(referenceTo({ pointer: ['2'] }), each)).toBe('c0 has no "/2"; there are 2 elements at the top');
    expect(readResult({ outcome: eachOf(outcomeOf(nodes)) }, undefined, ['*', 'entities', '*', 'name'])).toEqual({
      ok: true,
      value: ['Ada', 'Engine'],
    });
  });

  test('without elements it is empty', () => {
    expect(value(referenceTo(), eachOf())).toEqual([]);
    expect(value(referenceTo({ pointer: ['*', 'a'] }), eachOf())).toEqual([]);
  });

  test('an element without such a view is named', () => {
    expect(value(referenceTo({ view: 'json' }), eachOf(outcomeOf(textResult('{}')), outcomeOf(textResult('x'))))).toBe(
      'c0 has no JSON object or array in its text; use view "text" or "lines" (element 1)',
    );
  });

  test('one that never had elements has no result', () => {
    expect(value(referenceTo({ pointer: ['0'] }), outcomeOf(undefined, 'invalid'))).toBe(
      'c0 has no result: it is invalid',
    );
  });
});

describe('forEach runs over a list', () => {
  test.each<[string, Partial<Reference>, Outcome, unknown]>([
    ['an array', { pointer: ['entities', '*', 'name'] }, outcomeOf(nodes), ['Ada', 'Engine']],
    ['an array in a text', {}, outcomeOf(textResult('[1,2]')), [1, 2]],
    ['an array in a field', { pointer: ['content'] }, outcomeOf(filesResult('["a"]')), ['a']],
    ['a tree', { pointer: ['*', 'name'] }, outcomeOf(tree), ['docs', 'notes.md']],
    ['lines', { view: 'lines' }, outcomeOf(filesResult('a.md\nb.md\n')), ['a.md', 'b.md']],
    ['the results of another', {}, eachOf(outcomeOf(textResult('a'))), ['a']],
    ['a default', { pointer: ['none'], default: ['a'] }, outcomeOf(nodes), ['a']],
    ['nothing', { view: 'lines' }, outcomeOf({ content: [] }), []],
  ])('%s', (_, reference, outcome, expected) => {
    expect(elements(referenceTo(reference), outcome)).toEqual(expected);
  });

  test.each<[string, Partial<Reference>, Outcome, string]>([
    [
      'a text',
      {},
      outcomeOf(listing),
      'c0 is no list: it is a text that holds no JSON object or array; for its lines use view "lines"',
    ],
    [
      'an object with a list in it',
      {},
      outcomeOf(nodes),
      'c0 is no list: it is an object; did you mean path "/entities" or "/relations"?',
    ],
    [
      'an object without',
      { pointer: ['entities', '0', 'observations', '0'] },
      outcomeOf(nodes),
      '"/entities/0/observations/0" of c0 is no list: it is a text that holds no JSON object or array; for its lines use view "lines"',
    ],
    [
      'an object',
      { pointer: ['a'] },
      outcomeOf(textResult('{"a":{"b":1}}')),
      '"/a" of c0 is no list: it is an object with "b"',
    ],
    ['a number', { pointer: ['a'] }, outcomeOf(textResult('{"a":1}')), '"/a" of c0 is no list: it is a number'],
    [
      'a default that is none',
      { pointer: ['x'], default: {} },
      outcomeOf(nodes),
      '"/x" of c0 is no list: it is an object without keys',
    ],
    [
      'an object with more lists than are worth naming',
      {},
      outcomeOf(textResult('{"a":[],"b":[],"c":[],"d":[],"e":[]}')),
      'c0 is no list: it is an object with "a", "b", "c", "d", "e"',
    ],
    [
      'an object with one list, inside of another',
      { pointer: ['x/y'] },
      outcomeOf(textResult('{"x/y":{"n":1,"rows":[]}}')),
      '"/x~1y" of c0 is no list: it is an object; did you mean path "/x~1y/rows"?',
    ],
    ['nothing', {}, failed, 'c0 has no result: it is failed'],
  ])('and not over %s', (_, reference, outcome, expected) => {
    expect(elements(referenceTo(reference), outcome)).toBe(expected);
  });
});
