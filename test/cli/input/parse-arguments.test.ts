import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseArguments } from '../../../src/cli/input/parse-arguments.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { readTool } from '../stub-proxy.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'arguments-'));
  writeFileSync(join(cwd, 'text.md'), 'line 1\nline 2\n');
  writeFileSync(join(cwd, 'args.json'), '{"path": "from a file"}');
});
afterAll(() => rmSync(cwd, { recursive: true }));

function parse(pairs: string[], args?: string, stdin = ''): Promise<JsonObject> {
  return parseArguments({ pairs, args, cwd, readStdin: () => Promise.resolve(stdin) }, readTool.inputSchema);
}

describe('arguments on the command line', () => {
  test.each<[string, JsonObject]>([
    ['path=a.md', { path: 'a.md' }],
    ['path=', { path: '' }],
    ['path=a=b', { path: 'a=b' }],
    ['path=7', { path: '7' }],
    ['head=3', { head: 3 }],
    ['deep=true', { deep: true }],
    ['tags=["a","b"]', { tags: ['a', 'b'] }],
    ['any=null', { any: null }],
    ['any=2.5', { any: 2.5 }],
    ['path:="a.md"', { path: 'a.md' }],
    ['head:={"odd":1}', { head: { odd: 1 } }],
    ['unknown=1', { unknown: '1' }],
    ['path=@text.md', { path: 'line 1\nline 2\n' }],
    ['path:="@text.md"', { path: '@text.md' }],
  ])('%s means %j', async (pair, meant) => {
    expect(await parse([pair])).toEqual(meant);
  });

  test.each([
    ['head=many', '"head" takes a whole number, and "many" is none', 'write head=3'],
    ['head=true', '"head" takes a whole number, and "true" is none', 'write head=3'],
    ['deep=yes', '"deep" takes true or false, and "yes" is none', 'write deep=true'],
    ['tags=a', '"tags" takes a list, and "a" is none', `write tags='["a", "b"]'`],
    ['any=x', '"any" takes a number or null, and "x" is none', 'write any=2.5'],
    ['path:=a', '"path" is not JSON', 'path=text'],
    ['path', '"path" is not an argument', 'key=value'],
    ['=x', '"=x" is not an argument', 'key=value'],
    ['path=@none.md', 'the file "none.md" does not exist', 'check its path'],
    ['path=@.', 'the file "." cannot be read (EISDIR)', 'check its path'],
  ])('%s is refused, with what would be right', async (pair, message, fix) => {
    await expect(parse([pair])).rejects.toMatchObject({ exitCode: 2, message, fix: expect.stringContaining(fix) });
  });

  test('come whole from JSON, a file or stdin, with pairs beside them', async () => {
    expect(await parse([], '{"path": "a"}')).toEqual({ path: 'a' });
    expect(await parse(['head=1'], '@args.json')).toEqual({ path: 'from a file', head: 1 });
    expect(await parse([], '-', '{"path": "from stdin"}')).toEqual({ path: 'from stdin' });
  });

  test.each([
    ['{', '--args is not JSON'],
    ['[1]', '--args is JSON, but not an object'],
    ['@none.json', 'the file "none.json" does not exist'],
  ])('--args %s is refused', async (args, message) => {
    await expect(parse([], args)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
  });

  test('are given once each', async () => {
    await expect(parse(['path=a', 'path=b'])).rejects.toThrow('"path" is given twice');
    await expect(parse(['path=a'], '{"path": "b"}')).rejects.toThrow('"path" is given twice');
  });

  test('keep names that JavaScript treats specially', async () => {
    const parsed = await parse(['__proto__=x', 'constructor=y']);
    expect(Object.entries(parsed)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});
