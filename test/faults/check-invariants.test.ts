import { describe, expect, test } from 'vitest';
import { checkInvariants, type Evidence, type Told } from './chaos/check-invariants.mjs';

/** One write that went well, with what `change` makes of it. */
function evidence(change: (whole: Evidence) => void = () => {}): Evidence {
  const told = new Map<string, Told>([
    ['n', { tool: 'write', ends: [{ status: 'ok', applied: 'yes', batchId: 'b' }] }],
  ]);
  const whole: Evidence = {
    logs: [
      { event: 'start', nonce: 'n' },
      { event: 'effect', nonce: 'n' },
    ],
    told,
    calls: [{ batchId: 'b', callId: 'c0', status: 'ok', applied: 'yes', arguments: { nonce: 'n' } }],
    batches: [{ batchId: 'b', status: 'completed' }],
  };
  change(whole);
  return whole;
}

const endOf = (whole: Evidence): Told['ends'][number] => whole.told.get('n')!.ends[0]!;

describe('the invariants of the chaos', () => {
  test('hold where a write was sent once, done, reported and journaled', () => {
    expect(checkInvariants(evidence())).toEqual([]);
  });

  const breaches: [string, RegExp, (whole: Evidence) => void][] = [
    ['a write that was sent twice', /n was sent 2 times/, ({ logs }) => void logs.push({ event: 'start', nonce: 'n' })],
    ['an ok of which no server knows', /reported ok, and no server did it/, ({ logs }) => void logs.pop()],
    ['"applied: no" of what was done', /applied no, and was done/, (whole) => void (endOf(whole).applied = 'no')],
    ['a batch without an end', /no terminal record/, (whole) => void (whole.batches[0]!.status = 'running')],
    ['a batch with two ends', /has 2 records/, ({ batches }) => void batches.push({ ...batches[0]! })],
    ['an answered batch that the journal lacks', /journal has nothing of it/, ({ batches }) => void batches.pop()],
    ['a call that the journal lacks', /n was sent, and the journal has nothing/, ({ calls }) => void calls.pop()],
    ['a call that still runs', /still running/, ({ calls }) => void (calls[0]!.status = 'running')],
    [
      'an interrupted call that is said to have changed nothing',
      /was interrupted, applied no/,
      ({ calls }) => void Object.assign(calls[0]!, { status: 'interrupted', applied: 'no' }),
    ],
    ['a call that nobody made', /which nobody asked for/, ({ logs }) => void logs.push({ event: 'start', nonce: 'x' })],
  ];
  test.each(breaches)('tell of %s', (_name, breach, change) => {
    expect(checkInvariants(evidence(change))).toContainEqual(expect.stringMatching(breach));
  });

  test('let a write that is declared idempotent be sent again', () => {
    const repeated = evidence((whole) => {
      whole.told.get('n')!.tool = 'put';
      whole.logs.push({ event: 'start', nonce: 'n' }, { event: 'effect', nonce: 'n' });
    });
    expect(checkInvariants(repeated)).toEqual([]);
  });
});
