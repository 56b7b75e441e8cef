import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorkspace, fixtureServer, startProxy, writeConfig } from './support.ts';
import type { Launch } from './support.ts';

const workspace = createWorkspace();
const starts = join(workspace.path, 'starts');
let config: string;

beforeAll(async () => {
  // The scripted server, which leaves a mark whenever it is started.
  const [script = ''] = fixtureServer('scripted.mjs').args;
  const launcher = workspace.write(
    'launcher.mjs',
    `import { appendFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(starts)}, 'x');
await import(${JSON.stringify(pathToFileURL(script).href)});
`,
  );
  const server: Launch & { policy: string } = { command: process.execPath, args: [launcher], policy: 'script.yaml' };
  workspace.write('script.yaml', 'version: 1\nread: [read, echo]\ndestructive: [destroy]\ndeny: [die]\n');
  config = writeConfig(workspace, { servers: { script: server } });
  // An earlier run, from which the list of tools is kept.
  const listing = startProxy(workspace, { args: ['tools', '--config', config] });
  const { code } = await listing.exited;
  if (code !== 0) throw new Error(`the list of tools could not be had: ${listing.stderr()}`);
});
afterAll(() => workspace.close());

async function hook(
  toolName: string,
  toolInput: object,
  argv: string[] = ['--config', config],
): Promise<{ code: number | null; decision?: string; reason?: string; stderr: string }> {
  const program = startProxy(workspace, { args: ['hook', 'claude-code', ...argv] });
  const use = { session_id: 's', cwd: workspace.path, permission_mode: 'default', hook_event_name: 'PreToolUse' };
  program.send({ ...use, tool_name: toolName, tool_input: toolInput });
  program.endInput();
  const { code } = await program.exited;
  const out = program.stdout();
  const stderr = program.stderr();
  if (out === '') return { code, stderr };
  const { hookSpecificOutput: answer } = JSON.parse(out);
  return { code, decision: answer.permissionDecision, reason: answer.permissionDecisionReason, stderr };
}

const read = { tool: 'script__read', arguments: { key: 'a' } };

describe('the hook of Claude Code, by the list that an earlier run has kept', () => {
  test.each([
    ['allows a batch of reads', [read, read], 'allow'],
    ['asks about a destructive call', [read, { tool: 'script__destroy', arguments: { key: 'a' } }], 'ask'],
    ['denies a batch with a call that policy denies', [read, { tool: 'script__die' }], 'deny'],
    ['asks about a tool that is not known', [{ tool: 'script__unheard_of' }], 'ask'],
  ])('%s', async (_title, calls, decision) => {
    expect(await hook('mcp__marshal__batch_call', { calls })).toMatchObject({ code: 0, decision, stderr: '' });
  });

  test('lists the calls, with the rule that denies one', async () => {
    const { reason } = await hook('mcp__marshal__batch_call', { calls: [read, { id: 'end', tool: 'script__die' }] });
    expect(reason).toMatch(/\[end\] script__die \(\w+\) deny: .*\(.*script\.yaml:4\)/);
    expect(reason).toContain('[c0] script__read (read) allow');
  });

  test('has no opinion on tools of others, and asks where it has no configuration', async () => {
    expect(await hook('Bash', { command: 'ls' })).toEqual({ code: 0, stderr: '' });
    const lost = await hook('mcp__marshal__batch_call', { calls: [read] }, ['--config', 'none.yaml']);
    expect(lost).toMatchObject({ code: 0, decision: 'ask', stderr: '' });
  });

  test('starts no server', () => {
    expect(existsSync(starts)).toBe(true);
    expect(readFileSync(starts, 'utf8')).toBe('x');
  });
});
