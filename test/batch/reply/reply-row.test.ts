import { describe, expect, test } from 'vitest';
import { renderReply } from '../../../src/batch/reply/render-reply.ts';
import { renderRest } from '../../../src/batch/reply/render-rest.ts';
import { settleUnsent } from '../../../src/core/outcome.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { ok, settings, text } from '../tiny-catalog.ts';
import { cpuMs } from '../../cpu-ms.ts';
import { finishBatch } from './finish-batch.ts';
import type { Twist } from './finish-batch.ts';
import { charsOf, rowsOf, textsOf } from './read-reply.ts';

const read = (path: string, more = {}) => ({ tool: 'files__read_text_file', arguments: { path }, ...more });
const structured = { format: 'structured' as const };

const gone: Outcome = { ...ok({ ...text('ENOENT'), isError: true }, 2, 10), status: 'tool_error' };
const unsent = settleUnsent({ code: 'dependency_failed', message: 'not run: it depends on c0', retryable: true }, 5);
const items = [
  ok(text('first'), 3, 10),
  { ...ok(text('second'), 4, 10), decided: { class: 'write' as const, reason: 'its mode' } },
  gone,
];
const whole: Outcome = {
  ...settleUnsent({ code: 'internal', message: '', retryable: false }),
  status: 'tool_error',
  attempts: 3,
  runMs: 312,
  items,
  error: { code: 'upstream_error', message: '1 of 3 elements did not succeed: c1[2]', retryable: false },
};

describe('a forEach call', () => {
  const calls = [read('a'), read('b'), read('c')];
  const outcomes = [ok(text('list')), whole, ok(text('after'))];

  test('is a line for the whole, then each element, in the order of the list', () => {
    const texts = textsOf(renderReply(finishBatch(calls, outcomes)));
    expect(texts.slice(2)).toEqual([
      '[c1] TOOL_ERROR 312 ms files__read_text_file: 3 elements, 2 ok, 1 tool_error',
      '[c1[0]] ok 3 ms\nfirst',
      '[c1[1]] ok 4 ms\nsecond',
      '[c1[2]] TOOL_ERROR 2 ms\nENOENT',
      '[c2] ok 100 ms files__read_text_file\nafter',
    ]);
  });

  test('counts as one call, and its elements as work', () => {
    const reply = renderReply(finishBatch(calls, outcomes));
    expect(textsOf(reply)[0]).toBe('batch 7f3a91: 3 calls, 2 ok, 1 tool_error in 100 ms (209 ms one by one)');
  });

  test('has its elements under items, with the fields of a call, what each turned out to be included', () => {
    const row = rowsOf(renderReply(finishBatch(calls, outcomes, { changed: structured })))[1];
    expect(row).toMatchObject({ id: 'c1', status: 'tool_error', error: { code: 'upstream_error' } });
    expect(row).not.toHaveProperty('result');
    expect(row?.['items']).toEqual([
      expect.objectContaining({ id: 'c1[0]', index: 0, class: 'read', status: 'ok', result: text('first'), runMs: 3 }),
      expect.objectContaining({ id: 'c1[1]', index: 1, class: 'write', reason: 'its mode' }),
      expect.objectContaining({ id: 'c1[2]', index: 2, status: 'tool_error', result: expect.anything() }),
    ]);
  });

  test('over nothing is ok, and says so', () => {
    const none = { ...ok({}, 0), attempts: 0, items: [] };
    const texts = textsOf(renderReply(finishBatch([read('a')], [none])));
    expect(texts[1]).toBe('[c0] ok files__read_text_file: 0 elements');
  });

  test('says why an element was not run', () => {
    const texts = textsOf(renderReply(finishBatch([read('a')], [{ ...whole, items: [unsent] }])));
    expect(texts[2]).toBe('[c0[0]] SKIPPED: dependency_failed: not run: it depends on c0');
  });

  test.each(['text', 'structured'] as const)('shares its maxChars among its elements (%s)', (format) => {
    const long = ['a', 'b', 'c', 'd'].map((letter) => ok(text(letter.repeat(5_000))));
    const each = { ...ok({}), items: [ok(text('short')), ...long] };
    const batch = finishBatch({ calls: [read('a', { maxChars: 1_000 })], format }, [each], { changed: { format } });
    const reply = renderReply(batch);
    const shown = JSON.stringify(format === 'text' ? textsOf(reply) : rowsOf(reply));
    expect(shown).toContain('short');
    const shares = ['a', 'b', 'c', 'd'].map((letter) => shown.match(new RegExp(`${letter}{3,}`))?.[0].length ?? 0);
    expect(shares.map((chars) => chars === 248 || chars === 249)).toEqual([true, true, true, true]);
    expect(shares.reduce((sum, chars) => sum + chars, 'short'.length)).toBeLessThanOrEqual(1_000);
  });

  test.each(['text', 'structured'] as const)(
    'shows errors of elements whole, however few characters it may have (%s)',
    (format) => {
      const error = { code: 'timeout', message: `no answer ${'within 10 s '.repeat(30)}`, retryable: true } as const;
      const { result: _, ...failed } = ok({});
      const bad: Outcome = { ...failed, status: 'timeout', error };
      const each = { ...ok({}), items: [ok(text('x'.repeat(5_000))), bad, ok(text('y'.repeat(5_000)))] };
      const batch = finishBatch({ calls: [read('a', { maxChars: 100 })], format }, [each], { changed: { format } });
      const shown = JSON.stringify(renderReply(batch));
      expect(shown).toContain(error.message);
      expect(shown.match(/x{3,}/)?.[0]).toHaveLength(50);
      expect(shown.match(/y{3,}/)?.[0]).toHaveLength(50);
    },
  );

  test.each(['text', 'structured'] as const)('has what the batch allows per result for each element (%s)', (format) => {
    const each = { ...ok({}), items: ['x', 'y'].map((letter) => ok(text(letter.repeat(5_000)))) };
    const batch = finishBatch({ calls: [read('a')], format, maxChars: 1_000 }, [each], { changed: { format } });
    const shown = JSON.stringify(renderReply(batch));
    expect(shown.match(/x{3,}/)?.[0]).toHaveLength(1_000);
    expect(shown.match(/y{3,}/)?.[0]).toHaveLength(1_000);
    const again = JSON.stringify(renderRest({ batch, id: 'c0', maxChars: 40_000, settings }));
    expect(again.match(/y{3,}/)?.[0]).toHaveLength(5_000);
  });

  test('with a hundred long elements keeps the reply within its budget, and says once how to get the rest', () => {
    const each = { ...ok({}), items: Array.from({ length: 100 }, () => ok(text('x'.repeat(5_000)))) };
    const reply = renderReply(finishBatch([read('a')], [each]));
    expect(charsOf(reply)).toBeLessThanOrEqual(40_000);
    expect(charsOf(reply)).toBeGreaterThan(38_000);
    expect(textsOf(reply)[0]).toMatch(/\nask for the rest of a cut result with batch_await batchId 7f3a91, its id/);
    expect(textsOf(reply)[102 - 1]).toMatch(/^\[c0\[99\]\] ok 100 ms \(\d{3} of 5,000 characters\)\nx+$/);
  });
});

