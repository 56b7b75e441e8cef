import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { createSetup, findTold } from '../cli/doctor/doctor-setup.ts';
import type { Setup } from '../cli/doctor/doctor-setup.ts';
import { faults } from './doctor-faults.ts';
import { program, startProxy } from './support.ts';

/** Written by the program itself: nothing differs from it. */
let lock: string;
beforeAll(async () => {
  const setup = createSetup({ lock: '{"version":1,"servers":{}}', script: program });
  await run(setup, ['lock', '--update']);
  lock = readFileSync(join(setup.path, 'marshal.lock'), 'utf8');
  await setup.close();
});

function newSetup({ onTestFinished }: TestContext): Setup {
  const setup = createSetup({ lock, script: program });
  onTestFinished(() => setup.close());
  return setup;
}

async function run(setup: Setup, args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const none = Object.fromEntries(
    ['XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'MCP_MARSHAL_CONFIG', 'CLAUDE_CONFIG_DIR', 'CODEX_HOME'].map((name) => [
      name,
      '',
    ]),
  );
  const proxy = startProxy(setup, { args, env: { ...none, HOME: setup.home } });
  proxy.endInput();
  const { code } = await proxy.exited;
  return { code, out: proxy.stdout(), err: proxy.stderr() };
}

describe.concurrent('mcp-marshal doctor', () => {
  test('has nothing to say of a set-up that is in order', async (context) => {
    const { code, out, err } = await run(newSetup(context), ['doctor']);
    expect(out).toMatch(
      /^ {2}files {2}ready {2}legacy 2025-06-18, shifting 1\.0\.0, connected in .*, answers in \d+ ms, 2 tools, about \d+ tokens$/m,
    );
    expect(out).toContain('Claude Code: 1 file, mcp-marshal is among its servers as marshal\n');
    expect(out).toMatch(/\n0 problems, 0 warnings, 0 notes\n$/);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test.for(faults)('finds $name, and names the mend', async ({ prepare, says, fix, code, words = [] }, context) => {
    const setup = newSetup(context);
    await prepare(setup);
    const told = await run(setup, ['doctor', ...words]);
    const found = findTold(told.out, says);
    // Where it is not told of, what is told instead says why.
    expect(found?.line ?? told.out + told.err).toMatch(/^(?:problem|warning): /);
    expect(found?.mend).toMatch(fix);
    expect(told).toMatchObject({ code });
  });

  test('says it for programs: checks, servers, clients and findings, none without its mend', async (context) => {
    const setup = newSetup(context);
    setup.serve({ git: { command: 'not-installed-anywhere' } });
    const { code, out } = await run(setup, ['doctor', '--json']);
    const { version, data } = JSON.parse(out);
    expect(version).toBe(1);
    expect(data.checks.map(({ name }: { name: string }) => name)).toEqual([
      'node',
      'configuration',
      'policies',
      'lock',
      'state',
      'ports',
      'secrets',
    ]);
    expect(data.servers).toMatchObject([
      { name: 'files', state: 'ready', era: 'legacy', protocolVersion: '2025-06-18', tokens: expect.any(Number) },
      { name: 'git', state: 'unreachable' },
    ]);
    expect(data.clients).toMatchObject([{ client: 'claude-code', isRegistered: true, names: ['marshal'] }]);
    expect(data.findings).toMatchObject([
      { level: 'problem', code: 'command-not-found', about: 'server', server: 'git', fix: expect.stringMatching(/./) },
      { level: 'note', code: 'no-lock', about: 'lock', fix: expect.stringMatching(/./) },
    ]);
    expect(code).toBe(4);
  });
});
