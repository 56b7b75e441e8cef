import { describe, expect, test } from 'vitest';
import { renderReply } from '../../../src/batch/reply/render-reply.ts';
import { renderRest } from '../../../src/batch/reply/render-rest.ts';
import { settleUnsent } from '../../../src/core/outcome.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { ok, settings, text } from '../tiny-catalog.ts';
import { finishBatch } from './finish-batch.ts';
import { blocksOf, rowsOf, textsOf } from './read-reply.ts';

const read = (path: string, more = {}) => ({ tool: 'files__read_text_file', arguments: { path }, ...more });
const structured = { format: 'structured' as const };
const image = (chars: number) => ({ type: 'image', data: 'A'.repeat(chars), mimeType: 'image/png' });
const long = 'x'.repeat(60_000);
const forAll =
  'ask for the rest of a cut result with batch_await batchId 7f3a91, its id, and as offset the characters shown';

describe('a reply in which something is cut', () => {
  const select = [
    { name: 'id', pointer: ['id'] },
    { name: 'title', pointer: ['title'] },
  ];
  const outcomes = [
    ok(text(long)),
    { ...settleUnsent({ code: 'server_unavailable', message: long, retryable: true }), status: 'failed' as const },
    ok({ content: [image(4e6), image(2e6)] }),
    ok({ content: [], structuredContent: { title: 'Leak' } }),
    ...Array.from({ length: 30 }, () => ok(text(long))),
  ];
  const calls = outcomes.map((_, n) => read(`${n}`));

  test.each([
    ['text', 1],
    ['text', 34],
    ['structured', 34],
  ] as const)('that is not kept sends nobody to batch_await (%s, %d calls)', (format, count) => {
    const some = [outcomes.slice(0, count), calls.slice(0, count)] as const;
    const batch = finishBatch(some[1], some[0], { changed: { format }, twists: { 3: { asked: { select } } } });
    expect(JSON.stringify(renderReply(batch))).toContain('batch_await');
    const reply = renderReply({ ...batch, isKept: false });
    expect(JSON.stringify(reply)).not.toContain('batch_await');
    expect(JSON.stringify(reply)).toContain(
      format === 'text' && count === 1 ? 'narrow the call' : 'the rest of what is cut is not kept: narrow the calls',
    );
  });

  test('says in words how to get the rest, in the structured form as well', () => {
    const cut = renderReply(finishBatch([read('a')], [ok(text(long))], { changed: structured }));
    expect(textsOf(cut)[0]?.split('\n').slice(1)).toEqual([forAll]);
    const each = { ...ok({}), items: [ok(text('short')), ok(text(long))] };
    const ofElement = renderReply(finishBatch([read('a')], [each], { changed: structured }));
    expect(textsOf(ofElement)[0]).toContain(`\n${forAll}`);
    const whole = renderReply(finishBatch([read('a')], [ok(text('short'))], { changed: structured }));
    expect(textsOf(whole)[0]).not.toContain('\n');
  });

  test('that shows again the elements of a list says once for all of them how to get the rest', () => {
    const each = { ...ok({}), items: Array.from({ length: 30 }, () => ok(text(long))) };
    const texts = textsOf(
      renderRest({ batch: finishBatch([read('a')], [each]), id: 'c0', maxChars: 40_000, settings }),
    );
    expect(texts[0]).toBe('[c0] ok 100 ms files__read_text_file: 30 elements, 30 ok');
    expect(texts[1]).toBe(forAll);
    expect(texts[31]).toMatch(/^\[c0\[29\]\] ok 100 ms \([\d,]+ of 60,000 characters\)\nx/);
  });
});

describe('an image of a call that was sent once for two', () => {
  const picture = ok({ content: [image(3e6)] });
  const twin: Outcome = { ...picture, deduplicatedOf: 'c0' };
  const batch = (format: 'text' | 'structured') =>
    finishBatch([read('a'), read('a')], [picture, twin], {
      changed: { format },
      twists: { 1: { call: { sameAs: 0 } } },
    });

  test.each(['text', 'structured'] as const)('is there once (%s)', (format) => {
    const reply = renderReply(batch(format));
    expect(JSON.stringify(reply).match(/A{3000000}/g)).toHaveLength(1);
    expect(JSON.stringify(reply)).not.toContain('left out');
  });

  test('is said in the structured form to stand at its twin, and can be read again under either id', () => {
    const reply = renderReply(batch('structured'));
    expect(rowsOf(reply)[0]).toMatchObject({ result: { content: [{ type: 'image' }] } });
    expect(rowsOf(reply)[1]).not.toHaveProperty('result');
    expect(textsOf(reply)[0]?.split('\n')[1]).toBe(
      'a call with deduplicatedOf has the result of the call named there; batch_await batchId 7f3a91 with its own id shows it as well',
    );
    for (const id of ['c0', 'c1']) {
      const again = renderRest({ batch: batch('structured'), id, maxChars: 40_000, settings });
      expect(blocksOf(again)[1]).toMatchObject({ type: 'image' });
    }
  });

  test.each(['text', 'structured'] as const)(
    'is lost from neither of two calls with one kept result (%s)',
    (format) => {
      const kept: Outcome = { ...picture, cached: true, attempts: 0 };
      const reply = JSON.stringify(
        renderReply(finishBatch([read('a'), read('b')], [kept, { ...kept }], { changed: { format } })),
      );
      expect(reply.match(/A{3000000}/g)).toHaveLength(1);
      expect(reply).toContain(
        'image/png, 3.0 MB, left out: one reply holds 5 MB of images and files; batch_await batchId 7f3a91 id c1 shows it',
      );
    },
  );

  test('that was left out is there when its call is read again', () => {
    const calls = [read('a'), read('b')];
    const two = finishBatch(calls, [picture, ok({ content: [image(3e6)] })]);
    expect(textsOf(renderReply(two))[2]).toContain('batch_await batchId 7f3a91 id c1 shows it');
    const again = renderRest({ batch: two, id: 'c1', maxChars: 40_000, settings });
    expect(blocksOf(again)[1]).toMatchObject({ type: 'image' });
    const huge = finishBatch(calls, [picture, ok({ content: [image(6e6)] })]);
    expect(textsOf(renderReply(huge))[2]).toContain('call the tool by itself');
    expect(textsOf(renderRest({ batch: huge, id: 'c1', maxChars: 40_000, settings }))[0]).toContain(
      'call the tool by itself',
    );
  });
});
