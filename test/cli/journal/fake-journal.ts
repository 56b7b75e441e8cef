import type { CallFilter, JournalReader } from '../../../src/cli/journal/journal-reader.ts';
import type { LoggedBatch, LoggedCall } from '../../../src/core/journal.ts';

/** Local time, so that what is shown of it is the same wherever the tests run. */
export const startMs = new Date(2026, 10, 21, 23, 41, 7, 123).getTime();

/** A call that took 312 ms and was ok, but for what is given. `atMs` counts from `startMs`. */
export function callOf({ atMs = 0, ...given }: Partial<LoggedCall> & { atMs?: number } = {}): LoggedCall {
  const startedAt = startMs + atMs;
  const whole: LoggedCall = {
    seq: 1,
    batchId: '7f3a91',
    callId: 'c0',
    principal: 'stdio',
    server: 'github',
    tool: 'get_issue',
    class: 'read',
    argumentsDigest: 'f'.repeat(64),
    startedAt,
    status: 'ok',
    applied: 'no',
    attempts: 1,
    ...given,
  };
  if (whole.status === 'running' || whole.status === 'interrupted') return whole;
  return { runMs: 312, endedAt: startedAt + (given.runMs ?? 312), ...whole };
}

/** A call of which nobody knows whether it has changed something. */
export const unknownCall = callOf({
  atMs: 400,
  callId: 'c1',
  server: 'files',
  tool: 'write_file',
  class: 'write',
  status: 'timeout',
  applied: 'unknown',
  code: 'timeout',
  message: 'no answer within 2 s; it may still take effect',
  runMs: 2_000,
});

export function batchOf({ atMs = 0, ...given }: Partial<LoggedBatch> & { atMs?: number } = {}): LoggedBatch {
  const acceptedAt = startMs + atMs;
  return {
    batchId: '7f3a91',
    principal: 'stdio',
    tool: 'batch_call',
    calls: 2,
    acceptedAt,
    status: 'completed',
    ...given,
  };
}

export interface FakeJournal extends JournalReader {
  /** Records calls while it is followed. */
  record(...calls: LoggedCall[]): void;
  followers(): number;
  closed: number;
}

/** A journal that holds what the test says, in the order of recording. */
export function fakeJournal(
  given: { calls?: readonly LoggedCall[]; batches?: readonly LoggedBatch[]; problems?: readonly string[] } = {},
): FakeJournal {
  const calls = [...(given.calls ?? [])];
  const batches = given.batches ?? [];
  const listeners = new Set<(calls: readonly LoggedCall[]) => void>();
  const passes = (call: LoggedCall, { batchId, server, since, where }: CallFilter): boolean => {
    return (
      (batchId === undefined || call.batchId === batchId) &&
      (server === undefined || call.server === server) &&
      (since === undefined || call.startedAt >= since) &&
      (where === undefined || where(call))
    );
  };
  const journal: FakeJournal = {
    place: '/state/journal',
    isThere: true,
    closed: 0,
    problems: () => given.problems ?? [],
    calls: (filter) => calls.filter((call) => passes(call, filter)).slice(-filter.limit),
    batches: ({ idPrefix = '', since = 0, limit }) =>
      batches
        .filter(({ batchId, acceptedAt }) => batchId.startsWith(idPrefix) && acceptedAt >= since)
        .sort((a, b) => b.acceptedAt - a.acceptedAt)
        .slice(0, limit),
    callsOf: (batchId) => calls.filter((call) => call.batchId === batchId),
    follow(filter, onCalls, signal) {
      const listener = (fresh: readonly LoggedCall[]): void => onCalls(fresh.filter((call) => passes(call, filter)));
      listeners.add(listener);
      return new Promise((resolve) => {
        const end = (): void => {
          listeners.delete(listener);
          resolve();
        };
        if (signal.aborted) return end();
        signal.addEventListener('abort', end, { once: true });
      });
    },
    followers: () => listeners.size,
    close: () => void journal.closed++,
    record(...fresh) {
      calls.push(...fresh);
      for (const listener of listeners) listener(fresh);
    },
  };
  return journal;
}
