import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load-config.ts';

/** Loads these bytes as a configuration and says whether that went by the rules: a result or a ConfigError, soon. */
async function behaves(bytes: Uint8Array, file = 'fuzz.yaml'): Promise<boolean> {
  const startMs = performance.now();
  try {
    await loadConfig({ file, cwd: '/nowhere', env: {}, readFile: async () => bytes });
  } catch (error) {
    if (!(error instanceof ConfigError) || error.problems.length === 0) throw error;
    const isPlaced = error.problems.every(({ place }) => place === undefined || (place.line > 0 && place.column > 0));
    const leaks = error.problems.some(({ message }) => /Invalid input|\bat .*:\d+:\d+\)|undefined/.test(message));
    if (!isPlaced || leaks) throw error;
  }
  return performance.now() - startMs < 1000;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const signs = [
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ':',
  ': ',
  '- ',
  '? ',
  '&a ',
  '*a',
  '!x ',
  '|',
  '>',
  '#',
  ',',
  '\\',
  '@',
  '`',
  '\n',
  '\n  ',
  '\n    ',
  '\t',
  '\r',
  '---\n',
  '...\n',
  '%YAML 1.2\n',
  '//',
  '/*',
  '*/',
  '${',
  '}',
  '$${',
  ':-',
  '\u2028',
  '\uD83D',
];
const names = [
  'version: 1',
  'servers:',
  'mcpServers',
  '<<',
  '__proto__',
  'command',
  'npx',
  'env',
  '0x',
  '.inf',
  '~',
  'null',
  'yes',
  '1e999',
];
const words = fc.constantFrom(...signs, ...names);

/** Runs a property on texts; resolves with nothing where it holds, and rejects with the counterexample otherwise. */
const holdsFor = (texts: fc.Arbitrary<string>, numRuns: number, file?: string): Promise<void> =>
  fc.assert(
    fc.asyncProperty(texts, async (text) => behaves(encode(text), file)),
    { numRuns },
  );

describe('whatever a file holds, it loads or fails with problems, within a second', () => {
  test('any bytes', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => behaves(bytes));
    await expect(fc.assert(property, { numRuns: 300 })).resolves.toBeUndefined();
  });

  test('any text', async () => {
    await expect(holdsFor(fc.string({ unit: 'binary', maxLength: 300 }), 200)).resolves.toBeUndefined();
  });

  test.each(['fuzz.yaml', 'fuzz.json'])('any mixture of what YAML is made of, as %s', async (file) => {
    const text = fc.array(words, { maxLength: 60 }).map((parts) => parts.join(''));
    await expect(holdsFor(text, 1500, file)).resolves.toBeUndefined();
  });

  test('any JSON value in the place of any key', async () => {
    const keys = ['version', 'servers', 'mcpServers', 'batch', 'log', 'envFile', 'stateDir', 'surface', 'maxParallel'];
    const serverKeys = [
      'command',
      'args',
      'env',
      'cwd',
      'type',
      'url',
      'headers',
      'timeout',
      'enabled',
      'parallel',
      'policy',
    ];
    const server = fc.dictionary(fc.constantFrom(...serverKeys), fc.jsonValue({ maxDepth: 2 }));
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.dictionary(fc.string({ maxLength: 5 }), server));
    const config = fc.dictionary(fc.constantFrom(...keys), value).map((written) => JSON.stringify(written));
    await expect(holdsFor(config, 150)).resolves.toBeUndefined();
  });

  test('a small pattern repeated up to the size limit', async () => {
    const pattern = fc.array(words, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
    const text = pattern.map((part) => part.repeat(Math.floor(300_000 / part.length)));
    await expect(holdsFor(text, 40)).resolves.toBeUndefined();
  });
});
