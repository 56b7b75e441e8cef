import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientIds } from '../../src/clients/client.ts';
import { readClients } from '../../src/clients/read-clients.ts';
import { layOutHome } from '../clients/client-home.ts';
import { connectClient, createWorkspace, fixtureServer, program, startProxy, writeConfig } from './support.ts';
import type { Workspace } from './support.ts';

let workspace: Workspace;
let home: string;
let bin: string;

beforeEach(() => {
  workspace = createWorkspace();
  home = join(workspace.path, 'home');
  bin = join(workspace.path, 'bin');
  mkdirSync(bin);
});
afterEach(() => workspace.close());

interface Row {
  client: string;
  path: string;
  status: string;
  by?: string;
}

async function install(...words: string[]): Promise<Row[]> {
  const env = {
    HOME: home,
    PATH: `${bin}:/usr/bin:/bin`,
    XDG_CONFIG_HOME: '',
    XDG_STATE_HOME: '',
    CLAUDE_CONFIG_DIR: '',
    CODEX_HOME: '',
  };
  const run = startProxy(workspace, { args: ['install', ...words, '--json'], env });
  const { code } = await run.exited;
  expect([code, run.stderr()]).toEqual([0, '']);
  const { data }: { data: { clients: Row[] } } = JSON.parse(run.stdout());
  return data.clients;
}

function snapshot(): Record<string, string> {
  const paths = readdirSync(home, { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => statSync(join(home, path)).isFile()).sort();
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(home, path), 'latin1')]));
}

/** Lines that are nothing but a comment. */
function commentsIn(text: string): string[] {
  return text.split('\n').filter((line) => /^\s*(?:\/\/|#)/.test(line));
}

describe('install --all on the machine of somebody who has all thirteen clients', () => {
  test('[uninstall] registers it everywhere, what is registered serves tools, and --uninstall leaves no trace', async () => {
    const server = fixtureServer('echo.mjs');
    const config = writeConfig(workspace, {
      servers: { memory: { command: 'node', args: [server.args[0], 'memory'] } },
    });
    await layOutHome(home, workspace.path, { server: server.args[0]! });
    const before = snapshot();
    const rows = await install('--all', '--switch-off', '--config', config);
    expect(rows.map(({ client, status }) => `${client} ${status}`).sort()).toEqual(
      clientIds.map((client) => `${client} registered`).sort(),
    );
    const after = snapshot();
    for (const path of Object.keys(before)) {
      // Servers are switched off; what people wrote beside them stays, but inside an entry that is taken out.
      const comments = commentsIn(before[path]!);
      const kept = comments.filter((comment) => after[path]!.includes(comment));
      expect([path, kept.length]).toEqual([path, comments.length]);
    }
    const readings = await readClients({ platform: 'linux', env: {}, home, cwd: workspace.path }, clientIds);
    expect(readings.problems).toEqual([]);
    const registered = readings.servers.filter(({ name }) => name === 'marshal').map(({ client }) => client);
    expect([...new Set(registered)].sort()).toEqual([...clientIds].sort());
    const desktop = rows.find(({ client }) => client === 'claude-desktop')!;
    const { mcpServers } = JSON.parse(readFileSync(desktop.path, 'utf8'));
    const { command, args } = mcpServers.marshal;
    expect([command, args]).toEqual([expect.stringMatching(/^\/.*node$/), [program, 'serve', '--config', config]]);
    const client = await connectClient(workspace, 'version 1', { command, args });
    expect((await client.listTools()).map(({ name }) => name)).toContain('batch_call');
    const undone = await install('--all', '--uninstall');
    expect(new Set(undone.map(({ status }) => status))).toEqual(new Set(['restored']));
    expect(snapshot()).toEqual(before);
  });
});

describe("Claude Code's own command", () => {
  const script = (body: string): void => {
    const path = workspace.write('bin/claude', `#!${process.execPath}\n${body}`);
    chmodSync(path, 0o755);
  };
  // Whether a file without an ending is a module depends on what lies above it.
  const start = `import('node:fs').then((fs) => { const file = process.env.HOME + '/.claude.json';
    const [, , mcp, verb, scope, user, name, entry] = process.argv; const all = JSON.parse(fs.readFileSync(file, 'utf8'));`;
  const text = '{"numStartups": 7, "mcpServers": {"notes": {"command": "notes"}}}';

  test('registers it where it is there; the file is put back to the last byte all the same', async () => {
    script(
      `${start} all.numStartups++; all.mcpServers[name] = JSON.parse(entry); fs.writeFileSync(file, JSON.stringify(all, null, 2)); });`,
    );
    const config = writeConfig(workspace, { servers: {} });
    const file = workspace.write('home/.claude.json', text);
    expect(await install('claude-code', '--config', config)).toMatchObject([{ status: 'registered', by: 'command' }]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      numStartups: 8,
      mcpServers: { marshal: { type: 'stdio' } },
    });
    expect(await install('claude-code', '--uninstall')).toMatchObject([{ status: 'restored' }]);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('that fails is told of, and the file is edited instead', async () => {
    script(`${start} all.numStartups++; fs.writeFileSync(file, JSON.stringify(all)); process.exit(3); });`);
    const config = writeConfig(workspace, { servers: {} });
    const file = workspace.write('home/.claude.json', text);
    expect(await install('claude-code', '--config', config)).toMatchObject([
      { status: 'registered', by: 'edit', notes: [expect.stringContaining('it ended with 3')] },
    ]);
    expect(readFileSync(file, 'utf8')).toMatch(/"numStartups":8.*"marshal"/s);
    expect(await install('claude-code', '--uninstall')).toMatchObject([{ status: 'restored' }]);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