describe('select', () => {
  const select = [
    { name: 'title', pointer: ['title'] },
    { name: 'who', pointer: ['author', 'login'] },
  ];
  const twists: Record<number, Twist> = { 0: { asked: { select } } };
  const issue = ok({ ...text('ignored'), structuredContent: { title: 'Leak', body: 'x'.repeat(500) } });

  test('shows the values alone, and warns of what was not found', () => {
    const [summary, shown] = textsOf(renderReply(finishBatch([read('a')], [issue], { twists })));
    expect(summary).toMatch(/\nwarning: c0: select who: .*author/);
    expect(shown).toBe('[c0] ok 100 ms files__read_text_file\n{"title":"Leak","who":null}');
  });

  test('that missed something says how to see the whole result, and there it is', () => {
    const batch = finishBatch([read('a')], [issue], { twists });
    expect(textsOf(renderReply(batch))[0]).toMatch(
      /^warning: c0: select who: .*; batch_await batchId 7f3a91 id c0 shows the whole result$/m,
    );
    const whole = renderRest({ batch, id: 'c0', maxChars: 40_000, settings });
    expect(textsOf(whole)[0]).toContain('"body":"xxx');
    const { outcomes } = finishBatch([read('a')], [issue]);
    const each = finishBatch([read('a')], [{ ...ok({}), items: outcomes }], { twists });
    expect(textsOf(renderReply(each))[0]).toContain('batch_await batchId 7f3a91 id c0[0] shows the whole result');
    expect(textsOf(renderRest({ batch: each, id: 'c0[0]', maxChars: 40_000, settings }))[0]).toContain('"body":"xxx');
  });

  test('that found all is what is read again', () => {
    const found = { 0: { asked: { select: [{ name: 'title', pointer: ['title'] }] } } };
    const batch = finishBatch([read('a')], [issue], { twists: found });
    const [again] = textsOf(renderRest({ batch, id: 'c0', maxChars: 40_000, settings }));
    expect(again).toBe('[c0] ok 100 ms files__read_text_file\n{"title":"Leak"}');
  });

  test('that missed something and was cut leads to the beginning of the result', () => {
    const both = [
      { name: 'all', pointer: ['body'] },
      { name: 'who', pointer: ['author'] },
    ];
    const batch = finishBatch([read('a')], [issue], { twists: { 0: { asked: { select: both, maxChars: 100 } } } });
    expect(textsOf(renderReply(batch))[1]).toContain('batch_await batchId 7f3a91 id c0 offset 0');
  });

  test('is selected instead of result in the structured form', () => {
    const reply = renderReply(finishBatch([read('a')], [issue], { twists, changed: structured }));
    expect(rowsOf(reply)[0]).toMatchObject({ selected: { title: 'Leak', who: null } });
    expect(rowsOf(reply)[0]).not.toHaveProperty('result');
    expect(reply['structuredContent']).toMatchObject({ warnings: [expect.stringMatching(/^c0: select who: /)] });
  });

  test('too long for the reply is cut as text, and says so', () => {
    const all = { 0: { asked: { select: [{ name: 'all', pointer: ['body'] }], maxChars: 100 } } };
    const reply = renderReply(finishBatch([read('a')], [issue], { twists: all, changed: structured }));
    expect(rowsOf(reply)[0]).toMatchObject({
      result: text(`{"all":"${'x'.repeat(92)}`),
      truncated: { chars: 100, of: 510 },
    });
    expect(rowsOf(reply)[0]).not.toHaveProperty('selected');
  });

  test('leaves what a failed tool said as it is, and works for each element', () => {
    const batch = finishBatch([read('a')], [{ ...ok({}), items: [issue, gone] }], { twists });
    expect(textsOf(renderReply(batch)).slice(2)).toEqual([
      '[c0[0]] ok 100 ms\n{"title":"Leak","who":null}',
      '[c0[1]] TOOL_ERROR 2 ms\nENOENT',
    ]);
  });
});

