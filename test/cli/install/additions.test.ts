import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInstallHome } from './install-home.ts';
import type { InstallHome } from './install-home.ts';

let place: InstallHome;
beforeEach(() => {
  place = createInstallHome();
});
afterEach(() => place.remove());

/** The configuration has moved, so that every entry has to be written anew. */
function moveConfig(): string[] {
  renameSync(join(place.project, 'marshal.yaml'), join(place.project, 'other.yaml'));
  return ['--config', 'other.yaml'];
}

test('what a person or the client has added to our entry stays when it is registered again, and is not shown', async () => {
  const path = place.write('home/.cursor/mcp.json', '{\n  "mcpServers": {}\n}\n');
  await place.install('cursor');
  const value = JSON.parse(readFileSync(path, 'utf8'));
  const { marshal } = value.mcpServers;
  Object.assign(marshal, { env: { ...marshal.env, TOKEN: 'canary' }, autoApprove: ['batch_read'], cwd: '/work' });
  writeFileSync(path, JSON.stringify(value, null, 2));
  const words = moveConfig();
  const dry = await place.run(['install', 'cursor', '--dry-run', ...words]);
  expect(dry.out).toContain('other.yaml');
  expect(dry.out + dry.err).not.toContain('canary');
  expect((await place.install('cursor', ...words)).clients).toMatchObject([{ status: 'renewed' }]);
  expect(JSON.parse(readFileSync(path, 'utf8')).mcpServers.marshal).toMatchObject({
    args: expect.arrayContaining([join(place.project, 'other.yaml')]),
    env: { TOKEN: 'canary' },
    autoApprove: ['batch_read'],
    cwd: '/work',
  });
  expect((await place.install('cursor', ...words)).clients).toMatchObject([{ status: 'unchanged' }]);
});

test('tables below our entry in TOML, and variables that are passed on, stay when it is registered again', async () => {
  const before = 'model = "gpt"\n';
  const path = place.write('home/.codex/config.toml', before);
  place.write('project/marshal.yaml', 'version: 1\nservers:\n  a: { command: node, env: { A: "${A_KEY:-none}" } }\n');
  await place.install('codex');
  const own = readFileSync(path, 'utf8').replace('env_vars = [ ', 'env_vars = [ "HTTPS_PROXY", ');
  const below =
    '\n[mcp_servers.marshal.env]\nTOKEN = "x"\n\n[mcp_servers.marshal.tools.batch_call]\napproval_mode = "prompt"\n';
  writeFileSync(path, own + below);
  expect((await place.install('codex', ...moveConfig())).clients).toMatchObject([{ status: 'renewed' }]);
  const text = readFileSync(path, 'utf8');
  expect(parseToml(text)).toMatchObject({
    mcp_servers: {
      marshal: {
        args: expect.arrayContaining([join(place.project, 'other.yaml')]),
        env: { TOKEN: 'x' },
        env_vars: ['A_KEY', 'HTTPS_PROXY'],
        tools: { batch_call: { approval_mode: 'prompt' } },
      },
    },
  });
  writeFileSync(path, `${text}\n[tui]\n${stringifyToml({ theme: 'dark' })}`);
  await place.install('codex', '--uninstall');
  expect(readFileSync(path, 'utf8')).toBe(`${before}\n[tui]\ntheme = "dark"\n`);
});

test('the tools that a person has left to Copilot CLI stay those', async () => {
  const path = place.write('home/.copilot/mcp-config.json', '{}');
  await place.install('copilot-cli');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"*"', '"batch_read"'));
  await place.install('copilot-cli', ...moveConfig());
  expect(JSON.parse(readFileSync(path, 'utf8')).mcpServers.marshal.tools).toEqual(['batch_read']);
});

test.each([
  ['home/.codeium/windsurf/mcp_config.json', 'windsurf', { disabled: true }],
  ['home/.config/zed/settings.json', 'zed', { enabled: false }],
])(
  'an entry that was written by hand and is switched off is on when it is registered: %s',
  async (file, client, off) => {
    const printed = await place.run(['install', client, '--print']);
    const value = JSON.parse(printed.out.replace(/^# .*\n/, ''));
    const [table] = Object.values<Record<string, object>>(value);
    Object.assign(table!['marshal']!, off);
    const path = place.write(file, JSON.stringify(value));
    expect((await place.install(client)).clients).toMatchObject([{ status: 'renewed' }]);
    expect(readFileSync(path, 'utf8')).not.toMatch(/abled/);
  },
);
