import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanJson } from '../../../../src/serve/http/edge/scan-json.ts';
import { cpuMs } from '../../../cpu-ms.ts';

const limits = { maxLevels: 10, keyLevels: 3 };

describe('keys that stand twice', () => {
  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"b":{"a":1},"a":2}', 'a'],
    ['{"a":{"b":1,"c":[1,2],"b":2}}', 'b'],
    ['{"a":{"b":{"c":1,"c":2}}}', 'c'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"a\\"b":1,"a\\u0022b":2}', 'a"b'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"":1,"":2}', ''],
    ['[{"a":1},{"b":1,"b":2}]', 'b'],
    ['{"x":"\\\\","a":1,"a":2}', 'a'],
    ['{"x":[{"y":1},"z",{}],"x":1}', 'x'],
    [' { "a" : 1 , "a" : 2 } ', 'a'],
  ])('are found in %s', (text, key) => {
    expect(scanJson(text, limits).duplicateKey).toBe(key);
  });

  test.each([
    '{"a":{"a":{"a":"a"}}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":["b","b","a"]}',
    '{"a":"\\"a\\":1,\\"a\\":2"}',
    '{"a":{"b":{"c":{"d":1,"d":2}}}}',
    '{"a":["x","x",{"k":1}],"k":["k","k"]}',
    '{"a":"{","b":"}","c":",","d":"[\\\\"}',
  ])('are not found where none are, or none are looked for: %s', (text) => {
    expect(scanJson(text, limits)).toEqual({ isTooDeep: false, duplicateKey: undefined });
  });
});

test('no JSON that was written from a value has a key twice, and its levels are those of the value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const scan = scanJson(JSON.stringify(value), { maxLevels: levelsOf(value), keyLevels: 100 });
      expect(scan).toEqual({ isTooDeep: false, duplicateKey: undefined });
      if (levelsOf(value) > 0) {
        expect(
          scanJson(JSON.stringify(value, null, 1), { maxLevels: levelsOf(value) - 1, keyLevels: 3 }).isTooDeep,
        ).toBe(true);
      }
    }),
  );
});

test('one key that is written twice anywhere near the surface is found', () => {
  const key = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(key, fc.jsonValue(), fc.jsonValue(), fc.integer({ min: 0, max: 2 }), (name, one, two, depth) => {
      const fields = `${JSON.stringify(name)}:${JSON.stringify(one)},${JSON.stringify(name)}:${JSON.stringify(two)}`;
      const text = `${'{"x":'.repeat(depth)}{${fields}}${'}'.repeat(depth)}`;
      expect(scanJson(text, { maxLevels: 500, keyLevels: 3 }).duplicateKey).toBe(name);
    }),
  );
});

test.each(['"', '{"', '{"a', '{"a\\', '{]', ']]]]{{', '{,,,,}', '{"a"}{"a"}', '\\"'])(
  'what is no JSON, %s, has an end as well',
  (text) => {
    expect(scanJson(text, limits)).toEqual({ isTooDeep: false, duplicateKey: undefined });
  },
);

test.each([
  ['quotes', `{"a":"${'\\"'.repeat(1_000_000)}"}`],
  ['backslashes', `{"a":"${'\\\\'.repeat(1_000_000)}"}`],
  ['backslashes without an end', `{"a":"${'\\'.repeat(2_000_000)}`],
  ['brackets', '['.repeat(2_000_000)],
  ['pairs of brackets', `[${'[],'.repeat(600_000)}[]]`],
  ['keys', `{${Array.from({ length: 200_000 }, (_, i) => `"k${i}":0`).join()}}`],
])('two megabytes of %s take no longer than two megabytes of anything', (_what, text) => {
  const startMs = cpuMs();
  scanJson(text, { maxLevels: 500, keyLevels: 3 });
  expect(cpuMs() - startMs).toBeLessThan(5000);
});

/** How many objects and arrays stand in one another, at most. */
function levelsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levelsOf));
}
