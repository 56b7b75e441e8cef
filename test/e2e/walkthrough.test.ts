import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { connectClient, createWorkspace, referenceServer, textsOf } from './support.ts';
import { openTerminal } from './terminal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const saved = join(root, 'docs/images/first-batch.cast');
const workspace = createWorkspace();
afterEach(() => workspace.close());

// `MARSHAL_RECORD=1` keeps the recording that the documentation shows.
test('from the packed package and a client with two servers to a batch over both: five commands at most, under two minutes', async () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', workspace.path], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const home = workspace.path;
  workspace.write('notes/launch.md', 'The launch is on Friday.\n');
  workspace.write(
    '.claude.json',
    JSON.stringify({
      numStartups: 3,
      mcpServers: {
        files: { command: 'node', args: referenceServer('filesystem', [join(home, 'notes')]).args },
        memory: {
          command: 'node',
          args: referenceServer('memory').args,
          env: { MEMORY_FILE_PATH: join(home, 'memory.json') },
        },
      },
    }),
  );
  const terminal = openTerminal({
    cwd: home,
    // What npm has fetched for this project already is not fetched again: the network of a test machine is not what is measured.
    env: {
      HOME: home,
      PATH: process.env['PATH'] ?? '',
      npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
      LANG: 'C.UTF-8',
      npm_config_update_notifier: 'false',
      npm_config_progress: 'false',
    },
  });
  workspace.closeLater(() => terminal.close());
  const marshal = `npx -y -p ~/${packed.filename} mcp-marshal`;
  const calls = [{ tool: 'files__read_text_file', arguments: { path: 'launch.md' } }, { tool: 'memory__read_graph' }];

  const proposed = await terminal.run(`${marshal} init`, [{ when: /memory/, keys: '\r' }]);
  expect(proposed).toMatch(/wrote .*marshal\.yaml/);
  const installed = await terminal.run(`${marshal} install claude-code --switch-off --yes`);
  expect(installed).toMatch(/Claude Code/);
  const ran = await terminal.run(`echo '${JSON.stringify({ calls })}' | ${marshal} batch --read`);
  expect(ran).toMatch(/files__read_text_file/);
  expect(ran).not.toMatch(/error|denied|failed|invalid|skipped/);
  expect(terminal.seconds()).toBeLessThan(120);

  const recording = terminal.recording((text) =>
    text.replaceAll(home, '/home/ann').replaceAll(root.replace(/\/$/, ''), '/opt/mcp-servers'),
  );
  if (process.env['MARSHAL_RECORD'] === '1') writeFileSync(saved, recording);
  // Fewer than six prompts at which something was typed.
  expect(recording.match(/npx -y/g)?.length).toBeLessThanOrEqual(5);

  // And the client's own way: the program that its file starts now answers batch_read.
  const { mcpServers } = JSON.parse(readFileSync(join(home, '.claude.json'), 'utf8'));
  expect(Object.keys(mcpServers)).toEqual(['marshal']);
  const { command, args, env } = mcpServers.marshal;
  const launch = { command, args, env: { ...env, HOME: home, PATH: process.env['PATH'] ?? '' } };
  const client = await connectClient(workspace, 'version 2 legacy', launch);
  const reply = await client.call('batch_read', { calls });
  expect(reply['isError']).toBeFalsy();
  expect(textsOf(reply).join('\n')).toContain('The launch is on Friday.');
}, 180_000);

test('the recording that the documentation shows is of this walk-through', () => {
  const [header = '', ...events] = readFileSync(saved, 'utf8').trim().split('\n');
  expect(JSON.parse(header)).toMatchObject({ version: 2 });
  const parsed: [number, string, string][] = events.map((event) => JSON.parse(event));
  const text = parsed.map(([, , shown]) => shown).join('');
  for (const command of ['init', 'install claude-code', 'batch --read'])
    expect(text).toContain(`mcp-marshal ${command}`);
  expect(parsed.at(-1)?.[0]).toBeLessThan(120);
});
