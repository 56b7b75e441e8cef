import { describe, expect, test } from 'vitest';
import { parseSince } from '../../../src/cli/grammar/parse-since.ts';

const now = Date.UTC(2026, 10, 21, 12);
const hourMs = 3_600_000;

describe('a moment', () => {
  test.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 2 * hourMs],
    ['3d', 72 * hourMs],
    ['1w', 168 * hourMs],
  ])('%s is so long ago', (written, ms) => {
    expect(parseSince(written, now)).toBe(now - ms);
  });

  test.each([
    ['2026-11-21', new Date(2026, 10, 21).getTime()],
    ['2026-11-21T14:30', new Date(2026, 10, 21, 14, 30).getTime()],
    ['2026-11-21 14:30:05', new Date(2026, 10, 21, 14, 30, 5).getTime()],
  ])('%s is one of the clock on the wall', (written, ms) => {
    expect(parseSince(written, now)).toBe(ms);
  });

  test.each([
    ['2026-11-21T14:30:05.123Z', Date.UTC(2026, 10, 21, 14, 30, 5, 123)],
    ['2026-11-21T14:30+02:00', Date.UTC(2026, 10, 21, 12, 30)],
  ])('%s says its zone itself', (written, ms) => {
    expect(parseSince(written, now)).toBe(ms);
  });

  test.each([
    '',
    '10',
    'm',
    '-10m',
    '1.5h',
    '10 m',
    '10y',
    '2026-02-31',
    '2026-13-01',
    '2026-11-21T25:00',
    '21.11.2026',
    '1e3s',
  ])('"%s" is none', (written) => {
    expect(parseSince(written, now)).toBeUndefined();
  });
});
