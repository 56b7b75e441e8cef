import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/core/json.ts';
import { encodeHeaderText } from '../../../../src/core/protocol/param-headers.ts';
import { checkHeaders } from '../../../../src/serve/http/modern/check-headers.ts';

const revision = '2026-07-28';

function judge(
  method: string,
  params: JsonObject,
  headers: Record<string, string>,
  properties?: JsonObject,
): string | undefined {
  const standard = { 'mcp-protocol-version': revision, 'mcp-method': method };
  const schema = properties && { type: 'object', properties };
  return checkHeaders({ ...standard, ...headers }, { method, params, revision }, () => schema)?.message;
}

describe('Mcp-Name', () => {
  test.each([
    ['tools/call', 'name'],
    ['prompts/get', 'name'],
    ['resources/read', 'uri'],
    ['tasks/get', 'taskId'],
    ['tasks/update', 'taskId'],
    ['tasks/cancel', 'taskId'],
  ])('of %s repeats params.%s', (method, field) => {
    expect(judge(method, { [field]: 'x' }, { 'mcp-name': 'x' })).toBeUndefined();
    expect(judge(method, { [field]: 'x' }, { 'mcp-name': 'y' })).toContain(`params.${field}="x"`);
    expect(judge(method, { [field]: 'x' }, {})).toContain('Mcp-Name header is absent');
    // What the params lack is for whoever reads the params to say.
    expect(judge(method, { [field]: 5 }, {})).toBeUndefined();
  });

  test('is not asked for where nothing is named', () => {
    expect(judge('tools/list', { name: 'x' }, {})).toBeUndefined();
    expect(judge('constructor', {}, {})).toBeUndefined();
  });

  test.each(['Zürich', ' padded ', '日本', '=?base64?eA==?='])('may be encoded, as %s has to be', (name) => {
    expect(judge('tools/call', { name }, { 'mcp-name': encodeHeaderText(name) })).toBeUndefined();
    expect(judge('tools/call', { name }, { 'mcp-name': encodeHeaderText(`${name}x`) })).toContain('names');
  });

  test.each(['=?base64?SGVsbG8?=', '=?base64?SGVs!!!bG8=?=', '=?base64?/w==?=', '=?base64?e A==?='])(
    'that is encoded wrongly, %s, is refused',
    (header) => {
      expect(judge('tools/call', { name: 'Hello' }, { 'mcp-name': header })).toContain('Base64');
    },
  );
});

describe('Mcp-Param headers', () => {
  const mark = (name: string, type: string): JsonObject => ({ type, 'x-mcp-header': name });
  const properties = {
    region: mark('Region', 'string'),
    count: mark('Count', 'integer'),
    price: mark('Price', 'number'),
    dry: mark('Dry', 'boolean'),
    nested: { type: 'object', properties: { deep: mark('Deep', 'string') } },
  };
  const call = (
    args: JsonObject | undefined,
    headers: Record<string, string>,
    given: JsonObject = properties,
  ): unknown =>
    judge(
      'tools/call',
      { name: 't', ...(args !== undefined && { arguments: args }) },
      { 'mcp-name': 't', ...headers },
      given,
    );

  test.each([
    ['a text', { region: 'eu' }, { 'mcp-param-region': 'eu' }],
    ['an encoded text', { region: 'Zürich' }, { 'mcp-param-region': '=?base64?WsO8cmljaA==?=' }],
    ['a text that only begins like an encoded one', { region: '=?base64?x' }, { 'mcp-param-region': '=?base64?x' }],
    ['a number', { count: 42 }, { 'mcp-param-count': '42' }],
    [
      'a number written differently',
      { count: 42, price: 1.5 },
      { 'mcp-param-count': '42.0', 'mcp-param-price': '1.50' },
    ],
    ['a truth', { dry: true }, { 'mcp-param-dry': 'true' }],
    ['a nested argument', { nested: { deep: 'x' } }, { 'mcp-param-deep': 'x' }],
    ['nothing for what is absent or null', { region: null }, {}],
    ['something for what is absent', {}, { 'mcp-param-region': 'eu' }],
    ['nothing at all', undefined, {}],
    ['nothing for what no header can hold', { region: ['eu'], count: 2 ** 60 }, {}],
  ])('that repeat %s are right', (_what, args, headers) => {
    expect(call(args, headers)).toBeUndefined();
  });

  test.each([
    ['a missing header', { region: 'eu' }, {}, 'Mcp-Param-Region header is absent'],
    ['another text', { region: 'eu' }, { 'mcp-param-region': 'us' }, 'decodes to "us"'],
    ['another case', { region: 'eu' }, { 'mcp-param-region': 'EU' }, 'decodes to "EU"'],
    ['another number', { count: 42 }, { 'mcp-param-count': '43' }, 'carries count=42'],
    ['a number that is none', { count: 42 }, { 'mcp-param-count': '0x2a' }, 'carries count=42'],
    ['another truth', { dry: true }, { 'mcp-param-dry': 'True' }, 'carries dry=true'],
    ['a broken encoding', { region: 'eu' }, { 'mcp-param-region': '=?base64?ZXU?=' }, 'Base64'],
    ['another nested argument', { nested: { deep: 'x' } }, { 'mcp-param-deep': 'y' }, 'nested.deep="x"'],
    [
      'a value that is written like a number, but is a text',
      { region: '42.0' },
      { 'mcp-param-region': '42' },
      'decodes',
    ],
  ])('with %s are refused', (_what, args, headers, reason) => {
    expect(call(args, headers)).toContain(reason);
  });

  test.each([
    ['below items', { list: { type: 'array', items: mark('Item', 'string') } }],
    ['below anyOf', { any: { anyOf: [{ properties: { a: mark('A', 'string') } }] } }],
    ['below $defs', { any: { $defs: { a: mark('A', 'string') } } }],
    ['on an object', { any: mark('Any', 'object') }],
    ['twice in two spellings', { other: mark('REGION', 'string') }],
    ['with a name that is no header', { other: mark('not a token', 'string') }],
    ['without a name', { other: { type: 'string', 'x-mcp-header': true } }],
  ])('are not checked where a tool has marks %s, since clients send none then', (_what, more) => {
    expect(call({ region: 'eu' }, {}, { ...properties, ...more })).toBeUndefined();
    // The same without what is wrong.
    expect(call({ region: 'eu' }, {})).toBeDefined();
  });

  test('say no more of a long argument than its beginning', () => {
    const message = String(call({ region: 'x'.repeat(100_000) }, {}));
    expect(message.length).toBeLessThan(2000);
  });
});
