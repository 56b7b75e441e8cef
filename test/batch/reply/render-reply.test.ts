import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeTiming } from '../../../src/batch/compute-timing.ts';
import type { ParallelCaps } from '../../../src/batch/compute-timing.ts';
import { formatMs } from '../../../src/batch/reply/format-amount.ts';
import { renderRefusal } from '../../../src/batch/reply/render-refusal.ts';
import { renderReply } from '../../../src/batch/reply/render-reply.ts';
import { parseBatch } from '../../../src/batch/request/parse-batch.ts';
import type { BatchConfig } from '../../../src/config/config.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { settleUnsent, type Outcome } from '../../../src/core/outcome.ts';
import { blocksOf, charsOf, rowsOf, textsOf } from './read-reply.ts';
import { endOf, ok, planOf, requestOf, settings, text, tryPlan } from '../tiny-catalog.ts';

const issue = (more = {}) => ({ tool: 'github__get_issue', arguments: { number: 1 }, ...more });
const caps: ParallelCaps = { maxParallel: 32, servers: new Map() };
const image = (chars: number) => ({ type: 'image', data: 'A'.repeat(chars), mimeType: 'image/png' });

/** The reply of a batch whose running calls ended as given, in their order. */
function replyOf(input: unknown, ended: readonly Outcome[], changed: Partial<BatchConfig> = {}): JsonObject {
  const plan = planOf(input, { settings: changed });
  const rest = [...ended];
  const outcomes = plan.entries.map((entry) => (entry.kind === 'settled' ? entry.outcome : rest.shift()!));
  const timing = computeTiming({ plan, outcomes, caps });
  const request = requestOf(input, changed);
  const finished = { plan, outcomes, request, wallMs: endOf(outcomes), timing };
  return renderReply({ ...finished, settings: { ...settings, ...changed }, isKept: true });
}

function timeoutOf(message: string): Outcome {
  return {
    status: 'timeout',
    applied: 'unknown',
    error: { code: 'timeout', message, retryable: false },
    attempts: 1,
    queuedMs: 0,
    runMs: 10_000,
    startedMs: 0,
  };
}
const unasked = settleUnsent({
  code: 'approval_unavailable',
  message: 'it needs approval: it is destructive; and nobody could be asked',
  retryable: false,
});
const failed = timeoutOf('no answer within 10 s');
const mixed = {
  calls: [
    issue(),
    { tool: 'files__read_text_file' },
    { tool: 'github__list_issues', id: 'list', maxChars: 40 },
    { tool: 'files__delete_file', arguments: { path: 'a' } },
    { tool: 'files__write_file', arguments: { path: 'a', content: 'x' } },
    { tool: 'files/read_text_file', arguments: { path: 'a' } },
    { tool: 'github__get_isue' },
  ],
};
const issues = ['first issue', 'second issue', ...Array.from({ length: 8 }, (_, n) => `issue number ${n + 3}`)];
const mixedEnd: Outcome[] = [
  ok({ ...text('{"number":42}'), structuredContent: { number: 42 } }, 312),
  ok(text(issues.join('\n')), 655),
  unasked,
  failed,
  { ...ok({ ...text('ENOENT: no such file'), isError: true }, 12, 10_000), status: 'tool_error', attempts: 2 },
];

