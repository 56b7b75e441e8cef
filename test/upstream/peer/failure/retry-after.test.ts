import { expect, test } from 'vitest';
import { readRetryAfter } from '../../../../src/upstream/peer/failure/retry-after.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

test.each([
  ['7', 7000],
  [' 0 ', 0],
  ['Sat, 21 Nov 2026 10:01:00 GMT', 60_000],
  ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
  ['999999999', 3_600_000],
  ['soon', undefined],
  ['-5', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After: %s', (header, waitMs) => {
  expect(readRetryAfter(header, now)).toBe(waitMs);
});
