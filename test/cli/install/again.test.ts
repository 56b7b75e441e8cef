import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInstallHome } from './install-home.ts';
import type { InstallHome } from './install-home.ts';
import { readFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

let place: InstallHome;
beforeEach(() => {
  place = createInstallHome();
});
afterEach(() => place.remove());

const path = (): string => join(place.home, '.cursor/mcp.json');
const servers = (): Record<string, unknown> => JSON.parse(readFileSync(path(), 'utf8')).mcpServers;
const add = (name: string, entry: object): void => {
  const value = JSON.parse(readFileSync(path(), 'utf8'));
  value.mcpServers = { ...value.mcpServers, [name]: entry };
  writeFileSync(path(), JSON.stringify(value, null, 2));
};

test('servers that came into a file that we made outlive a second install and a third, and --uninstall', async () => {
  await place.install('cursor');
  add('theirs', { command: 'x', env: { K: 'v' } });
  // The configuration has moved: the entry is another.
  place.write('project/other.yaml', readFileSync(join(place.project, 'marshal.yaml'), 'utf8'));
  const again = await place.install('cursor', '--config', 'other.yaml');
  expect(again.clients).toMatchObject([{ status: 'renewed' }]);
  expect(Object.keys(servers())).toEqual(['theirs', 'marshal']);
  await place.install('cursor');
  expect(Object.keys(servers())).toEqual(['theirs', 'marshal']);
  await place.install('cursor', '--uninstall');
  expect(existsSync(path())).toBe(true);
  expect(Object.keys(servers())).toEqual(['theirs']);
});

test('another server that has taken the name meanwhile is neither replaced nor taken out', async () => {
  place.write('home/.cursor/mcp.json', '{"mcpServers": {}}\n');
  await place.install('cursor');
  add('marshal', { command: 'sheriff', args: ['--mcp'] });
  const before = readFileSync(path(), 'utf8');
  const again = await place.install('cursor');
  expect(again.clients).toMatchObject([{ status: 'failed', reason: 'has another server called marshal' }]);
  expect(readFileSync(path(), 'utf8')).toBe(before);
  const out = await place.install('cursor', '--uninstall');
  expect(out.clients).toMatchObject([{ status: 'failed', reason: 'has another server called marshal by now' }]);
  expect(readFileSync(path(), 'utf8')).toBe(before);
});

test('a client of which nothing can be kept to take it back is left alone, and the others are told of', async () => {
  const text = '{"mcpServers": {}}\n';
  place.write('home/.cursor/mcp.json', text);
  place.write('home/.local/state/mcp-marshal/installs', 'no folder');
  const { code, clients } = await place.install('cursor');
  expect(code).toBe(1);
  expect(clients).toMatchObject([{ status: 'failed', reason: expect.stringContaining('left alone') }]);
  expect(readFileSync(path(), 'utf8')).toBe(text);
});
