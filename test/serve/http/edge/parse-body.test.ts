import { expect, test } from 'vitest';
import { parseBody } from '../../../../src/serve/http/edge/parse-body.ts';

const problemOf = (text: string): string | undefined => {
  const parsed = parseBody(Buffer.from(text));
  return parsed.ok ? undefined : parsed.problem.message;
};

test('a key that stands twice is looked for in a message, its params and what stands directly in these, alone or in a batch', () => {
  const message = (params: string): string => `{"jsonrpc":"2.0","method":"x","params":${params}}`;
  for (const params of ['{"a":1,"a":1}', '{"_meta":{"b":1,"b":1}}']) {
    expect(problemOf(message(params))).toContain('stands twice');
    expect(problemOf(` [${message('{}')}, ${message(params)}]`)).toContain('stands twice');
  }
  const deep = '{"arguments":{"list":{"c":1,"c":2}}}';
  expect(problemOf(message(deep))).toBeUndefined();
  expect(problemOf(`[${message(deep)}]`)).toBeUndefined();
});

test('the key is named, and of a long one the beginning', () => {
  expect(problemOf('{"a\\u0062":1,"ab":2}')).toContain('the key "ab" stands twice');
  const long = `"${'k'.repeat(10_000)}"`;
  expect(problemOf(`{${long}:1,${long}:2}`)?.length).toBeLessThan(200);
});
