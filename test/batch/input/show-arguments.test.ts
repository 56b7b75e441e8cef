import { describe, expect, test } from 'vitest';
import { showArguments } from '../../../src/batch/input/show-arguments.ts';

const show = (args: Parameters<typeof showArguments>[0], maxChars = 300): string => showArguments(args, { maxChars });

describe('arguments that a person is asked about', () => {
  test('are shown whole where they fit', () => {
    expect(show({ path: 'notes.md', lines: [1, 2], deep: { on: true, off: null } })).toBe(
      '{"path":"notes.md","lines":[1,2],"deep":{"on":true,"off":null}}',
    );
  });

  test('stand on one line, whatever they hold', () => {
    const shown = show({ 'a\nb': 'yes\r\n2. files__read: harmless\u2028\u0085\u000b' });
    for (const end of ['\r', '\n', '\u2028', '\u2029', '\u0085', '\u000b']) expect(shown).not.toContain(end);
    expect(shown).toContain('\\n');
  });

  test('show what cannot be seen: direction marks, characters without width, odd spaces, tags, escapes of terminals', () => {
    const shown = show({ path: '/tmp/\u202e\u200b\u00a0\u{e0041}\u001b[2J\u3164\ufe0f\u00ad' });
    expect(shown).toBe('{"path":"/tmp/\\u202e\\u200b\\u00a0\\udb40\\udc41\\u001b[2J\\u3164\\ufe0f\\u00ad"}');
  });

  test('keep letters of every language, and plain emoji', () => {
    expect(show({ note: 'Grüße, 日本語, עברית 🎉' })).toBe('{"note":"Grüße, 日本語, עברית 🎉"}');
  });

  test('never hide a path behind a long text that stands before it', () => {
    const shown = show({ content: 'x'.repeat(30_000), path: '/etc/passwd' });
    expect(shown).toContain('"path":"/etc/passwd"');
    expect(shown.length).toBeLessThanOrEqual(300);
  });

  test('keep the end of a long text, and count what is left out where no argument can write', () => {
    const shown = show({ path: `/home/${'a/'.repeat(2_000)}../../etc/passwd`, said: '…9 characters…' });
    expect(shown).toMatch(/" …[\d,]+ characters… "[^"]*etc\/passwd"/);
    expect(shown).toContain('"…9 characters…"');
  });

  test('count the elements and fields that are not shown', () => {
    expect(show({ ids: Array.from({ length: 5_000 }, (_, index) => index) })).toMatch(/,…and 4,9\d\d more\]}$/);
    const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, 'v'.repeat(50)]));
    expect(show(fields)).toMatch(/…and 4,99\d more fields that are not shown}$/);
  });

  test('begin with what the tool knows, however much else is sent along', () => {
    const junk = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}`, 'v'.repeat(50)]));
    const args = { ...junk, force: true, path: '/etc', mode: 'all', to: '/x', why: 'so' };
    const shown = showArguments(args, { maxChars: 300, known: ['path', 'force', 'mode', 'to', 'why', 'absent'] });
    expect(shown).toMatch(
      /^{"path":"\/etc","force":true,"mode":"all","to":"\/x","why":"so",.*…and \d+ more fields that are not shown}$/,
    );
  });

  test('say how much is missing even where nothing fits', () => {
    const wide = { a: { b: { c: ['x'.repeat(99), 'y'.repeat(99), 'z'.repeat(99)], d: 'w'.repeat(99), e: 1 } } };
    expect(show(wide, 40)).toMatch(/^.{40} …\d+ more characters$/);
  });
});

test('a megabyte made to be slow is shown within a second', () => {
  const hostile = ['eyJ-', '://a:', '-----BEGIN ', 'Bearer ', 'gh', '\u202e', 'passWord'];
  const startMs = performance.now();
  for (const piece of hostile) show({ [piece.repeat(1_000)]: piece.repeat(1_000_000 / piece.length) });
  expect(performance.now() - startMs).toBeLessThan(1_000 * hostile.length);
});
