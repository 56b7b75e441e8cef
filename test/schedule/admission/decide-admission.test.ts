import { describe, expect, test } from 'vitest';
import { decideAdmission, type Arrival, type Crowd } from '../../../src/schedule/admission/decide-admission.ts';

const arrival: Arrival = {
  crowds: [[]],
  deadlineMs: 10_000,
  calls: 5,
  mayAsk: false,
  waiting: 0,
  maxWaiting: 100,
  heldBack: 0,
};
const crowd = (ahead: number, endsPerSecond?: number): Crowd => ({ where: 'on a', ahead, endsPerSecond });
const judge = (part: Partial<Arrival>): string | undefined => decideAdmission({ ...arrival, ...part })?.code;

describe('a batch that arrives', () => {
  test('is taken while the work ahead of it leaves it time, and refused from then on, in words that say when to come again', () => {
    expect(judge({ crowds: [[crowd(80, 10)]] })).toBeUndefined();
    expect(decideAdmission({ ...arrival, crowds: [[crowd(120, 10)]] })).toEqual({
      code: 'limit_exceeded',
      message:
        'too much is waiting: 120 calls of other batches go first on a, which takes some 12 s, and this batch has to answer within 10 s; send it again in 4 s or later',
      retryable: true,
    });
  });

  test('is taken where nobody knows yet how fast the others end, and where nobody is ahead of it', () => {
    expect(judge({ crowds: [[crowd(5_000)]] })).toBeUndefined();
    expect(judge({ crowds: [[crowd(0, 0.001)]] })).toBeUndefined();
    expect(judge({ crowds: [] })).toBeUndefined();
  });

  test('waits for all that one of its calls needs, and is taken where another of its calls need not wait', () => {
    expect(judge({ crowds: [[crowd(10, 10), crowd(900, 10)]] })).toBe('limit_exceeded');
    expect(judge({ crowds: [[crowd(900, 10)], [crowd(800, 10)]] })).toBe('limit_exceeded');
    expect(judge({ crowds: [[crowd(900, 10)], []] })).toBeUndefined();
  });

  test('that means to end in the background is not refused for a wait under a second', () => {
    expect(judge({ deadlineMs: 1, crowds: [[crowd(9, 10)]] })).toBeUndefined();
    expect(judge({ deadlineMs: 1, crowds: [[crowd(11, 10)]] })).toBe('limit_exceeded');
  });

  test('is refused where more calls would wait than may, but never where it is alone', () => {
    expect(judge({ waiting: 95 })).toBeUndefined();
    expect(decideAdmission({ ...arrival, waiting: 96 })).toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringContaining('limits.queuedCalls'),
      retryable: true,
    });
    expect(judge({ calls: 1_000 })).toBeUndefined();
  });

  test('is not kept waiting by what waits for a person, unless it would have to wait for one as well', () => {
    expect(judge({ heldBack: 5_000 })).toBeUndefined();
    expect(judge({ heldBack: 95, mayAsk: true })).toBeUndefined();
    expect(decideAdmission({ ...arrival, heldBack: 96, mayAsk: true })).toEqual({
      code: 'limit_exceeded',
      message:
        '96 calls wait for approval already, of 100 that may (limits.queuedCalls); send it again when some have been answered',
      retryable: true,
    });
    expect(judge({ calls: 1_000, mayAsk: true })).toBeUndefined();
  });
});
