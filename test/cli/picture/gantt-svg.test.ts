import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderGanttSvg } from '../../../src/cli/picture/gantt-svg.ts';
import type { PicturedBatch, PicturedCall } from '../../../src/cli/picture/picture-call.ts';
import { statuses } from '../../../src/core/outcome.ts';
import { readMarkup } from './read-markup.ts';
import type { MarkupElement } from './read-markup.ts';

const images = join(import.meta.dirname, '../../../docs/images');

function callOf(given: Partial<PicturedCall> = {}): PicturedCall {
  const whole = { id: 'c0', tool: 'files__read', class: 'read', status: 'ok' as const, attempts: 1, waitedFor: [] };
  return { ...whole, startedMs: 0, queuedMs: 0, runMs: 100, ...given };
}

function batchOf(calls: readonly PicturedCall[], criticalPath: string[] = []): PicturedBatch {
  const timing = { wallMs: 312, serialMs: 2_100, lowerBoundMs: 300, peakParallel: 8, criticalPath };
  return { batchId: '7f3a91', calls, timing };
}

function read(batch: PicturedBatch): MarkupElement[] {
  return readMarkup(renderGanttSvg(batch));
}

const barsOf = (elements: MarkupElement[]): MarkupElement[] =>
  elements.filter(({ attributes }) => attributes['class']?.split(' ')[0] === 'bar' && attributes['x'] !== undefined);
const lanesOf = (elements: MarkupElement[]): string[] =>
  elements
    .filter(({ name }) => name === 'title')
    .map(({ text }) => text)
    .slice(1);

test('the drawing that the README shows is what the times of that run give', () => {
  const batch: PicturedBatch = JSON.parse(readFileSync(join(images, 'demo.json'), 'utf8'));
  expect(renderGanttSvg(batch)).toBe(readFileSync(join(images, 'demo.svg'), 'utf8'));
});

test('what is published of the demo names no folder of the machine that it ran on', () => {
  for (const file of ['demo.json', 'demo.svg']) {
    expect(readFileSync(join(images, file), 'utf8')).not.toMatch(/\/(?:tmp|home|root|Users|var|work)\b/);
  }
});

