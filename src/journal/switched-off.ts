import type { Journal } from '../core/journal.ts';

/** The journal of a configuration that wants none: nothing is recorded, nothing waits, and nothing can be promised of a key. */
export const switchedOff: Journal = {
  start() {},
  problem: () => undefined,
  accept() {},
  claim: () => ({ kind: 'unrecorded', reason: 'the journal is switched off (journal.enabled: false)' }),
  begin: () => ({ settle() {} }),
  keep: () => undefined,
  end: () => undefined,
  close: () => Promise.resolve(),
};
