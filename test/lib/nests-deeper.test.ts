import { expect, test } from 'vitest';
import { nestsDeeper } from '../../src/lib/nests-deeper.ts';
import { cpuMs } from '../cpu-ms.ts';

test('levels are counted as they stand in one another, of objects and arrays alike', () => {
  expect(nestsDeeper('{"a":[{"b":1}]}', 3)).toBe(false);
  expect(nestsDeeper('{"a":[{"b":1}]}', 2)).toBe(true);
  expect(nestsDeeper(`[${'[],'.repeat(1000)}{}]`, 2)).toBe(false);
});

test('brackets in texts are none, whatever is escaped there', () => {
  const text = { a: '[[[[', 'b"[[[': '\\"{{{{', c: '\\\\', d: ['"[[['] };
  expect(nestsDeeper(JSON.stringify(text), 2)).toBe(false);
  expect(nestsDeeper(JSON.stringify({ ...text, e: [[]] }), 2)).toBe(true);
});

test('text that is no JSON is read to its end, too', () => {
  expect(nestsDeeper('"abc', 1)).toBe(false);
  expect(nestsDeeper(']]]]', 1)).toBe(false);
});

test('200,000 levels are found out long before they are built', () => {
  const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
  const startMs = cpuMs();
  expect(nestsDeeper(deep, 500)).toBe(true);
  expect(cpuMs() - startMs).toBeLessThan(10);
});
