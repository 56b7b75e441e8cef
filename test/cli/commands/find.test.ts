import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { deleteTool, readTool, stubParts, writeTool } from '../stub-proxy.ts';
import type { StubServer } from '../stub-proxy.ts';

const servers: Record<string, StubServer> = {
  files: { tools: [readTool, writeTool, deleteTool], rules: { deny: ['delete_*'] } },
};

async function find(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = fakeIo({ env: { NO_COLOR: '1' } });
  const code = await runCli(['tools', 'find', ...words], io, stubParts(servers).parts);
  return { code, out: out(), err: err() };
}

describe('tools find', () => {
  test('shows a line for each tool that does what was asked for, best first, and no denied one', async () => {
    const { code, out } = await find('read', 'a', 'file');
    expect(code).toBe(0);
    const names = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('(')[0]);
    expect(names).toEqual(['files__read_text_file', 'files__write_file']);
    expect(out).toMatch(/^files__read_text_file\(.*\) \[read\]/);
  });

  test('shows the one that is named with what its arguments are', async () => {
    const { out } = await find('read_text_file');
    expect(out).toMatch(/^files__read_text_file\(.*\) \[read\] server: files\n/);
    expect(out).toContain('Arguments:\n- path (required)\n- head\n');
    expect(out).toMatch(/\n\nfiles__write_file\(/);
  });

  test('gives programs the same as data', async () => {
    const { out } = await find('read a file', '--limit', '1', '--json');
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      data: { tools: [{ name: 'files__read_text_file', server: 'files', tool: 'read_text_file', classes: ['read'] }] },
    });
  });

  test('says that it has found nothing, and prints nothing', async () => {
    expect(await find('qqqq')).toEqual({ code: 0, out: '', err: 'no tool found for "qqqq"; see mcp-marshal tools\n' });
  });

  test.each([['0'], ['x'], ['1.5']])('takes no limit of %s', async (limit) => {
    const { code, err } = await find('read', '--limit', limit);
    expect(code).toBe(2);
    expect(err).toContain('Write a whole number above 0');
  });
});
