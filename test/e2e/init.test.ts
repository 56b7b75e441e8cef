import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layOutHome } from '../clients/client-home.ts';
import { createWorkspace, fixtureServer, program } from './support.ts';
import type { Workspace } from './support.ts';

let workspace: Workspace;
let home: string;
let project: string;
beforeEach(async () => {
  workspace = createWorkspace();
  workspace.write('home/empty', '');
  workspace.write('project/empty', '');
  home = join(workspace.path, 'home');
  project = join(workspace.path, 'project');
  await layOutHome(home, project, { server: fixtureServer('scripted.mjs').args[0]! });
});
afterEach(() => workspace.close());

/** The program as a script runs it, in a home of its own. */
function run(args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: home, XDG_STATE_HOME: join(workspace.path, 'state') };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { cwd: project, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
    child.stdin?.end();
  });
}

const folder = (): string => join(home, '.config', 'mcp-marshal');
const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test(
  'init takes over the servers of all thirteen clients, and what it writes works as it is',
  { timeout: 60_000 },
  async () => {
    const made = await run(['init', '--yes', '--timeout', '10s']);
    expect(made.err).toBe('');
    expect(made.code).toBe(0);
    expect(made.out).toContain('next: mcp-marshal check\nthen: mcp-marshal install --all\n');

    const secrets = join(folder(), 'marshal.env');
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
    const others = filesOf(workspace.path).filter(
      (file) => file !== secrets && (file.startsWith(folder()) || file.includes('/state/')),
    );
    expect(others.length).toBeGreaterThan(3);
    for (const file of others) expect(`${file} ${readFileSync(file).includes('canary')}`).toBe(`${file} false`);
    expect(made.out + made.err).not.toContain('canary');

    const checked = await run(['check', '--timeout', '10s']);
    expect([0, 4]).toContain(checked.code);
    expect(checked.out + checked.err).not.toContain('canary');
    const listed = await run(['tools', '--json', '--timeout', '10s']);
    expect(listed.out).toContain('memory__echo');
  },
);

test(
  'a server that init did not reach gets its policy with import --policies, and nothing else changes',
  { timeout: 30_000 },
  async () => {
    await run(['init', '--yes', '--offline', '--from', 'cursor']);
    const policy = join(folder(), 'policies', 'memory.yaml');
    const [before, config] = [readFileSync(policy, 'utf8'), readFileSync(join(folder(), 'marshal.yaml'), 'utf8')];
    expect(before).toContain('mcp-marshal import --policies');

    const shown = await run(['import', '--policies', '--timeout', '5s']);
    expect(shown.out).toContain('nothing was written; --write does\n');
    expect(readFileSync(policy, 'utf8')).toBe(before);
    const { code } = await run(['import', '--policies', '--write', '--timeout', '5s']);
    expect(code).toBe(0);
    expect(readFileSync(policy, 'utf8')).toMatch(
      /^# Proposed by mcp-marshal from the tools[^]*\nread:\n[^]* {2}- echo\b/,
    );
    expect(readFileSync(`${policy}.bak`, 'utf8')).toBe(before);
    expect(readFileSync(join(folder(), 'marshal.yaml'), 'utf8')).toBe(config);

    writeFileSync(join(folder(), 'marshal.yaml'), config.replace(/\n *policy: policies\/memory.yaml/, ''));
    const again = await run(['import', '--policies', '--write', '--timeout', '5s']);
    expect(again.out).toContain('memory: ');
    expect(readFileSync(join(folder(), 'marshal.yaml'), 'utf8')).toContain('policy: policies/memory-2.yaml');
  },
);