describe('the text form', () => {
  test('a summary, then a block per call in the order asked', () => {
    const [summary, ...calls] = textsOf(replyOf(mixed, mixedEnd));
    expect(summary).toBe(
      'batch 7f3a91: 7 calls, 2 ok, 1 tool_error, 2 invalid, 1 denied, 1 timeout in 10 s (11 s one by one)',
    );
    expect(calls.slice(0, 3)).toEqual([
      '[c0] ok 312 ms github__get_issue\n{"number":42}',
      '[c1] INVALID files__read_text_file: missing "path"\n     arguments: (path: string, head?: number, tail?: number)',
      '[list] ok 655 ms github__list_issues (39 of 145 characters; ask for the rest with batch_await batchId 7f3a91 id list offset 39, or narrow the call)\nfirst issue\nsecond issue\nissue number 3',
    ]);
    expect(calls[3]).toMatch(/^\[c3\] DENIED files__delete_file: approval_unavailable: it needs approval/);
    expect(calls[4]).toBe('[c4] TIMEOUT 10 s files__write_file (applied: unknown): no answer within 10 s');
    expect(calls[5]).toBe('[c5] TOOL_ERROR 12 ms files__read_text_file (2 attempts)\nENOENT: no such file');
    expect(calls[6]).toMatch(/^\[c6\] INVALID github__get_isue: unknown_tool: .*github__get_issue/);
  });

  test('is no error, whatever its calls met', () => {
    expect(replyOf(mixed, mixedEnd)).not.toHaveProperty('isError');
  });

  test('one call alone is not compared with itself', () => {
    expect(textsOf(replyOf([issue()], [ok(text('x'), 812)]))[0]).toBe('batch 7f3a91: 1 call, 1 ok in 812 ms');
  });

  test('images, sounds, links and files follow the block of their call', () => {
    const link = { type: 'resource_link', uri: 'file:///a' };
    const reply = replyOf(
      [issue(), issue()],
      [ok({ content: [image(8), { type: 'text', text: 'seen' }, link] }), ok(text('b'))],
    );
    expect(blocksOf(reply).slice(1)).toEqual([
      { type: 'text', text: '[c0] ok 100 ms github__get_issue\nseen' },
      image(8),
      link,
      { type: 'text', text: '[c1] ok 100 ms github__get_issue\nb' },
    ]);
  });

  test('over 5 MB of images, the rest is named instead of sent', () => {
    const reply = replyOf([issue(), issue()], [ok({ content: [image(3e6)] }), ok({ content: [image(3e6)] })]);
    expect(blocksOf(reply).filter(({ type }) => type === 'image')).toHaveLength(1);
    expect(textsOf(reply)[2]).toContain('(image/png, 3.0 MB, left out: one reply holds 5 MB');
  });

  test('a call that has not ended is there as pending', () => {
    const { plan, request } = { plan: planOf([issue()]), request: requestOf([issue()]) };
    const timing = computeTiming({ plan, outcomes: [], caps });
    const reply = renderReply({ plan, outcomes: [], request, settings, wallMs: 50_000, timing, isKept: true });
    expect(textsOf(reply)).toEqual([
      'batch 7f3a91: 1 call, 1 pending in 50 s\nthe pending call goes on: batch_await batchId 7f3a91 waits and collects',
      '[c0] PENDING github__get_issue (waits for its turn) (applied: unknown)',
    ]);
  });

  test('warnings of the plan stand under the summary, the first few of them', () => {
    const plan = { ...planOf([issue()]), warnings: Array.from({ length: 7 }, (_, n) => `schema ${n}`) };
    const outcomes = [ok(text('x'))];
    const timing = computeTiming({ plan, outcomes, caps });
    const finished = { plan, outcomes, request: requestOf([issue()]), wallMs: 5, timing };
    const reply = renderReply({ ...finished, settings, isKept: true });
    expect(textsOf(reply)[0]?.split('\n').slice(1)).toEqual([
      'warning: schema 0',
      'warning: schema 1',
      'warning: schema 2',
      'warning: schema 3',
      'warning: schema 4',
      'and 2 more warnings',
    ]);
  });
});

