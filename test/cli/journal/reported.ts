import type { JsonObject } from '../../../src/core/json.ts';
import { batchOf, callOf, startMs, unknownCall } from './fake-journal.ts';

const write: JsonObject = {
  id: 'c1',
  tool: 'files__write_file',
  server: 'files',
  class: 'write',
  status: 'timeout',
  applied: 'unknown',
  attempts: 1,
  queuedMs: 400,
  runMs: 2_000,
  startedMs: 400,
  error: { code: 'timeout', message: 'no answer within 2 s; it may still take effect', retryable: false },
};

function readOf(given: JsonObject): JsonObject {
  const read = { tool: 'github__get_issue', server: 'github', class: 'read', applied: 'no', attempts: 1, queuedMs: 0 };
  return { ...read, status: 'ok', runMs: 312, startedMs: 0, ...given };
}

/** A batch that ended in its own process, with a report: one of its calls is a write that timed out. */
export const reported = batchOf({
  calls: 4,
  wallMs: 2_400,
  endedAt: startMs + 2_400,
  report: {
    batchId: '7f3a91',
    status: 'completed',
    results: [
      readOf({ id: 'c0' }),
      write,
      readOf({ id: 'c2', startedMs: 405, queuedMs: 405, status: 'tool_error', runMs: 90 }),
      readOf({
        id: 'c3',
        attempts: 0,
        runMs: 0,
        status: 'invalid',
        error: { code: 'unknown_tool', message: 'no such tool' },
      }),
    ],
    timing: {
      wallMs: 2_400,
      serialMs: 2_402,
      lowerBoundMs: 2_000,
      bound: 'critical path',
      criticalPath: ['c1'],
      peakParallel: 2,
    },
    warnings: ['c1: its record\u001b[2J failed'],
  },
});

export const reportedCalls = [
  callOf(),
  unknownCall,
  callOf({ atMs: 405, callId: 'c2', status: 'tool_error', runMs: 90 }),
];

/** A batch whose process was killed: a write was in flight, and two of its five calls were never recorded. */
export const killed = batchOf({
  batchId: '80aa01',
  atMs: 1_850,
  calls: 4,
  status: 'interrupted',
  endedAt: startMs + 9e6,
});

const own = { batchId: '80aa01', server: 'files' };
export const killedCalls = [
  callOf({ ...own, atMs: 1_900, tool: 'write_file', class: 'write', applied: 'yes', runMs: 900 }),
  callOf({
    ...own,
    atMs: 2_000,
    callId: 'c1',
    tool: 'write_file',
    class: 'write',
    status: 'interrupted',
    applied: 'unknown',
    endedAt: startMs + 9e6,
  }),
  callOf({ ...own, atMs: 2_100, callId: 'each[0]', tool: 'read_text_file', runMs: 300 }),
  callOf({
    ...own,
    atMs: 2_150,
    callId: 'each[1]',
    tool: 'read_text_file',
    runMs: 400,
    status: 'failed',
    code: 'connection_lost',
    message: 'the server exited',
  }),
];
