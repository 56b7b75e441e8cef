import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderReply } from '../../../src/batch/reply/render-reply.ts';
import { renderRest } from '../../../src/batch/reply/render-rest.ts';
import { settleUnsent } from '../../../src/core/outcome.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { ok, settings, text } from '../tiny-catalog.ts';
import { finishBatch } from './finish-batch.ts';
import { blocksOf, rowsOf, textsOf } from './read-reply.ts';

const read = (path: string, more = {}) => ({ tool: 'files__read_text_file', arguments: { path }, ...more });
const lines = Array.from({ length: 400 }, (_, n) => `line ${n} of the file`).join('\n');
const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
const plainText = (outcome: Outcome, more = {}) => finishBatch([read('a', more)], [outcome]);

describe('the rest of one result', () => {
  test('goes on exactly where the reply ended, to the last character', () => {
    const batch = plainText(ok(text(lines)), { maxChars: 1_000 });
    const [, shown = ''] = textsOf(renderReply(batch));
    const offset = Number(/batch_await batchId 7f3a91 id c0 offset (\d+)/.exec(shown)?.[1]);
    const start = shown.slice(shown.indexOf('\n') + 1);
    expect(start).toHaveLength(offset);
    const [rest = ''] = textsOf(renderRest({ batch, id: 'c0', offset, maxChars: 40_000, settings }));
    expect(rest.slice(0, rest.indexOf('\n'))).toBe(
      `[c0] ok 100 ms files__read_text_file (characters ${offset} to 8,289 of 8,289)`,
    );
    expect(start + rest.slice(rest.indexOf('\n') + 1)).toBe(lines);
  });

  test('that is long comes in pieces, each of which says where the next one starts', () => {
    const batch = plainText(ok(text(lines)));
    let whole = '';
    let offset: number | undefined = 0;
    let pieces = 0;
    while (offset !== undefined) {
      const [piece = ''] = textsOf(renderRest({ batch, id: 'c0', offset, maxChars: 1_500, settings }));
      const head = piece.slice(0, piece.indexOf('\n'));
      expect(piece.length - head.length - 1).toBeLessThanOrEqual(1_500);
      whole += piece.slice(head.length + 1);
      const next = /; ask for the rest with batch_await batchId 7f3a91 id c0 offset (\d+)\)$/.exec(head)?.[1];
      offset = next === undefined ? undefined : Number(next);
      pieces += 1;
    }
    expect(whole).toBe(lines);
    expect(pieces).toBe(6);
  });

  test('always brings the reader on, however little is asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\n', 'a', '😀'), minLength: 1, maxLength: 20 }), (one) => {
        const batch = plainText(ok(text(one)));
        let offset = 0;
        for (let round = 0; offset < one.length; round += 1) {
          expect(round).toBeLessThan(one.length + 1);
          const reply = renderRest({ batch, id: 'c0', offset, maxChars: 1, settings });
          const next = /offset (\d+)\)\n/.exec(textsOf(reply)[0] ?? '')?.[1];
          expect(Number(next ?? one.length)).toBeGreaterThan(offset);
          offset = Number(next ?? one.length);
        }
      }),
    );
  });

  test('counts as the structured form does', () => {
    const value = { rows: Array.from({ length: 100 }, (_, n) => ({ n, name: 'x'.repeat(20) })) };
    const outcome = ok({ ...text(JSON.stringify(value, undefined, 2)), structuredContent: value });
    const batch = finishBatch([read('a', { maxChars: 500 })], [outcome], { changed: { format: 'structured' } });
    const row = rowsOf(renderReply(batch))[0];
    expect(row).toMatchObject({ truncated: { chars: 500, of: JSON.stringify(value).length } });
    const [rest = ''] = textsOf(renderRest({ batch, id: 'c0', offset: 500, maxChars: 40_000, settings }));
    expect(rest.slice(rest.indexOf('\n') + 1)).toBe(JSON.stringify(value).slice(500));
  });

  test('has the images at its beginning only, and the text of a file where it stands', () => {
    const file = (inner: string) => ({ type: 'resource', resource: { uri: 'file:///a', text: inner } });
    const batch = plainText(ok({ content: [{ type: 'text', text: 'abcd' }, image, file('efgh')] }));
    const from = (offset: number) => blocksOf(renderRest({ batch, id: 'c0', offset, maxChars: 40_000, settings }));
    expect(from(0).slice(1)).toEqual([image, file('efgh')]);
    expect(from(2)).toEqual([
      { type: 'text', text: '[c0] ok 100 ms files__read_text_file (characters 2 to 8 of 8)\ncd' },
      file('efgh'),
    ]);
    expect(from(6).slice(1)).toEqual([file('gh')]);
  });

  test('is that of the elements of a forEach, each by its own id', () => {
    const batch = plainText({ ...ok({}), items: [ok(text('one')), ok(text(lines))] });
    const [rest] = textsOf(renderRest({ batch, id: 'c0[1]', offset: 8_280, maxChars: 100, settings }));
    expect(rest).toBe('[c0[1]] ok 100 ms files__read_text_file (characters 8,280 to 8,289 of 8,289)\n the file');
    const all = textsOf(renderRest({ batch, id: 'c0', maxChars: 1_000, settings }));
    expect(all.slice(0, 2)).toEqual([
      '[c0] ok 100 ms files__read_text_file: 2 elements, 2 ok',
      '[c0[0]] ok 100 ms\none',
    ]);
    expect(all[2]).toMatch(/^\[c0\[1\]\] ok 100 ms \(\d+ of 8,289 characters; ask for .* id c0\[1\] offset \d+,/);
  });

  test('of a call that was sent once for two is the result itself', () => {
    const batch = finishBatch([read('a'), read('a')], [ok(text('x')), { ...ok(text('x')), deduplicatedOf: 'c0' }], {
      twists: { 1: { call: { sameAs: 0 } } },
    });
    const [shown] = textsOf(renderRest({ batch, id: 'c1', maxChars: 100, settings }));
    expect(shown).toBe('[c1] ok files__read_text_file (same call as c0)\nx');
  });

  test('of a call that failed is its message', () => {
    const failed = settleUnsent({ code: 'server_unavailable', message: `down\n${'x'.repeat(50)}`, retryable: true });
    const [shown] = textsOf(renderRest({ batch: plainText(failed), id: 'c0', maxChars: 1_000, settings }));
    expect(shown).toBe(`[c0] FAILED files__read_text_file: server_unavailable: down\n     ${'x'.repeat(50)}`);
  });
});

