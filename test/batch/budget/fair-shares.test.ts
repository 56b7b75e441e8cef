import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fairShares } from '../../../src/batch/budget/fair-shares.ts';

test('who wants little gets it, and the others share what is left', () => {
  expect(fairShares([10, 500, 500], 410)).toEqual([10, 200, 200]);
  expect(fairShares([500, 10, 90], 1_000)).toEqual([500, 10, 90]);
  expect(fairShares([5, 5], -3)).toEqual([0, 0]);
  expect(fairShares([], 10)).toEqual([]);
});

test('nobody gets more than wanted, nothing is given out twice, and no two that want more differ by more than one', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 1 }), fc.nat(20_000), (wants, pool) => {
      const shares = fairShares(wants, pool);
      const sum = shares.reduce((a, b) => a + b, 0);
      expect(sum).toBeLessThanOrEqual(pool);
      expect(shares.every((share, index) => share <= (wants[index] ?? 0))).toBe(true);
      const wanting = shares.filter((share, index) => share < (wants[index] ?? 0));
      if (wanting.length === 0) return;
      expect(Math.max(...shares) - Math.min(...wanting)).toBeLessThanOrEqual(1);
      expect(sum).toBe(pool);
    }),
  );
});
