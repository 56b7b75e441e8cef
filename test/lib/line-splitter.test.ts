import { Buffer } from 'node:buffer';
import { array, assert, constantFrom, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter } from '../../src/lib/line-splitter.ts';
import type { OversizedLine } from '../../src/lib/line-splitter.ts';
import { cpuMs } from '../cpu-ms.ts';

function split(chunks: readonly (Buffer | string)[], maxBytes = 1000) {
  const lines: string[] = [];
  const dropped: OversizedLine[] = [];
  const splitter = createLineSplitter({
    maxBytes,
    onLine: (line) => lines.push(line),
    onOverflow: (line) => dropped.push(line),
  });
  for (const chunk of chunks) splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  splitter.end();
  return { lines, dropped };
}

describe('a stream cut into lines', () => {
  test('gives the same lines however it is cut into chunks', () => {
    const line = string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''));
    const cuts = array(integer({ min: 1, max: 7 }), { minLength: 1 });
    assert(
      property(array(line), constantFrom('\n', '\r\n'), cuts, (lines, lineEnd, sizes) => {
        const bytes = Buffer.from(lines.map((text) => text + lineEnd).join(''));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i += 1) {
          const size = sizes[i % sizes.length]!;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(split(chunks).lines).toEqual(lines.filter((text) => text !== ''));
      }),
    );
  });

  test('keeps a character whole that falls on the edge of two chunks', () => {
    const bytes = Buffer.from('größer 🙂\n');
    expect(split([...bytes].map((byte) => Buffer.from([byte]))).lines).toEqual(['größer 🙂']);
  });

  test('takes what stands after the last newline for a line when it ends', () => {
    expect(split(['a\nb']).lines).toEqual(['a', 'b']);
  });
});

describe('a line over the bound', () => {
  test('is dropped with one report of its head, tail and length, and the next line is read', () => {
    const long = `head ${'x'.repeat(5000)} tail`;
    const { lines, dropped } = split([`before\n${long.slice(0, 3000)}`, long.slice(3000), '\nafter\n'], 100);
    expect(lines).toEqual(['before', 'after']);
    expect(dropped).toHaveLength(1);
    expect(dropped[0]).toMatchObject({ bytes: long.length });
    expect(dropped[0]!.head).toBe(long.slice(0, 2000));
    expect(dropped[0]!.tail).toBe(long.slice(-200));
  });

  test('a line of exactly the bound passes, with either line end', () => {
    expect(split([`${'x'.repeat(100)}\n${'y'.repeat(100)}\r\n`], 100).lines).toEqual([
      'x'.repeat(100),
      'y'.repeat(100),
    ]);
    expect(split([`${'x'.repeat(101)}\n`], 100).dropped).toHaveLength(1);
  });

  test('reading is linear: twice the chunks do not take four times as long', () => {
    const chunk = Buffer.alloc(1024, 'x');
    const timeFor = (chunks: number): number => {
      const startedMs = cpuMs();
      const splitter = createLineSplitter({ maxBytes: 1e9, onLine: () => {}, onOverflow: () => {} });
      for (let i = 0; i < chunks; i += 1) splitter.push(chunk);
      splitter.end();
      return cpuMs() - startedMs;
    };
    timeFor(2000);
    // A splitter that joins at each chunk copies 25 GB here; this one copies 100 MB. Only such a difference is looked for.
    expect(timeFor(100_000)).toBeLessThan(3000);
  });
});
