import { expect, test } from 'vitest';
import type { Authentication } from '../../../../src/access/identity.ts';
import { createGate } from '../../../../src/serve/http/access/gate.ts';
import { createVirtualClock } from '../../../schedule/virtual-clock.ts';
import { silent } from '../../../upstream/support.ts';

const identity = {
  principal: 'token/ann',
  scopes: new Set<never>(),
  standing: () => Promise.resolve('valid' as const),
};

/** When the gate has answered, in milliseconds after the request came, where looking at it took so long. */
async function answeredAfterMs(lookMs: number, found: Authentication): Promise<number> {
  const clock = createVirtualClock();
  // Requests come at any time.
  await clock.pass(1234);
  const authenticate = (): Promise<Authentication> =>
    lookMs === 0 ? Promise.resolve(found) : clock.sleep(lookMs).then(() => found);
  const admit = createGate({ authenticate, clock, logger: silent });
  let answeredMs: number | undefined;
  void admit({ rawHeaders: [], challenge: 'Bearer' }).then(() => (answeredMs = clock.now()));
  await clock.runOut();
  return answeredMs! - 1234;
}

test.each([0, 0.2, 3, 40, 99])(
  'who is refused hears so after 100 ms, where it took %s ms to find out',
  async (lookMs) => {
    for (const isMissing of [true, false]) {
      expect(await answeredAfterMs(lookMs, { ok: false, isMissing, problem: '' })).toBe(100);
    }
  },
);

test('who is refused after more than that hears so at the next hundred', async () => {
  expect(await answeredAfterMs(101, { ok: false, isMissing: false, problem: '' })).toBe(200);
});

test('who is let in does not wait', async () => {
  expect(await answeredAfterMs(0, { ok: true, identity })).toBe(0);
});

test('the log tells why somebody was turned away, and of many at once only how many they were', async () => {
  const clock = createVirtualClock();
  const told: object[] = [];
  const authenticate = (): Promise<Authentication> => Promise.resolve({ ok: false, isMissing: false, problem: 'why' });
  const logger = { ...silent, info: (fields: object) => void told.push(fields) };
  const admit = createGate({ authenticate, clock, logger });
  const flood = async (): Promise<void> => {
    const all = Array.from({ length: 500 }, () => admit({ rawHeaders: [], challenge: 'Bearer' }));
    await clock.pass(100);
    await Promise.all(all);
  };
  await flood();
  await flood();
  await clock.pass(10_000);
  await flood();
  expect(told).toEqual([
    { reason: 'why', count: 1 },
    { reason: 'why', count: 1000 },
  ]);
});

test('the flood of one reason hides no other from the log, and reasons without end are told of as one', async () => {
  const clock = createVirtualClock();
  const told: object[] = [];
  let problem = 'flood';
  const authenticate = (): Promise<Authentication> => Promise.resolve({ ok: false, isMissing: false, problem });
  const logger = { ...silent, info: (fields: object) => void told.push(fields) };
  const admit = createGate({ authenticate, clock, logger });
  const refuse = async (reason: string): Promise<void> => {
    problem = reason;
    const answered = admit({ rawHeaders: [], challenge: 'Bearer' });
    await clock.pass(100);
    await answered;
  };
  for (let i = 0; i < 5; i++) await refuse('flood');
  await refuse('the token ann has run out');
  expect(told).toEqual([
    { reason: 'flood', count: 1 },
    { reason: 'the token ann has run out', count: 1 },
  ]);
  for (let i = 0; i < 90; i++) await refuse(`reason ${i}`);
  expect(told).toHaveLength(51);
  expect(told.at(-1)).toEqual({ reason: 'one of many reasons', count: 1 });
});