describe('a call that was not sent because its twin was', () => {
  const leader = ok(text('the text'), 40);
  const outcomes = [leader, { ...leader, deduplicatedOf: 'c0' }];
  const twists: Record<number, Twist> = { 1: { call: { sameAs: 0 } } };

  test('points to it and repeats nothing', () => {
    const batch = finishBatch([read('a'), read('a')], outcomes, { twists });
    expect(textsOf(renderReply(batch))).toEqual([
      'batch 7f3a91: 2 calls, 2 ok in 40 ms',
      '[c0] ok 40 ms files__read_text_file\nthe text',
      '[c1] ok files__read_text_file (same call as c0)',
    ]);
  });

  test('says so in the structured form, without a result', () => {
    const rows = rowsOf(renderReply(finishBatch([read('a'), read('a')], outcomes, { twists, changed: structured })));
    expect(rows[1]).toMatchObject({ id: 'c1', status: 'ok', deduplicatedOf: 'c0' });
    expect(rows[1]).not.toHaveProperty('result');
  });

  test('shows its result where its twin shows less of it', () => {
    const batch = finishBatch([read('a', { maxChars: 3 }), read('a')], outcomes, { twists });
    expect(textsOf(renderReply(batch))[2]).toBe('[c1] ok files__read_text_file (same call as c0)\nthe text');
  });
});

test('a result that was kept from before says so', () => {
  const kept: Outcome = { ...ok(text('the text'), 0), attempts: 0, cached: true };
  expect(textsOf(renderReply(finishBatch([read('a')], [kept])))[1]).toBe(
    '[c0] ok files__read_text_file (cached)\nthe text',
  );
  expect(rowsOf(renderReply(finishBatch([read('a')], [kept], { changed: structured })))[0]).toMatchObject({
    cached: true,
    attempts: 0,
  });
});

test('what a call turned out to be wins over what it was planned as', () => {
  const outcome = { ...ok(text('x')), decided: { class: 'write' as const, reason: 'case "method" (a.yaml:3)' } };
  const row = rowsOf(renderReply(finishBatch([read('a')], [outcome], { changed: structured })))[0];
  expect(row).toMatchObject({ class: 'write', reason: 'case "method" (a.yaml:3)' });
});

test('a call waited for those that ran, by conflict or by need, in their order', () => {
  const calls = [{ tool: 'nope' }, read('a'), read('b'), read('c')];
  const needs = [0, 1].map((index) => ({ index, when: 'settled' as const }));
  const twists: Record<number, Twist> = { 3: { call: { after: [2], needs } } };
  const outcomes = [settleUnsent({ code: 'unknown_tool', message: 'no', retryable: false }), ok({}), ok({}), ok({})];
  const row = rowsOf(renderReply(finishBatch(calls, outcomes, { twists, changed: structured })))[3];
  expect(row?.['waitedFor']).toEqual(['c1', 'c2']);
});

describe('25 results of 1 MB under a budget of 200 KB', () => {
  const calls = Array.from({ length: 25 }, () => read('a'));
  const page = 'all work and no play makes a long line of text\n'.repeat(22_000);
  const build: [string, () => Outcome][] = [
    ['of one text', () => ok(text(`${page}.`))],
    ['of many texts', () => ok(text(...Array.from({ length: 10 }, (_, n) => `${page.slice(0, 100_000)}${n}`)))],
    ['wrapped in a field', () => ok({ ...text(page), structuredContent: { content: page } })],
  ];
  const forms = ['text', 'structured'] as const;
  test.each(build.flatMap(([name, make]) => forms.map((format) => [name, format, make] as const)))(
    '%s are cut, not copied (%s)',
    (_, format, make) => {
      const batch = finishBatch(calls, calls.map(make), { changed: { format, maxReplyChars: 200_000 } });
      renderReply(batch);
      const before = process.memoryUsage().heapUsed;
      const startedMs = cpuMs();
      const reply = renderReply(batch);
      const ms = cpuMs() - startedMs;
      const grown = process.memoryUsage().heapUsed - before;
      expect(JSON.stringify(reply).length).toBeLessThan(230_000);
      expect(ms).toBeLessThan(50);
      // All of them together are 25 MB.
      expect(grown).toBeLessThan(3_000_000);
    },
  );
});
