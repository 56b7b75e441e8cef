import { expect, test } from 'vitest';
import { createPrincipalQuota } from '../../../../src/serve/http/access/principal-quota.ts';
import { createVirtualClock } from '../../../schedule/virtual-clock.ts';

test('more subjects than anybody has neither grow without end nor keep a new one out', () => {
  const quota = createPrincipalQuota({ maxParallel: 1, rate: { calls: 1, perMs: 1000 } }, createVirtualClock());
  for (let i = 0; i < 10_001; i++) {
    const entry = quota.enter(`jwt/${i}`, 1);
    if (!entry.ok) throw new Error(entry.problem.message);
    entry.leave();
  }
  // The one that was idle longest was forgotten, the newest was not.
  expect(quota.enter('jwt/10000', 1).ok).toBe(false);
  expect(quota.enter('jwt/0', 1).ok).toBe(true);
});

test('while all of them have calls open, one more has to come back', () => {
  const quota = createPrincipalQuota({ maxParallel: 1 }, createVirtualClock());
  for (let i = 0; i < 10_000; i++) expect(quota.enter(`jwt/${i}`, 1).ok).toBe(true);
  expect(quota.enter('jwt/one-more', 1)).toMatchObject({ ok: false, problem: { status: 429, retryAfterS: 1 } });
});

test('more calls in one body than a client may ever have are refused whole, and take nothing', () => {
  const quota = createPrincipalQuota({ maxParallel: 2 }, createVirtualClock());
  expect(quota.enter('ann', 3)).toMatchObject({ ok: false, problem: { status: 429 } });
  const entry = quota.enter('ann', 2);
  expect(entry.ok).toBe(true);
  if (entry.ok) {
    entry.leave();
    entry.leave();
  }
  expect(quota.enter('ann', 2).ok).toBe(true);
  expect(quota.enter('ann', 1).ok).toBe(false);
});
