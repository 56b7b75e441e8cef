import { expect, test } from 'vitest';
import { describeScreen } from '../../../src/cli/terminal/screen.ts';
import { fakeIo } from '../fake-io.ts';

test.each([
  { env: {}, isTerminal: true, color: true },
  { env: {}, isTerminal: false, color: false },
  { env: { NO_COLOR: '1' }, isTerminal: true, color: false },
  { env: { NO_COLOR: '1', FORCE_COLOR: '1' }, isTerminal: true, color: false },
  { env: { CI: 'true' }, isTerminal: true, color: false },
  { env: { TERM: 'dumb' }, isTerminal: true, color: false },
  { env: { FORCE_COLOR: '1', CI: '1' }, isTerminal: false, color: true },
  { env: { FORCE_COLOR: '0' }, isTerminal: true, color: false },
])('colour is $color with $env, a terminal: $isTerminal', ({ env, isTerminal, color }) => {
  expect(describeScreen(fakeIo({ env, isTerminal }).io, 'stdout').color).toBe(color);
});

test.each<[Record<string, string>, boolean]>([
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LANG: 'C' }, false],
  [{ LANG: 'en_US.utf8', LC_ALL: 'C' }, false],
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, true],
  [{ LANG: '' }, false],
])('%j shows more than ASCII: %s', (env, unicode) => {
  expect(describeScreen(fakeIo({ env }).io, 'stdout').unicode).toBe(unicode);
});

test('a terminal has its own width, anything else 100 columns', () => {
  expect(describeScreen(fakeIo({ isTerminal: true, columns: 72 }).io, 'stdout').width).toBe(72);
  expect(describeScreen(fakeIo({ columns: 72 }).io, 'stdout').width).toBe(100);
  expect(describeScreen(fakeIo({ isTerminal: true, columns: 0 }).io, 'stdout').width).toBe(100);
});