describe('the budget', () => {
  test('a short result is whole, long ones share what it leaves', () => {
    const long = 'x'.repeat(30_000);
    const [, short, one, two] = textsOf(
      replyOf([issue(), issue(), issue()], [ok(text('short')), ok(text(long)), ok(text(long))]),
    );
    expect(short).toBe('[c0] ok 100 ms github__get_issue\nshort');
    expect(Math.abs(one!.length - two!.length)).toBeLessThanOrEqual(1);
    expect(one?.length).toBeGreaterThan(19_000);
    expect(one).toMatch(
      /^\[c1\] ok 100 ms github__get_issue \(19,\d{3} of 30,000 characters; ask for the rest with batch_await batchId 7f3a91 id c1 offset 19\d{3}, or narrow the call\)\n/,
    );
  });

  test.each(['text', 'structured'])('never cuts what is no longer than the note that says so (%s)', (format) => {
    const calls = [issue({ maxChars: 3 }), issue({ maxChars: 3 })];
    const reply = replyOf({ calls, format }, [ok(text('x'.repeat(36))), ok(text('y'.repeat(400)))]);
    const shown = JSON.stringify(reply);
    expect(shown.match(/x{2,}/)?.[0]).toHaveLength(36);
    expect(shown.match(/y{2,}/)?.[0]).toHaveLength(3);
    const [, short] = format === 'text' ? textsOf(reply) : [];
    if (format === 'text') expect(short).not.toContain('characters');
    else expect(rowsOf(reply)[0]).not.toHaveProperty('truncated');
  });

  test('is never exceeded but by the heads, and every head is there', () => {
    // Drawn as lengths: long strings drawn character by character take minutes to shrink.
    const long = fc
      .tuple(fc.nat(3_000), fc.integer({ min: 1, max: 400 }))
      .map(([chars, lineChars]) => `${'x'.repeat(lineChars)}\n`.repeat(Math.ceil(chars / lineChars)).slice(0, chars));
    const outcome = fc.oneof(
      long.map((one) => ok(text(one))),
      long.map((inner) => ok({ content: [{ type: 'resource', resource: { uri: 'a', text: inner } }] })),
      long.map((value) => ok({ structuredContent: { value } })),
      long.map((message) => timeoutOf(message)),
    );
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 20 }), fc.nat(8_000), (outcomes, maxReplyChars) => {
        const calls = outcomes.map(() => issue());
        const reply = replyOf(calls, outcomes, { maxReplyChars: maxReplyChars + 1 });
        const [, ...shown] = textsOf(reply);
        expect(shown).toHaveLength(outcomes.length);
        shown.forEach((one, index) => expect(one.startsWith(`[c${index}] `)).toBe(true));
        const headsOnly = charsOf(replyOf(calls, outcomes, { maxReplyChars: 1 }));
        expect(charsOf(reply)).toBeLessThanOrEqual(Math.max(maxReplyChars + 1, headsOnly));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the structured form', () => {
  const structured = { ...mixed, format: 'structured' };

  test('one result per call at its index, with all that is known of it', () => {
    const reply = replyOf(structured, mixedEnd);
    expect(textsOf(reply)).toEqual([
      expect.stringMatching(/^batch 7f3a91: 7 calls.*\nask for the rest of a cut result/),
    ]);
    expect(reply['structuredContent']).toMatchObject({
      batchId: '7f3a91',
      status: 'completed',
      counts: {
        ok: 2,
        tool_error: 1,
        failed: 0,
        invalid: 2,
        denied: 1,
        skipped: 0,
        timeout: 1,
        cancelled: 0,
        pending: 0,
      },
      timing: { wallMs: 10_012, serialMs: 10_979, criticalPath: ['c4', 'c5'], peakParallel: 3 },
      warnings: [],
    });
    const rows = rowsOf(reply);
    expect(rows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(rows[0]).toEqual({
      id: 'c0',
      index: 0,
      server: 'github',
      tool: 'github__get_issue',
      class: 'read',
      reason: 'rule read "get_*" (github.yaml:4)',
      status: 'ok',
      applied: 'no',
      result: { ...text('{"number":42}'), structuredContent: { number: 42 } },
      attempts: 1,
      queuedMs: 0,
      runMs: 312,
      startedMs: 0,
    });
    expect(rows[2]).toMatchObject({
      result: text('first issue\nsecond issue\nissue number 3'),
      truncated: { chars: 39, of: 145 },
    });
    expect(rows[5]).toMatchObject({
      status: 'tool_error',
      attempts: 2,
      waitedFor: ['c3', 'c4'],
      result: { isError: true },
    });
    expect(rows[6]).toMatchObject({
      tool: 'github__get_isue',
      status: 'invalid',
      error: { code: 'unknown_tool', retryable: false },
    });
    expect(rows[6]).not.toHaveProperty('server');
  });

  test('what has not ended makes it partial, what was cancelled makes it cancelled', () => {
    const two = { calls: [issue(), issue()], format: 'structured' };
    const cancelled: Outcome = {
      ...failed,
      status: 'cancelled',
      error: { code: 'cancelled', message: 'cancelled', retryable: true },
    };
    const pending: Outcome = { ...failed, status: 'pending' };
    expect(replyOf(two, [cancelled, ok(text('x'))])['structuredContent']).toMatchObject({ status: 'cancelled' });
    expect(replyOf(two, [cancelled, pending])['structuredContent']).toMatchObject({ status: 'partial' });
  });

  test('what is said twice goes first, and then no structure is left half', () => {
    const one = { calls: [issue()], format: 'structured' };
    const value = 'x'.repeat(600);
    const twice = {
      content: [{ type: 'text', text: JSON.stringify({ a: 1, value }) }],
      structuredContent: { a: 1, value },
    };
    expect(rowsOf(replyOf(one, [ok(twice)], { maxReplyChars: 2_000 }))[0]).toMatchObject({ result: twice });
    const lean = rowsOf(replyOf(one, [ok(twice)], { maxReplyChars: 800 }))[0];
    expect(lean).toMatchObject({ result: { content: [], structuredContent: { a: 1, value } } });
    expect(lean).not.toHaveProperty('truncated');
    const cut = rowsOf(replyOf(one, [ok(twice)], { maxReplyChars: 100 }))[0];
    expect(cut?.['result']).toEqual(text(JSON.stringify({ a: 1, value }).slice(0, 100)));
    expect(cut?.['truncated']).toEqual({ chars: 100, of: 618 });
  });

  test('results and messages together stay within the budget', () => {
    const calls = Array.from({ length: 20 }, () => issue());
    const outcomes = calls.map((_, n) => (n % 2 === 0 ? ok(text('y'.repeat(5_000))) : timeoutOf('z'.repeat(5_000))));
    const reply = JSON.stringify(rowsOf(replyOf({ calls, format: 'structured' }, outcomes, { maxReplyChars: 10_000 })));
    expect(reply.match(/[yz]{3,}/g)?.join('').length).toBeLessThanOrEqual(10_000);
    expect(reply.match(/[yz]{3,}/g)).toHaveLength(20);
  });

  test('over 5 MB of images, the rest is named instead of sent', () => {
    const calls = [issue(), issue()];
    const reply = replyOf({ calls, format: 'structured' }, [
      ok({ content: [image(3e6)] }),
      ok({ content: [image(3e6)] }),
    ]);
    expect(rowsOf(reply)[0]).toMatchObject({ result: { content: [{ type: 'image' }] } });
    expect(rowsOf(reply)[1]).toMatchObject({
      result: { content: [{ type: 'text', text: expect.stringContaining('left out') }] },
    });
  });
});

describe('a refusal', () => {
  test('is an error, and says every problem on a line of its own', () => {
    const refused = parseBatch({ calls: [], parallel: 'yes' }, settings);
    if (refused.ok) throw new Error('accepted');
    const reply = renderRefusal(refused, '7f3a91');
    expect(reply).toEqual({
      content: [
        {
          type: 'text',
          text: [
            'batch refused, nothing was run: invalid_arguments',
            '- calls: there are no calls; give at least one',
            '- parallel: "yes" is not one of "prefer", "avoid", "none"',
          ].join('\n'),
        },
      ],
      isError: true,
    });
  });

  test('of many problems shows the first fifty', () => {
    const problems = Array.from({ length: 60 }, (_, n) => ({ message: `problem ${n}` }));
    const error = { code: 'invalid_arguments', message: 'many', retryable: false } as const;
    const [only] = textsOf(renderRefusal({ error, problems, format: 'text' }, 'x'));
    expect(only?.split('\n')).toHaveLength(52);
    expect(only).toContain('- and 10 more');
  });

  test('has the structured form where that was asked for', () => {
    const refused = tryPlan(
      { calls: [{ tool: 'github__create_issue', arguments: { title: 'a' } }], format: 'structured' },
      { readOnly: true },
    );
    if (refused.ok) throw new Error('accepted');
    expect(renderRefusal(refused, '7f3a91')).toMatchObject({
      isError: true,
      structuredContent: { batchId: '7f3a91', status: 'refused', results: [], error: { code: 'denied_by_policy' } },
    });
  });
});

describe('golden replies', () => {
  test.each(['text', 'structured'])('in the %s form', async (format) => {
    const reply = replyOf({ ...mixed, format }, mixedEnd);
    const shown = format === 'text' ? `${textsOf(reply).join('\n')}\n` : `${JSON.stringify(reply, undefined, 2)}\n`;
    await expect(shown).toMatchFileSnapshot(`../../golden/batch/reply.${format === 'text' ? 'txt' : 'json'}`);
  });

  test('of a refused batch_read', async () => {
    const refused = tryPlan(mixed, { readOnly: true });
    if (refused.ok) throw new Error('accepted');
    const shown = `${textsOf(renderRefusal(refused, '7f3a91')).join('\n')}\n`;
    await expect(shown).toMatchFileSnapshot('../../golden/batch/refusal.txt');
  });
});

test.each([
  [0, '0 ms'],
  [312.4, '312 ms'],
  [999.6, '1 s'],
  [2_080, '2.1 s'],
  [59_940, '59.9 s'],
  [59_990, '1 min'],
  [65_000, '1 min 5 s'],
  [3_600_000, '60 min'],
])('%d ms reads as %s', (ms, expected) => {
  expect(formatMs(ms)).toBe(expected);
});
