import { describe, expect, test } from 'vitest';
import { createLink } from '../../../src/bridge/link/link.ts';
import { Aborter } from '../../../src/core/abort.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { recordingLogger } from '../../upstream/support.ts';

/** A link whose attempts fail as long as `failure` is set. */
function open() {
  const clock = createVirtualClock();
  const { logger, lines } = recordingLogger();
  const attempts: { atMs: number; attempt: number }[] = [];
  const state: { failure: string | undefined } = { failure: undefined };
  const restore = (attempt: number): Promise<string | undefined> => {
    attempts.push({ atMs: clock.now(), attempt });
    return Promise.resolve(state.failure);
  };
  const link = createLink({ clock, random: () => 0, logger, restore });
  const visit = { signal: new Aborter() };
  return { clock, lines, attempts, state, link, visit };
}

describe('while the proxy cannot be used', () => {
  test('it is tried at once, after a quarter of a second, and then ever more rarely, down to every four seconds', async () => {
    const { clock, attempts, state, link } = open();
    state.failure = 'ECONNREFUSED';
    link.recover('ECONNRESET');
    await clock.pass(20_000);
    expect(attempts.map(({ atMs }) => atMs)).toEqual([0, 250, 750, 1750, 3750, 7750, 11_750, 15_750, 19_750]);
    expect(attempts.map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('the log says so once, however long it takes, and why', async () => {
    const { clock, lines, state, link } = open();
    state.failure = 'ECONNREFUSED';
    link.recover('ECONNRESET');
    link.recover('ECONNRESET');
    await clock.pass(600_000);
    expect(lines()).toMatchObject([{ level: 40, reason: 'ECONNREFUSED' }]);
    expect(link.reason()).toBe('ECONNREFUSED');
  });

  test('everybody waits until it can be, and each only until its own deadline', async () => {
    const { clock, state, link, visit } = open();
    state.failure = 'ECONNREFUSED';
    link.recover('ECONNRESET');
    const settled: string[] = [];
    const wait = (name: string, deadlineMs?: number): void => {
      void link
        .whenSettled({ ...visit, ...(deadlineMs !== undefined && { deadlineMs }) })
        .then((verdict) => settled.push(`${name} ${verdict} at ${clock.now()}`));
    };
    wait('patient');
    wait('hasty', 1000);
    wait('late', 0);
    await clock.pass(5000);
    state.failure = undefined;
    await clock.pass(5000);
    expect(settled).toEqual(['late expired at 0', 'hasty expired at 1000', 'patient passed at 7750']);
  });

  test('who is not waited for any more leaves at once, and makes room', async () => {
    const { state, link } = open();
    state.failure = 'ECONNREFUSED';
    link.recover('ECONNRESET');
    const visitors = Array.from({ length: 1000 }, () => new Aborter());
    const verdicts = visitors.map((signal) => link.whenSettled({ signal }));
    expect(await link.whenReachable({ signal: new Aborter() })).toBe('full');
    visitors[0]!.abort();
    expect(await verdicts[0]).toBe('aborted');
    const next = link.whenReachable({ signal: new Aborter() });
    expect(await Promise.race([next, Promise.resolve('waits')])).toBe('waits');
  });
});

test('what is held back waits, but not what only needs the proxy', async () => {
  const { link, visit } = open();
  const [first, second] = [link.hold(), link.hold()];
  expect(await link.whenReachable(visit)).toBe('passed');
  let hasPassed = false;
  const passed = link.whenSettled(visit).then(() => (hasPassed = true));
  first();
  first();
  await Promise.resolve();
  expect(hasPassed).toBe(false);
  second();
  await passed;
});

test('a proxy that is there and gone by turns is tried no more often than one that is gone', async () => {
  const { clock, attempts, link } = open();
  for (let round = 0; round < 50; round++) {
    link.recover('ECONNRESET');
    await clock.pass(100);
  }
  expect(attempts.length).toBeLessThanOrEqual(5);
});

test('after ten quiet seconds it is tried at once again', async () => {
  const { clock, attempts, link } = open();
  link.recover('ECONNRESET');
  await clock.pass(0);
  link.recover('ECONNRESET');
  await clock.pass(10_250);
  link.recover('ECONNRESET');
  await clock.pass(0);
  expect(attempts.map(({ atMs }) => atMs)).toEqual([0, 250, 10_250]);
});

test('a closed link leaves no timer behind', async () => {
  const { clock, state, link } = open();
  state.failure = 'ECONNREFUSED';
  link.recover('ECONNRESET');
  await clock.pass(100);
  link.close();
  await clock.pass(0);
  expect(clock.timers()).toBe(0);
});
