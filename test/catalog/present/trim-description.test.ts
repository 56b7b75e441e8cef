import { describe, expect, test } from 'vitest';
import { firstSentence, trimDescription } from '../../../src/catalog/present/trim-description.ts';
import { cpuMs } from '../../cpu-ms.ts';

describe('a description that is too long', () => {
  test('stays as it is where it fits', () => {
    const text = '**Reads**   a file.\n\n- `path`: where';
    expect(trimDescription(text, text.length)).toBe(text);
  });

  test('loses ornaments before it loses words', () => {
    const text =
      '## Reading\n\n**Reads** a   file, see [the docs](https://example.com/a/b).\n\n---\n* `path`: where it is\n* snake_case__stays';
    expect(trimDescription(text, text.length - 1)).toBe(
      'Reading\nReads a file, see the docs.\n* path: where it is\n* snake_case__stays',
    );
  });

  test.each([
    'Skips **/node_modules/** and src/**/test/** always',
    'Leave `__init__` and __proto__ as they are',
    '> 5 items are refused',
    '>= 100 rows: refused',
    'Takes 2**3**4 and a ** b ** c',
  ])('keeps what only looks like an ornament: %s', (text) => {
    expect(trimDescription(`${text}${' '.repeat(100)}`, 60)).toBe(text.replaceAll('`', ''));
  });

  test('loses code and examples before it loses other sentences', () => {
    const text = [
      'Reads a file.',
      '```json\n{"path": "a. b. c."}\n```',
      'Example: read the notes.\nAnother line of it.',
      '<example>Nothing of this. Nor of this.</example>',
      'It must be a text.',
    ].join('\n\n');
    expect(trimDescription(text, 40)).toBe('Reads a file.\nIt must be a text.…');
  });

  test('keeps whole sentences from its start', () => {
    const text = 'Reads a file, e.g. a note. Needs no path! Is it fast? Very much so.';
    expect(trimDescription(text, 55)).toBe('Reads a file, e.g. a note. Needs no path! Is it fast?…');
    expect(trimDescription(text, 54)).toBe('Reads a file, e.g. a note. Needs no path! Is it fast?…');
    expect(trimDescription(text, 53)).toBe('Reads a file, e.g. a note. Needs no path!…');
  });

  test('is cut at the end of a word where its first sentence alone is too long, in scripts without spaces too', () => {
    expect(trimDescription('Reads everything that anybody has ever written', 20)).toBe('Reads everything…');
    expect(trimDescription('指定されたディレクトリの中のファイルを読み込みます', 12)).toMatch(
      /^指定された(ディレクトリ)?…$/,
    );
    expect(trimDescription('x'.repeat(100), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(trimDescription('😀'.repeat(50), 10)).toMatch(/^(😀){1,4}…$/u);
  });

  test('is never longer than it may be, and never empty, whatever it is', () => {
    const odd = [
      '```\ncode only '.repeat(50),
      '<example>'.repeat(3_000),
      '['.repeat(20_000),
      '**'.repeat(20_000),
      '\n\t'.repeat(20_000) + 'x',
      'a'.repeat(50_000),
      'Example: '.repeat(5_000),
      '. '.repeat(20_000),
    ];
    for (const text of odd) {
      const startMs = cpuMs();
      for (const max of [80, 200, 5_000]) {
        const trimmed = trimDescription(text, max);
        expect(trimmed.length).toBeLessThanOrEqual(max);
        expect(trimmed).not.toBe('');
      }
      expect(cpuMs() - startMs).toBeLessThan(1_500);
    }
  });
});

test('the first sentence stands for the whole on one line', () => {
  expect(firstSentence('# Title\n\nReads a file. And more.', 100)).toBe('Title');
  expect(firstSentence('Reads a **file**. And more.', 100)).toBe('Reads a file.');
  expect(firstSentence('Reads a file with a very long name', 20)).toBe('Reads a file with a…');
  expect(firstSentence('', 20)).toBe('');
});

describe('a description under headings', () => {
  const ordered =
    '\n    🛡️ Guardrails:\n      1. Warning: This changes data.\n\n    🎯 Purpose:\n      1. Creates many records at once.\n      2. Much more.';

  test('is told by what it is for, and not by a heading or the number of a line', () => {
    expect(firstSentence(ordered, 100)).toBe('Creates many records at once.');
    expect(firstSentence('When to use:\n- Reads the clock. More.', 100)).toBe('Reads the clock.');
    expect(firstSentence('Notes:', 100)).toBe('Notes:');
  });

  test('is not cut to a heading without what stood under it', () => {
    const long = `Purpose:\n1. Retrieves every record of one kind that ${'somebody '.repeat(20)}has made.`;
    expect(trimDescription(long, 60)).toMatch(/^1\. Retrieves every record of one kind that somebody.*…$/);
    expect(trimDescription(`Reads a file.\n\nParameters:\n- path: ${'x '.repeat(100)}`, 60)).toBe('Reads a file.…');
  });
});

test('a first sentence whose lines were broken in its middle is told to its end', () => {
  expect(firstSentence('Works with speech,\nwith text and\nwith files. More.\nand more', 100)).toBe(
    'Works with speech, with text and with files.',
  );
  expect(firstSentence('Reads a file\n- path: where', 100)).toBe('Reads a file');
});
