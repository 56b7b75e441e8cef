import { expect, test } from 'vitest';
import { parseLifetime } from '../../../src/cli/grammar/parse-lifetime.ts';

test.each([
  ['1s', 1000],
  ['30m', 1_800_000],
  ['12h', 43_200_000],
  ['90d', 7_776_000_000],
  ['8w', 4_838_400_000],
  ['3650d', 315_360_000_000],
])('%s is %i ms', (written, ms) => {
  expect(parseLifetime(written)).toEqual({ ms });
});

test('never is for ever', () => {
  expect(parseLifetime('never')).toEqual({ ms: undefined });
});

test.each(['', '0d', '90', '90 d', '-1d', '3651d', '1y', '1e3d', 'NEVER', '1.5d', '99999999d'])(
  '"%s" is no time',
  (written) => {
    expect(parseLifetime(written)).toBeUndefined();
  },
);
