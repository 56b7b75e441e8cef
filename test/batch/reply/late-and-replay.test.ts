import { describe, expect, test } from 'vitest';
import { renderLate } from '../../../src/batch/reply/learnt-late.ts';
import { markReplay } from '../../../src/batch/reply/mark-replay.ts';
import { renderReply } from '../../../src/batch/reply/render-reply.ts';
import { renderRest } from '../../../src/batch/reply/render-rest.ts';
import { renderReport } from '../../../src/batch/reply/structured/render-report.ts';
import type { LateEnd, Outcome } from '../../../src/core/outcome.ts';
import { ok, text } from '../tiny-catalog.ts';
import { finishBatch } from './finish-batch.ts';
import { textsOf } from './read-reply.ts';

const calls = [{ tool: 'files__write_file', arguments: { path: '/a', content: 'x' } }];
const timeout: Outcome = {
  status: 'timeout',
  applied: 'unknown',
  error: { code: 'timeout', message: 'no answer within 2 s', retryable: false },
  attempts: 1,
  queuedMs: 0,
  runMs: 2_000,
  startedMs: 0,
};
const late: LateEnd = { id: 'c0', status: 'ok', applied: 'yes', result: text('wrote it') };

describe('a call that ended late', () => {
  test('has its answer where its error stood, under the status from before', () => {
    const batch = { ...finishBatch({ calls }, [timeout]), late: [late] };
    expect(textsOf(renderReply(batch))[1]).toBe(
      '[c0] TIMEOUT 2 s files__write_file (answered later: ok, applied: yes)\nwrote it',
    );
  });

  test('has its answer cut and read on like any other', () => {
    const long = { ...late, result: text('x'.repeat(500)) };
    const batch = { ...finishBatch({ calls: [{ ...calls[0], maxChars: 300 }] }, [timeout]), late: [long] };
    expect(textsOf(renderReply(batch))[1]).toContain('300 of 500 characters');
    const [rest] = textsOf(renderRest({ batch, id: 'c0', offset: 300, maxChars: 1_000, settings: batch.settings }));
    expect(rest).toContain('characters 300 to 500 of 500');
    expect(rest?.match(/x{5,}/)?.[0]).toHaveLength(200);
  });

  test('without an answer keeps its error', () => {
    const lost: LateEnd = { id: 'c0', status: 'failed', applied: 'unknown' };
    const batch = { ...finishBatch({ calls }, [timeout]), late: [lost] };
    expect(textsOf(renderReply(batch))[1]).toBe(
      '[c0] TIMEOUT 2 s files__write_file (answered later: failed, applied: unknown): no answer within 2 s',
    );
  });

  test('has what was selected of its answer', () => {
    const batch = finishBatch({ calls: [{ ...calls[0], select: { n: '/n' } }], format: 'structured' }, [timeout]);
    const { structuredContent } = renderReply({ ...batch, late: [{ ...late, result: text('{"n":7}') }] });
    expect(structuredContent).toMatchObject({
      results: [{ status: 'timeout', applied: 'yes', selected: { n: 7 }, error: { code: 'timeout' } }],
    });
  });

  test('is one line of at most twenty, however many there are', () => {
    const many = Array.from(
      { length: 30 },
      (_, n) => ({ batchId: '7f3a91', id: `c${n}`, status: 'ok', applied: 'yes' }) as const,
    );
    const lines = renderLate(many, { batchId: '7f3a91', shows: true });
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe('late: c0 ok after all, applied: yes');
    expect(lines.at(-1)).toBe('and 10 more that ended late');
  });
});

test('what a caller should know of one call stands among the warnings, with its id', () => {
  const warned = { ...ok(text('done')), warning: 'an earlier write of its key may or may not have taken effect' };
  const batch = finishBatch({ calls }, [warned]);
  expect(textsOf(renderReply(batch))[0]).toContain(
    'warning: c0: an earlier write of its key may or may not have taken effect',
  );
});

test('what is to be said of a batch as a whole stands before all other warnings', () => {
  const batch = {
    ...finishBatch({ calls, format: 'structured' }, [{ ...ok(text('done')), warning: 'odd' }]),
    notes: ['first'],
  };
  expect(renderReply(batch)['structuredContent']).toMatchObject({ warnings: ['first', 'c0: odd'] });
});

test('the report of a batch has everything of its reply but what its calls brought', () => {
  const batch = finishBatch({ calls: [...calls, { tool: 'github__get_issue', arguments: { number: 1 } }] }, [
    { ...timeout, error: { ...timeout.error!, message: 'm'.repeat(1_000) } },
    ok(text('secret')),
  ]);
  const report = renderReport(batch);
  const { structuredContent } = renderReply({ ...batch, request: { ...batch.request, format: 'structured' } });
  const whole = JSON.parse(JSON.stringify(structuredContent));
  delete whole.results[1].result;
  whole.results[0].error.message = 'm'.repeat(300);
  expect(report).toEqual(whole);
});

test.each(['invalid_reference', 'invalid_arguments', 'unknown_tool'] as const)(
  'the report for the journal has no message of %s, which quotes what the call was given; the code stays',
  (code) => {
    const error = { code, message: 'path: "canary-5f1c" is not a path', retryable: false };
    const invalid: Outcome = { ...timeout, status: 'invalid', applied: 'no', error, attempts: 0 };
    const batch = finishBatch({ calls, format: 'structured' }, [invalid]);
    expect(JSON.stringify(renderReply(batch))).toContain('canary');
    const report = renderReport({ ...batch, outcomes: [{ ...invalid, items: [invalid] }] });
    expect(JSON.stringify(report)).not.toContain('canary');
    expect(report).toMatchObject({
      results: [{ error: { code, message: '' }, items: [{ error: { code, message: '' } }] }],
    });
  },
);

test('a recorded reply of an odd form can still be marked as a replay', () => {
  expect(markReplay({}, '7f3a91')).toMatchObject({
    content: [{ type: 'text', text: expect.stringContaining('a replay') }],
  });
});
