import { chmodSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/core/json.ts';
import { createWorkspace, fixtureServer } from '../../e2e/support.ts';
import type { Launch, Workspace } from '../../e2e/support.ts';

/** Something wrong with a set-up. */
export interface Fault {
  /** In a phrase that follows "finds". */
  name: string;
  prepare(setup: Setup): unknown;
  /** What has to be said of it, and how it is mended. */
  says: string | RegExp;
  fix: string | RegExp;
  code: number;
  /** Beside `doctor`. */
  words?: readonly string[];
}

/** A set-up with nothing wrong: a server with a policy and a lock file, and Claude Code that starts mcp-marshal with it. */
export interface Setup extends Workspace {
  /** The configuration. */
  config: string;
  /** The home folder of its user. */
  home: string;
  /** Writes the configuration once more, with these keys beside its own. */
  change(keys: object): void;
  /** The same, with servers beside its own. They are in no lock file, so there is none then. */
  serve(servers: Record<string, object>): void;
  /** Writes what Claude Code has in its file, beside its entry for mcp-marshal or in its place. */
  claude(servers: Record<string, object>): void;
  /** How a client starts mcp-marshal. */
  launch: Launch;
}

const tool = (name: string): JsonObject => ({ name, description: `Does ${name}.`, inputSchema: { type: 'object' } });
/** How the one server is started: its files lie in the folder of the configuration. */
export const ownServer = { ...fixtureServer('shifting.mjs', ['tools.json', 'calls.log']), cwd: '.' };

/** With `lock`, the text of its lock file; `script` is the program that clients start. */
export function createSetup({ lock, script }: { lock: string; script?: string }): Setup {
  const workspace = createWorkspace();
  const { path, write } = workspace;
  const config = join(path, 'marshal.yaml');
  const program = script ?? write('mcp-marshal/dist/main.js', '');
  const launch = { command: process.execPath, args: [program, 'serve', '--config', config] };
  const own = { version: 1, stateDir: join(path, 'state'), log: { level: 'warn' } };
  const served = { files: { ...ownServer, policy: 'files.yaml' } };
  const change = (keys: object): void => {
    chmodSync(write('marshal.yaml', JSON.stringify({ ...own, servers: served, ...keys })), 0o644);
  };
  const claude = (servers: Record<string, object>): void => {
    write('home/.claude.json', JSON.stringify({ mcpServers: { marshal: launch, ...servers } }));
  };
  write('tools.json', JSON.stringify([tool('read_note'), tool('write_note')]));
  write('calls.log', '');
  for (const [name, text] of [
    ['files.yaml', 'version: 1\nserver: files\nread: [read_note]\nwrite: [write_note]\n'],
    ['marshal.lock', lock],
  ] as const) {
    chmodSync(write(name, text), 0o644);
  }
  change({});
  claude({});
  return {
    ...workspace,
    config,
    home: join(path, 'home'),
    launch,
    change,
    claude,
    serve(servers) {
      rmSync(join(path, 'marshal.lock'));
      change({ servers: { ...served, ...servers } });
    },
  };
}

/** Has a server of the test listen, until the set-up goes; its port. */
export async function listen(setup: Workspace, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  setup.closeLater(() => server.close());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it has no port');
  return address.port;
}

/** The line that says it, and the mend below. */
export function findTold(out: string, says: string | RegExp): { line: string; mend: string } | undefined {
  const lines = out.split('\n');
  const at = lines.findIndex((line) => (typeof says === 'string' ? line.includes(says) : says.test(line)));
  return at === -1 ? undefined : { line: lines[at] ?? '', mend: lines[at + 1] ?? '' };
}
