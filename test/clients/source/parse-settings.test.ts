import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../../src/clients/source/parse-settings.ts';

function parsed(text: string, file: string): Extract<ReturnType<typeof parseSettings>, { ok: true }> {
  const read = parseSettings(text, file);
  if (!read.ok) throw new Error(read.problem.message);
  return read;
}

describe('JSON settings', () => {
  test('are read with comments and trailing commas, each value with its place', () => {
    const text = '{\n  // why\n  "a": { "b": [1, 2,], /* so */ },\n}\n';
    const { value, placeOf } = parsed(text, 's.json');
    expect(value).toEqual({ a: { b: [1, 2] } });
    expect(placeOf(['a', 'b', 1])).toEqual({ file: 's.json', line: 3, column: 19 });
    expect(placeOf(['nowhere'])).toEqual({ file: 's.json', line: 1, column: 1 });
  });

  test.each([
    ['{\n  "a": \n}', 'is not valid JSON: value expected', 3],
    ['{"a": 1', 'is not valid JSON: close brace expected', 1],
    ['// nothing but a remark', 'is not valid JSON: value expected', 1],
  ])('that are broken are a problem with its place, and never half read: %s', (text, message, line) => {
    expect(parseSettings(text, 's.json')).toMatchObject({ ok: false, problem: { message, place: { line } } });
  });

  test('nested by the hundred thousand are a problem and not the end', () => {
    expect(parseSettings('['.repeat(200_000), 's.json').ok).toBe(false);
  });

  test('make no prototypes of keys', () => {
    const { value } = parsed('{"__proto__": {"polluted": true}}', 's.json');
    expect(value).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('TOML settings', () => {
  const text = [
    'top = 1',
    '[mcp_servers.a]',
    'command = """',
    '[not.a.table]',
    'x = 1',
    '"""',
    'args = [',
    '  "[looks.like.one]",',
    ']',
    '  "quoted key" = 2',
    '[mcp_servers."b c".tools.x]',
    'approval_mode = "approve" # yes',
    '[[rule]]',
    'n = 1',
    '[[rule]]',
    'n = 2',
    'since = 2026-11-22T10:00:00Z',
  ].join('\n');

  test.each([
    [['top'], 1],
    [['mcp_servers', 'a'], 2],
    [['mcp_servers', 'a', 'args'], 7],
    [['mcp_servers', 'a', 'args', 0], 7],
    [['mcp_servers', 'a', 'quoted key'], 10],
    [['mcp_servers', 'b c', 'tools', 'x', 'approval_mode'], 12],
    [['rule', 1, 'n'], 16],
    [['rule', 0], 13],
    [['mcp_servers', 'zzz'], 1],
  ])('know the line of %j', (path, line) => {
    expect(parsed(text, 's.toml').placeOf(path).line).toBe(line);
  });

  test('that are broken are a problem with its place', () => {
    expect(parseSettings('a = 1\nb = ', 's.toml')).toMatchObject({
      ok: false,
      problem: { place: { file: 's.toml', line: 2 } },
    });
  });
});

test('no text whatever makes the reading fail', () => {
  const signs = ['[', ']', '{', '}', '"', "'", ',', ':', '=', '.', '#', '/', '*', '\n', ' ', 'a', '1'];
  const noise = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...signs) }), fc.json());
  fc.assert(
    fc.property(noise, fc.constantFrom('s.json', 's.toml'), (text, file) => {
      const read = parseSettings(text, file);
      if (read.ok) expect(read.placeOf(['a', 0]).line).toBeGreaterThan(0);
      else expect(read.problem.place?.line).toBeGreaterThan(0);
    }),
  );
});
