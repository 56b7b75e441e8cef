import { describe, expect, test } from 'vitest';
import { createEndRate, type EndRate } from '../../../src/schedule/admission/end-rate.ts';

interface Ends {
  fromMs?: number;
  ends: number;
  everyMs: number;
  times: number;
}

/** So many calls end together, every `everyMs`, and all slots are taken again at once. */
function run(rate: EndRate, { fromMs = 0, ends, everyMs, times }: Ends): number {
  let nowMs = fromMs;
  rate.note(true, nowMs);
  for (let time = 0; time < times; time++) {
    nowMs += everyMs;
    for (let end = 0; end < ends; end++) rate.ended();
    rate.note(true, nowMs);
  }
  return nowMs;
}

describe('how fast calls end', () => {
  test('is not known before as many have ended as say something', () => {
    const rate = createEndRate();
    expect(rate.perSecond(run(rate, { ends: 7, everyMs: 100, times: 1 }))).toBeUndefined();
    expect(rate.perSecond(run(rate, { fromMs: 100, ends: 1, everyMs: 0, times: 1 }))).toBe(80);
  });

  test('is what has ended by the time in which it did, also where slow calls end together', () => {
    const rate = createEndRate();
    const nowMs = run(rate, { ends: 8, everyMs: 10_000, times: 3 });
    expect(rate.perSecond(nowMs)).toBeCloseTo(0.8);
    expect(rate.perSecond(nowMs + 9_999)).toBeCloseTo(0.8);
  });

  test('follows a server that has become slower, and one that answers no more', () => {
    const rate = createEndRate();
    let nowMs = run(rate, { ends: 8, everyMs: 40, times: 500 });
    expect(rate.perSecond(nowMs)).toBeCloseTo(200, -1);
    nowMs = run(rate, { fromMs: nowMs, ends: 8, everyMs: 400, times: 20 });
    expect(rate.perSecond(nowMs)).toBeCloseTo(20, -1);
    expect(rate.perSecond(nowMs + 600_000)).toBeLessThan(0.2);
  });

  test('is forgotten where a slot is left free: an idle hour is no slow hour', () => {
    const rate = createEndRate();
    const nowMs = run(rate, { ends: 8, everyMs: 40, times: 10 });
    rate.ended();
    rate.note(false, nowMs);
    expect(rate.perSecond(nowMs)).toBeUndefined();
    const laterMs = run(rate, { fromMs: nowMs + 3_600_000, ends: 8, everyMs: 40, times: 10 });
    expect(rate.perSecond(laterMs)).toBeCloseTo(200, -1);
  });
});