describe('a drawing of a batch', () => {
  test('says first how many calls took how long, and how long one by one, and says it to who cannot see it too', () => {
    const [svg, title, desc] = read(batchOf([callOf(), callOf({ id: 'c1', status: 'timeout' })]));
    expect(title?.text).toBe('2 calls in 312 ms (2.1 s one by one)');
    expect(desc?.text).toBe('Gantt chart of batch 7f3a91: when each call waited and ran. 1 ok, 1 timeout.');
    expect(svg?.attributes).toMatchObject({ role: 'img', 'aria-labelledby': 'gantt-title gantt-desc' });
  });

  test.each(['名'.repeat(17), '\u200b'.repeat(6)])(
    'has room for names that are wider than they are long: %j',
    (tool) => {
      const elements = read(batchOf([callOf({ tool })]));
      const name = elements.find(({ text }) => text.startsWith('名') || text.startsWith('\\u'));
      const [bar] = barsOf(elements);
      const columns = 34;
      expect(Number(bar!.attributes['x']) - Number(name!.attributes['x'])).toBeGreaterThan(columns * 7);
    },
  );

  test('has a lane for each call, in the order asked, whichever began first', () => {
    const calls = [
      callOf({ id: 'late', startedMs: 200 }),
      callOf({ id: 'early' }),
      callOf({ id: 'mid', startedMs: 50 }),
    ];
    expect(lanesOf(read(batchOf(calls))).map((lane) => lane.split(' ')[0])).toEqual(['late', 'early', 'mid']);
  });

  test('tells the classes apart by form, not by colour alone', () => {
    const classes = ['read', 'write', 'destructive', 'nobody knows'];
    const elements = read(batchOf(classes.map((name, index) => callOf({ id: `c${index}`, class: name }))));
    const fills = barsOf(elements)
      .slice(0, 4)
      .map(({ attributes }) => attributes['fill'] ?? attributes['class']);
    expect(fills).toEqual(['bar on-read', 'url(#gantt-write)', 'url(#gantt-destructive)', 'url(#gantt-unknown)']);
    const textures = elements.flatMap(({ attributes }) =>
      attributes['class']?.startsWith('over-') === true ? attributes['d'] : [],
    );
    expect(new Set(textures).size).toBe(3);
  });

  test('shows when a call waited, thin, and when it ran, thick, to scale', () => {
    const elements = read(batchOf([callOf({ startedMs: 100, queuedMs: 100, runMs: 200 }), callOf({ id: 'c1' })]));
    const [bar] = barsOf(elements);
    const wait = /^M([\d.]+) [\d.]+H([\d.]+)$/.exec(
      elements.find(({ attributes }) => attributes['class'] === 'wait')?.attributes['d'] ?? '',
    );
    expect(wait?.[2]).toBe(bar?.attributes['x']);
    const [from, to] = [Number(wait?.[1]), Number(wait?.[2])];
    expect(Number(bar?.attributes['width']) / (to - from)).toBeCloseTo(2, 1);
  });

  test.each(statuses.filter((status) => status !== 'ok'))('marks a call that ended as %s, and says so', (status) => {
    const elements = read(batchOf([callOf({ status, attempts: 0, runMs: 0 })]));
    const marks = elements.filter(({ attributes }) => attributes['class']?.startsWith('mark ') === true);
    expect(marks).toHaveLength(2);
    expect(elements.filter(({ text }) => text === status.replace('_', ' ')).length).toBeGreaterThan(0);
    expect(barsOf(elements)).toEqual([]);
  });

  test('has an arrow from each call to those that waited for it, and a strong one along the critical path', () => {
    const calls = [
      callOf({ id: 'a' }),
      callOf({ id: 'b', startedMs: 100, waitedFor: ['a'] }),
      callOf({ id: 'c', startedMs: 100, waitedFor: ['a'] }),
    ];
    const elements = read(batchOf(calls, ['a', 'b']));
    const count = (name: string): number =>
      (elements.find(({ attributes }) => attributes['class'] === name)?.attributes['d'] ?? '').split('M').length - 1;
    expect([count('way'), count('dep')]).toEqual([1, 1]);
    expect(
      barsOf(elements).filter(({ attributes }) => attributes['class']?.includes('critical') === true),
    ).toHaveLength(3);
  });

  test('has times at round moments', () => {
    const ticks = read(batchOf([callOf({ runMs: 300 })])).filter(
      ({ attributes }) => attributes['text-anchor'] === 'middle',
    );
    expect(ticks.map(({ text }) => text)).toEqual(['0', '50 ms', '100 ms', '150 ms', '200 ms', '250 ms', '300 ms']);
  });

  test('is light or dark as its reader is, and loads and runs nothing', () => {
    const svg = renderGanttSvg(batchOf([callOf()]));
    expect(svg).toContain('@media screen and (prefers-color-scheme:dark)');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|href|@import|url\((?!#gantt-)/);
  });

  test('shows under a call for each element its first elements, and the others as one', () => {
    const items = Array.from({ length: 50 }, (_, index) =>
      callOf({ id: `each[${index}]`, startedMs: index * 4, runMs: 8 }),
    );
    const lanes = lanesOf(read(batchOf([callOf({ id: 'each', attempts: 1, items })])));
    expect(lanes).toHaveLength(10);
    expect(lanes.at(-1)).toBe('42 more elements: how many ran when');
  });

  test('says of calls that are folded how many of them ran at once at most, and no more than did', () => {
    const items = Array.from({ length: 108 }, (_, index) =>
      callOf({ id: `each[${index}]`, startedMs: Math.floor(index / 4) * 10, runMs: 10 }),
    );
    const notes = read(batchOf([callOf({ id: 'each', items })])).flatMap(({ name, text }) =>
      name === 'text' ? text : [],
    );
    expect(notes.filter((note) => note.includes('at once') && !note.includes('batch'))).toEqual(['up to 4 at once']);
  });

  test('of 1,000 calls stays one that can be read: those that failed stand by themselves, the others are folded', () => {
    const calls = Array.from({ length: 1_000 }, (_, index) =>
      callOf({ id: `c${index}`, startedMs: index, ...(index % 100 === 7 && { status: 'failed' as const }) }),
    );
    const svg = renderGanttSvg(batchOf(calls, ['c500']));
    const lanes = lanesOf(readMarkup(svg));
    expect(lanes.length).toBeLessThanOrEqual(81);
    expect(svg.length).toBeLessThan(120_000);
    for (const id of ['c7', 'c107', 'c907', 'c500']) expect(lanes.some((lane) => lane.startsWith(`${id} `))).toBe(true);
    const folded = lanes.flatMap((lane) => /^([\d,]+) more calls?/.exec(lane)?.[1] ?? []);
    const alone = lanes.length - folded.length;
    expect(folded.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0) + alone).toBe(1_000);
  });

  test('shows every call of a batch of 1,000 that waited for all before it, in a moment and in little text', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `c${index}`);
    const calls = ids.map((id, index) =>
      callOf({ id, startedMs: index, waitedFor: ids.slice(0, index), status: 'failed' }),
    );
    expect(renderGanttSvg(batchOf(calls, ids)).length).toBeLessThan(150_000);
  });

  test('is well-formed, the same each time, and as long as it may be, whatever servers and clients call things', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '<script>alert(1)</script>',
        '"><svg onload=x>',
        "'--><!--",
        ']]>',
        '\u202egnp.exe',
        '\ud800',
        '&amp;',
        '\u0000',
      ),
      fc.constant('x<'.repeat(50_000)),
    );
    const call = fc.record({
      id: hostile,
      tool: hostile,
      class: hostile,
      status: fc.constantFrom(...statuses),
      attempts: fc.nat(3),
      startedMs: fc.nat(1_000),
      queuedMs: fc.nat(1_000),
      runMs: fc.nat(1_000),
      waitedFor: fc.array(hostile, { maxLength: 2 }),
      error: fc.record({ code: hostile }),
      deduplicatedOf: hostile,
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 6 }), hostile, (calls, batchId) => {
        const batch = {
          ...batchOf(
            calls,
            calls.map(({ id }) => id),
          ),
          batchId,
        };
        const svg = renderGanttSvg(batch);
        expect(readMarkup(svg).some(({ name }) => name === 'script')).toBe(false);
        expect(svg.length).toBeLessThan(40_000);
        expect(renderGanttSvg(structuredClone(batch))).toBe(svg);
      }),
      { numRuns: 25 },
    );
  });
});
