import { describe, expect, test } from 'vitest';
import { createFlowLedger } from '../../../src/serve/flow/flow-ledger.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';

const page = { exposedName: 'w__page', marks: ['untrusted'] as const };
const mail = { exposedName: 'w__mail', marks: ['private'] as const };
const hourMs = 3_600_000;

describe('what a client has read', () => {
  test('is its own, and keeps the name of the tool that was the first', () => {
    const ledger = createFlowLedger(createVirtualClock());
    ledger.record('a', page);
    ledger.record('a', { ...page, exposedName: 'w__other' });
    ledger.record('a', { exposedName: 'w__plain' });
    ledger.record('b', mail);
    expect(ledger.touched('a')).toEqual({ untrusted: 'w__page' });
    expect(ledger.touched('b')).toEqual({ private: 'w__mail' });
    expect(ledger.touched('c')).toEqual({});
  });

  test('is kept until 12 h after its last call', async () => {
    const clock = createVirtualClock();
    const ledger = createFlowLedger(clock);
    ledger.record('a', page);
    await clock.pass(11 * hourMs);
    ledger.record('a', { exposedName: 'w__plain' });
    await clock.pass(11 * hourMs);
    expect(ledger.touched('a')).toEqual({ untrusted: 'w__page' });
    await clock.pass(12 * hourMs);
    expect(ledger.touched('a')).toEqual({});
  });

  test('goes with its session, with the last one of its name', () => {
    const ledger = createFlowLedger(createVirtualClock());
    const leaveFirst = ledger.join({ id: 'a', isSession: true });
    const leaveSecond = ledger.join({ id: 'a', isSession: true });
    ledger.record('a', page);
    leaveFirst();
    leaveFirst();
    expect(ledger.touched('a')).toEqual({ untrusted: 'w__page' });
    leaveSecond();
    expect(ledger.touched('a')).toEqual({});
  });

  test('outlives the connections of a client that has no session', () => {
    const ledger = createFlowLedger(createVirtualClock());
    ledger.record('a', page);
    ledger.join({ id: 'a', isSession: false })();
    expect(ledger.touched('a')).toEqual({ untrusted: 'w__page' });
  });

  test('counts for everybody once there are too many to keep apart, so that nobody is thought to be clean', async () => {
    const clock = createVirtualClock();
    const ledger = createFlowLedger(clock);
    ledger.record('first', mail);
    for (let index = 0; index < 10_000; index++) ledger.record(`p${index}`, page);
    expect(ledger.touched('first')).toEqual({ private: 'w__mail' });
    expect(ledger.touched('p9999')).toEqual({ untrusted: 'w__page', private: 'w__mail' });
    ledger.record('first', page);
    expect(ledger.touched('first')).toEqual({ untrusted: 'w__page', private: 'w__mail' });
    await clock.pass(12 * hourMs);
    expect(ledger.touched('first')).toEqual({});
  });
});
