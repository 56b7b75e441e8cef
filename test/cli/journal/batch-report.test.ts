import { describe, expect, test } from 'vitest';
import { reportBatch } from '../../../src/cli/journal/batch-report.ts';
import { batchOf, callOf, startMs, unknownCall } from './fake-journal.ts';
import { killed, killedCalls, reported, reportedCalls } from './reported.ts';

const now = startMs + 60_000;

describe('what the journal knows of a batch', () => {
  test('is its own report where it ended in its own process, with every call, sent or not', () => {
    const report = reportBatch(reported, { calls: reportedCalls, now });
    expect(report.calls.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'c0 ok',
      'c1 timeout',
      'c2 tool_error',
      'c3 invalid',
    ]);
    expect(report.counts).toEqual([
      ['ok', 1],
      ['timeout', 1],
      ['tool_error', 1],
      ['invalid', 1],
    ]);
    expect(report.timing).toMatchObject({ wallMs: 2_400, lowerBoundMs: 2_000, peakParallel: 2 });
    expect(report.unknown.map(({ id }) => id)).toEqual(['c1']);
    expect(report.slowest.map(({ id }) => id)).toEqual(['c1', 'c0', 'c2']);
    expect(report.unrecorded).toBeUndefined();
  });

  test('counts an effect as known once it was learnt, and says what was', () => {
    const learnt = { ...unknownCall, status: 'ok' as const, applied: 'yes' as const, isLate: true as const };
    const report = reportBatch(reported, { calls: [callOf(), learnt], now });
    expect(report.unknown).toEqual([]);
    expect(report.late).toEqual([{ id: 'c1', status: 'ok', applied: 'yes' }]);
  });

  test('leaves an effect unknown of which nothing more could be learnt late', () => {
    const report = reportBatch(reported, { calls: [{ ...unknownCall, isLate: true }], now });
    expect(report.unknown.map(({ id }) => id)).toEqual(['c1']);
  });

  test('is drawn from its calls where its process was killed', () => {
    const report = reportBatch(killed, { calls: killedCalls, now });
    expect(report.calls).toMatchObject([
      { id: 'c0', status: 'ok', startedMs: 50, runMs: 900 },
      // Until the last moment from which anything is known, not until somebody found the journal.
      { id: 'c1', status: 'interrupted', startedMs: 150, runMs: 800 },
      { id: 'each', status: 'failed', startedMs: 250, runMs: 450, items: [{ id: 'each[0]' }, { id: 'each[1]' }] },
    ]);
    expect(report.calls[2]?.error).toBeUndefined();
    expect(report.timing).toEqual({ wallMs: 950, serialMs: 2_400, peakParallel: 4, isOpen: true });
    expect(report.unknown.map(({ id }) => id)).toEqual(['c1']);
    expect(report.unrecorded).toBe(1);
    expect(report.slowest.map(({ id }) => id)).toEqual(['c0', 'each[1]', 'each[0]']);
  });

  test('says why an element failed once, not of the whole list as well', () => {
    const element = { ...unknownCall, callId: 'each[0]' };
    const { calls } = reportBatch(killed, { calls: [element], now });
    expect(calls).toMatchObject([{ id: 'each', status: 'timeout', items: [{ error: { code: 'timeout' } }] }]);
    expect(calls[0]).not.toHaveProperty('error');
  });

  test('has calls that run go on until now, and their effect still to come', () => {
    const running = { ...unknownCall, status: 'running' as const };
    const { calls, timing, unknown } = reportBatch(batchOf({ status: 'running' }), { calls: [running], now });
    expect(calls).toMatchObject([{ id: 'c1', status: 'running', startedMs: 400, runMs: 59_600 }]);
    expect(timing).toMatchObject({ wallMs: 60_000, isOpen: true });
    expect(unknown).toEqual([]);
  });

  test('has no negative times, whatever clocks did', () => {
    const early = callOf({ atMs: -5_000, endedAt: startMs - 9_000 });
    delete early.runMs;
    const { calls, timing } = reportBatch(batchOf({ status: 'interrupted' }), {
      calls: [early],
      now: startMs - 60_000,
    });
    expect(calls).toMatchObject([{ startedMs: 0, runMs: 0 }]);
    expect(timing.wallMs).toBe(0);
  });
});
