import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInstallHome, server } from './install-home.ts';
import type { InstallHome } from './install-home.ts';

let place: InstallHome;
beforeEach(() => {
  place = createInstallHome();
});
afterEach(() => place.remove());

describe('a server that was switched off is not lost with the file of its client', () => {
  const text = `{"mcpServers": {"memory": {"command": "node", "args": ["${server}", "memory"], "env": {"K": "mine"}}}}`;

  test('its file of before is kept when mcp-marshal is taken out, and told of', async () => {
    const path = place.write('home/.cursor/mcp.json', text);
    await place.install('cursor', '--switch-off');
    rmSync(path);
    const { clients } = await place.install('cursor', '--uninstall');
    expect(clients).toMatchObject([{ status: 'absent', backup: expect.any(String) }]);
    expect(readFileSync(clients[0]!.backup!, 'utf8')).toBe(text);
  });

  test('it comes back at --uninstall, when mcp-marshal was registered in a new file meanwhile', async () => {
    const path = place.write('home/.cursor/mcp.json', text);
    await place.install('cursor', '--switch-off');
    rmSync(path);
    await place.install('cursor');
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')).mcpServers)).toEqual(['marshal']);
    await place.install('cursor', '--uninstall');
    const { mcpServers } = JSON.parse(readFileSync(path, 'utf8'));
    expect(mcpServers).toEqual(JSON.parse(text).mcpServers);
  });
});

test('--uninstall says what it leaves: entries of other names, and those of folders, each with what takes it out', async () => {
  await place.install('cursor', '--name', 'work');
  await place.install('cursor', '--scope', 'project');
  await place.install('cursor');
  const { err } = await place.run(['install', '--all', '--uninstall']);
  const [user, project] = [join(place.home, '.cursor/mcp.json'), join(place.project, '.cursor/mcp.json')];
  expect(err.trim().split('\n').sort()).toEqual([
    `still in ${user} as work: mcp-marshal install cursor --uninstall --name work`,
    `still in ${project} as marshal: mcp-marshal install cursor --uninstall --scope project`,
  ]);
  for (const line of err.trim().split('\n')) {
    const [, words = ''] = /: mcp-marshal (.*)$/.exec(line) ?? [];
    expect((await place.run(words.split(' '))).code).toBe(0);
  }
  expect((await place.run(['install', '--all', '--uninstall'])).err).toBe('');
  expect(place.snapshot().has('project/.cursor')).toBe(false);
});