describe('what is not there', () => {
  const batch = finishBatch(
    Array.from({ length: 25 }, () => read('a')),
    Array.from({ length: 25 }, (_, n) => (n === 1 ? { ...ok({}), items: [ok({}), ok({})] } : ok(text('abc')))),
  );
  test.each([
    [{ id: 'nope' }, /^batch 7f3a91 has no call "nope"; it has c0, c1, .*c19 and 5 more$/],
    [{ id: 'c1[2]' }, /^there is no c1\[2\]: c1 has 2 elements: c1\[0\] to c1\[1\]$/],
    [{ id: 'c1', offset: 5 }, /^offset counts within one element of c1: c1 has 2 elements/],
    [{ id: 'c0', offset: 3 }, /^c0 has 3 characters, and nothing stands at offset 3$/],
    [{ offset: 3 }, /^offset counts within one call of batch 7f3a91: name it with id$/],
  ])('%j is an error that says what there is', (asked, expected) => {
    const reply = renderRest({ batch, ...asked, maxChars: 1_000, settings });
    expect(reply['isError']).toBe(true);
    expect(textsOf(reply)[0]).toMatch(expected);
  });
});

test('without an id it is the whole reply once more, in the form in which it was asked for', () => {
  for (const format of ['text', 'structured'] as const) {
    const batch = finishBatch([read('a')], [ok(text(lines))], { changed: { format } });
    const again = renderRest({ batch, maxChars: 1_000_000, settings: batch.settings });
    expect(again).toEqual(renderReply(batch));
  }
});
