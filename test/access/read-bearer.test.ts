import { expect, test } from 'vitest';
import { readBearer } from '../../src/access/read-bearer.ts';

test.each([
  ['Authorization', 'Bearer abc.DEF-1_~+/=='],
  ['authorization', 'bearer abc.DEF-1_~+/=='],
  ['AUTHORIZATION', 'BEARER   abc.DEF-1_~+/=='],
])('a token is read from %s: %s', (name, value) => {
  expect(readBearer(['Host', 'x', name, value])).toEqual({ ok: true, token: 'abc.DEF-1_~+/==' });
});

test.each([
  [[], true],
  [['X-Authorization', 'Bearer abc', 'Cookie', 'token=abc'], true],
  [['Authorization', 'abc'], false],
  [['Authorization', 'Basic abc'], false],
  [['Authorization', 'Bearer'], false],
  [['Authorization', 'Bearer '], false],
  [['Authorization', 'Bearer a b'], false],
  [['Authorization', 'Bearer abc, Bearer abc'], false],
  [['Authorization', 'Bearer abc;'], false],
  [['Authorization', 'Bearer ä'], false],
  [['Authorization', 'Bearer =abc'], false],
  [['Authorization', `Bearer ${'a'.repeat(8192)}`], false],
  [['Authorization', 'Bearer abc', 'authorization', 'Bearer abc'], false],
])('no token is read from %j', (rawHeaders, isMissing) => {
  expect(readBearer(rawHeaders)).toMatchObject({ ok: false, isMissing });
});
