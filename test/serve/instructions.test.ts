import { describe, expect, test } from 'vitest';
import { ownToolNames } from '../../src/batch/own-tools.ts';
import { instructionsFor } from '../../src/serve/instructions.ts';
import { stubEngine } from './stub-engine.ts';

function told(instructions: Record<string, string | undefined>, naming: 'prefixed' | 'bare' = 'prefixed'): string {
  const offers = Object.fromEntries(
    Object.entries(instructions).map(([server, text]) => [server, text === undefined ? {} : { instructions: text }]),
  );
  return instructionsFor(stubEngine({ servers: Object.keys(instructions), offers, naming }).engine);
}

const own = told({ files: undefined });

test('what every session is told is short, and names every tool of ours and how to chain calls', () => {
  expect(own.length).toBeLessThan(1_500);
  for (const word of [...ownToolNames, 'reference', 'forEach']) expect(own).toContain(word);
});

describe('what servers say of themselves', () => {
  test('follows what we say, a paragraph for each that says something, in the order of the configuration', () => {
    const text = told({ mail: 'Ask before\nyou send.', notes: undefined, files: 'Paths are absolute.' });
    expect(text).toBe(`${own}\n\nmail: Ask before you send.\n\nfiles: Paths are absolute.`);
  });

  test('is cut at 600 characters, at the end of a sentence', () => {
    const sentence = `${'word '.repeat(19)}ends. `;
    const [, paragraph = ''] = told({ files: sentence.repeat(20) }).split('\n\nfiles: ');
    expect(paragraph).toMatch(/ends\.…$/);
    expect(paragraph.length).toBeGreaterThan(500);
    expect(paragraph.length).toBeLessThanOrEqual(600);
  });

  test('is cut at the end of a word where no sentence ends near, and in the middle of one that never ends', () => {
    expect(told({ files: 'abcdefg '.repeat(100) })).toMatch(/abcdefg…$/);
    const endless = told({ files: '😀'.repeat(400) }).split('\n\nfiles: ')[1] ?? '';
    expect(endless).toMatch(/^(😀)+…$/u);
    expect(endless.length).toBeGreaterThan(590);
  });

  test('is at most 4,000 characters with ours, however many servers there are', () => {
    const many = Array.from({ length: 40 }, (_, index) => [`server${index}`, 'What it says. '.repeat(30)]);
    const text = told(Object.fromEntries(many));
    expect(text).toContain('server0: What');
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(text.length).toBeGreaterThan(3_500);
  });

  test('loses control characters, and what turns text around or hides it', () => {
    expect(told({ files: 'a\u0000b\u001b[31mc\u202Ed\u{E0041}e\u0085f' })).toMatch(/files: ab\[31mcdef$/);
  });

  test('stays whole for a server that stands alone under its own names, up to 4,000 characters', () => {
    const long = `First.\n\n* one\n* two\n${'A long story. '.repeat(100)}end`;
    expect(told({ files: long }, 'bare').endsWith(`\n\n${long}`)).toBe(true);
    expect(told({ files: long }, 'prefixed').endsWith('end')).toBe(false);
    expect(told({ files: 'x. '.repeat(3_000) }, 'bare').length).toBeLessThanOrEqual(4_000 + own.length + 100);
  });

  test('is not missed where there is nothing to say', () => {
    expect(told({ files: ' \n' }, 'bare')).not.toMatch(/\n$/);
    expect(told({ files: '', mail: '\u0007' })).toBe(own);
  });
});
