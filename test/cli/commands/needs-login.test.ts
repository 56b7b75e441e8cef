import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import type { StubServer } from '../stub-proxy.ts';
import { readTool, replyOf, stubParts } from '../stub-proxy.ts';

const reason = 'it wants a login (HTTP 401); run mcp-marshal login linear';
const state = { state: 'failed', reason, needsLogin: true } as const;
const wanting: StubServer = { state };
const gone: StubServer = { state: { state: 'failed', reason: 'it cannot be reached' } };

async function run(
  argv: string[],
  servers: Record<string, StubServer>,
): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = fakeIo({});
  const message = `linear is not available: ${reason}`;
  const failed = replyOf({ status: 'failed', error: { code: 'server_unavailable', message } });
  const code = await runCli(argv, io, stubParts(servers, () => failed).parts);
  return { code, out: out(), err: err() };
}

describe('a server that wants a login', () => {
  test('makes check end with 3 and say what to run; with 4 where another one cannot be reached at all', async () => {
    const alone = await run(['check'], { linear: wanting });
    expect(alone.code).toBe(3);
    expect(alone.out).toContain(`linear  unreachable  ${reason}`);
    expect((await run(['check'], { linear: wanting, gone })).code).toBe(4);
  });

  test.each([
    ['its tools are known from before', [readTool]],
    ['nothing is known of it', []],
  ])('makes call end with 3 where %s', async (_, tools) => {
    const { code, err } = await run(['call', 'linear__read_text_file', 'path=a'], { linear: { state, tools } });
    expect(code).toBe(3);
    expect(err).toContain('run mcp-marshal login linear');
    expect(err).not.toContain('see what mcp-marshal check says');
  });
});
