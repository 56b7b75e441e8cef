import { chmodSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fixtureServer } from '../../e2e/support.ts';
import { listen } from './doctor-setup.ts';
import type { Fault } from './doctor-setup.ts';

/** What files alone tell. */
export const faults: readonly Fault[] = [
  {
    name: 'a state folder that cannot be written',
    prepare: (setup) => setup.change({ stateDir: setup.write('a-file', '') + '/state' }),
    says: /the state folder .*a-file\/state cannot be written \(ENOTDIR\)/,
    fix: 'write stateDir: FOLDER',
    code: 1,
  },
  {
    name: 'a state folder that others can look into',
    prepare: (setup) => mkdirSync(join(setup.path, 'state'), { mode: 0o755 }),
    says: /other users of this machine can look into the state folder/,
    fix: /chmod 700 .*state/,
    code: 1,
  },
  {
    name: 'a journal that is damaged',
    prepare(setup) {
      mkdirSync(join(setup.path, 'state', 'journal'), { recursive: true, mode: 0o700 });
      chmodSync(join(setup.path, 'state'), 0o700);
      setup.write('state/journal/journal-1.db', 'this is no database, and never was one: '.repeat(200));
    },
    says: /the journal: .*journal-1\.db/,
    fix: 'move that file away',
    code: 1,
  },
  {
    name: 'a file of secrets that others can read',
    prepare(setup) {
      chmodSync(setup.write('.env', 'A_TOKEN=x\n'), 0o644);
      setup.change({ envFile: '.env' });
    },
    says: /\.env holds secrets, and other users of this machine can read it/,
    fix: /chmod 600 .*\.env/,
    code: 1,
  },
  {
    name: 'a secret that stands in the configuration',
    prepare: (setup) =>
      setup.serve({ far: { url: 'https://example.com/mcp', headers: { Authorization: 'Bearer abcdefgh12345678' } } }),
    says: 'servers.far.headers.Authorization looks like a secret',
    fix: 'write ${FAR_TOKEN} in its place',
    code: 1,
  },
  {
    name: 'a port that another program holds',
    prepare: async (setup) => setup.change({ telemetry: { metrics: await listen(setup, createServer()) } }),
    says: /telemetry\.metrics: port \d+ of 127\.0\.0\.1 is held by/,
    fix: /write telemetry\.metrics: \d+/,
    code: 1,
  },
  {
    name: 'a client that starts a Node that is gone',
    prepare: (setup) => setup.claude({ marshal: { ...setup.launch, command: '/opt/node-18/bin/node' } }),
    says: 'Claude Code starts marshal with /opt/node-18/bin/node, which is not there',
    fix: 'mcp-marshal install claude-code',
    code: 1,
  },
  {
    name: 'a client that names a configuration that is gone',
    prepare: (setup) =>
      setup.claude({
        marshal: { ...setup.launch, args: [...setup.launch.args.slice(0, -1), '/nowhere/marshal.yaml'] },
      }),
    says: 'with the configuration /nowhere/marshal.yaml, which does not exist',
    fix: 'write --config',
    code: 1,
  },
  {
    name: 'a server that a client starts beside mcp-marshal, too',
    prepare: (setup) => setup.claude({ files: fixtureServer('shifting.mjs', ['tools.json', 'calls.log']) }),
    says: 'Claude Code starts files by itself, beside mcp-marshal',
    fix: 'mcp-marshal install claude-code --switch-off',
    code: 1,
  },
  {
    name: 'a client that gives up before a batch replies',
    prepare: (setup) => setup.claude({ marshal: { ...setup.launch, timeout: 20_000 } }),
    says: 'Claude Code gives a call up after 20 s, and a batch may reply as late as after 50 s',
    fix: 'write batch: { deadline: 15s }',
    code: 1,
  },
  {
    name: 'a variable that Codex does not hand on',
    prepare(setup) {
      setup.serve({ far: { url: 'https://example.com/mcp', headers: { 'X-Key': '${FAR_KEY}' } } });
      const { command, args } = setup.launch;
      setup.write(
        'home/.codex/config.toml',
        `[mcp_servers.marshal]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n`,
      );
    },
    says: 'FAR_KEY is missing there, which servers.far needs',
    fix: 'env_vars = ["FAR_KEY"]',
    code: 1,
  },
  {
    name: 'a rule of a client under which nobody is asked',
    prepare: (setup) => setup.write('home/.claude/settings.json', '{"permissions":{"allow":["mcp__marshal"]}}'),
    says: 'so nobody is asked',
    fix: 'write approvals: { passthrough: ask }',
    code: 1,
  },
  {
    name: 'a key that is misspelt',
    prepare: (setup) => setup.change({ maxParalel: 4 }),
    says: /marshal\.yaml:1:\d+: maxParalel/,
    fix: 'maxParallel',
    code: 2,
  },
  {
    name: "another server's policy",
    prepare: (setup) => setup.write('files.yaml', 'version: 1\nserver: github\nread: [read_note]\n'),
    says: /files\.yaml:2:\d+: server: .*github/,
    fix: /files/,
    code: 2,
  },
];
