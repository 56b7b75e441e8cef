import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  buildParamHeaders,
  decodeHeaderText,
  encodeHeaderText,
  findParamHeaders,
  toHeaderText,
} from '../../../src/core/protocol/param-headers.ts';

const marked = (name: string, type = 'string') => ({ type, 'x-mcp-header': name });

test('marked arguments are found at any depth of properties, and only where the specification allows them', () => {
  const schema = {
    type: 'object',
    properties: {
      region: marked('Region'),
      nested: { type: 'object', properties: { count: marked('Count', 'integer') } },
      price: marked('Price', 'number'),
      bad: marked('not a token'),
      list: { type: 'array', items: marked('Item') },
    },
  };
  expect(findParamHeaders(schema)).toEqual([
    { path: ['region'], name: 'Region' },
    { path: ['nested', 'count'], name: 'Count' },
    { path: ['price'], name: 'Price' },
  ]);
});

test('plain values stand as they are, others as base64; absent and null ones have no header', () => {
  const wanted = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ path: [name], name }));
  const args = { a: 'plain text', b: 'Zürich', c: ' padded ', d: true, e: 42, f: null, g: '=?base64?eA==?=' };
  expect(buildParamHeaders(wanted, args)).toEqual({
    'Mcp-Param-a': 'plain text',
    'Mcp-Param-b': '=?base64?WsO8cmljaA==?=',
    'Mcp-Param-c': '=?base64?IHBhZGRlZCA=?=',
    'Mcp-Param-d': 'true',
    'Mcp-Param-e': '42',
    'Mcp-Param-g': '=?base64?PT9iYXNlNjQ/ZUE9PT89?=',
  });
  expect(buildParamHeaders([], args)).toBeUndefined();
  expect(buildParamHeaders([{ path: ['a', 'b'], name: 'x' }], undefined)).toEqual({});
});

test('every text comes back from its header as it was, and the header is visible ASCII without blanks at its ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const header = encodeHeaderText(text);
      expect(header).toMatch(/^[\t\x20-\x7e]+$/);
      expect(header).toBe(header.trim());
      expect(decodeHeaderText(header)).toBe(text);
    }),
  );
});

test.each(['=?base64?SGVsbG8?=', '=?base64?SGVs!!!bG8=?=', '=?base64?/w==?=', '=?base64?SGVsbG8=\n?='])(
  'what is marked as encoded and is not, %s, stands for nothing',
  (header) => {
    expect(decodeHeaderText(header)).toBeUndefined();
  },
);

test.each([
  [1.5, '1.5'],
  [-0, '0'],
  [2 ** 53, undefined],
  [1e-7, '1e-7'],
  [null, undefined],
  [{}, undefined],
  [['a'], undefined],
])('of %j a header says %s', (value, text) => {
  expect(toHeaderText(value)).toBe(text);
});
