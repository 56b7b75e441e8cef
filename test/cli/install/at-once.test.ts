import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInstallHome } from './install-home.ts';
import type { InstallHome } from './install-home.ts';

let place: InstallHome;
beforeEach(() => {
  place = createInstallHome();
});
afterEach(() => place.remove());

const statuses = async (...runs: Promise<Awaited<ReturnType<InstallHome['install']>>>[]): Promise<string[]> =>
  (await Promise.all(runs)).flatMap(({ code, clients }) => clients.map(({ status }) => `${code} ${status}`)).sort();

test('two installs at once, and two --uninstall at once, both end well, and the file is byte for byte as before', async () => {
  const text = '{"mcpServers": {}, "theme": "dark"}';
  const path = place.write('home/.cursor/mcp.json', text);
  const install = (): ReturnType<InstallHome['install']> => place.install('cursor');
  expect(await statuses(install(), install())).toEqual(['0 registered', '0 unchanged']);
  const out = (): ReturnType<InstallHome['install']> => place.install('cursor', '--uninstall');
  expect(await statuses(out(), out())).toEqual(['0 absent', '0 restored']);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('two installs at once into a file that is not there make it once, and it goes again', async () => {
  const install = (): ReturnType<InstallHome['install']> => place.install('cursor');
  expect(await statuses(install(), install())).toEqual(['0 registered', '0 unchanged']);
  await place.install('cursor', '--uninstall');
  expect(existsSync(join(place.home, '.cursor'))).toBe(false);
});

test('a file that install made, and that was moved and linked since, loses our entry where it is now, and stays linked', async () => {
  const path = join(place.home, '.cursor/mcp.json');
  await place.install('cursor');
  mkdirSync(join(place.home, 'dotfiles'));
  const moved = join(place.home, 'dotfiles/cursor.json');
  renameSync(path, moved);
  symlinkSync(moved, path);
  const { clients } = await place.install('cursor', '--uninstall');
  expect(clients).toMatchObject([{ status: 'removed' }]);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(moved, 'utf8'))).toEqual({});
});
