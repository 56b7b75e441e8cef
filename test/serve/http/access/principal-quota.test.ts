import { expect, test } from 'vitest';
import { createPrincipalQuota } from '../../../../src/serve/http/access/principal-quota.ts';
import { createVirtualClock } from '../../../schedule/virtual-clock.ts';

const calls = (count: number): { calls: number; notices: number } => ({ calls: count, notices: 0 });

test('more subjects than anybody has neither grow without end nor keep a new one out', () => {
  const quota = createPrincipalQuota({ maxParallel: 1, rate: { calls: 1, perMs: 1000 } }, createVirtualClock());
  for (let i = 0; i < 10_001; i++) {
    const entry = quota.enter(`jwt/${i}`, calls(1));
    if (!entry.ok) throw new Error(entry.problem.message);
    entry.leave();
  }
  // The one that was idle longest was forgotten, the newest was not.
  expect(quota.enter('jwt/10000', calls(1)).ok).toBe(false);
  expect(quota.enter('jwt/0', calls(1)).ok).toBe(true);
});

test('a new client beyond them costs no more than any other', () => {
  const quota = createPrincipalQuota({ maxParallel: 1, rate: { calls: 1, perMs: 1000 } }, createVirtualClock());
  const enter = (from: number, count: number): number => {
    const startedMs = performance.now();
    for (let i = from; i < from + count; i++) {
      const entry = quota.enter(`jwt/${i}`, calls(1));
      if (entry.ok) entry.leave();
    }
    return performance.now() - startedMs;
  };
  enter(0, 10_000);
  // A search through all of them takes 2 s for as many.
  expect(enter(10_000, 2000)).toBeLessThan(500);
});

test('notifications count in the rate, and take no place beside calls', () => {
  const quota = createPrincipalQuota({ maxParallel: 1, rate: { calls: 3, perMs: 1000 } }, createVirtualClock());
  expect(quota.enter('ann', calls(1)).ok).toBe(true);
  for (let i = 0; i < 2; i++) expect(quota.enter('ann', { calls: 0, notices: 1 }).ok).toBe(true);
  expect(quota.enter('ann', { calls: 0, notices: 1 })).toMatchObject({ ok: false, problem: { status: 429 } });
});

test('while all of them have calls open, one more has to come back', () => {
  const quota = createPrincipalQuota({ maxParallel: 1 }, createVirtualClock());
  for (let i = 0; i < 10_000; i++) expect(quota.enter(`jwt/${i}`, calls(1)).ok).toBe(true);
  expect(quota.enter('jwt/one-more', calls(1))).toMatchObject({ ok: false, problem: { status: 429, retryAfterS: 1 } });
});

test('more calls in one body than a client may ever have are refused whole, and take nothing', () => {
  const quota = createPrincipalQuota({ maxParallel: 2 }, createVirtualClock());
  expect(quota.enter('ann', calls(3))).toMatchObject({ ok: false, problem: { status: 429 } });
  const entry = quota.enter('ann', calls(2));
  expect(entry.ok).toBe(true);
  if (entry.ok) {
    entry.leave();
    entry.leave();
  }
  expect(quota.enter('ann', calls(2)).ok).toBe(true);
  expect(quota.enter('ann', calls(1)).ok).toBe(false);
});
