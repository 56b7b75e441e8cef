import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createInstallHome, server } from './install-home.ts';
import type { InstallHome } from './install-home.ts';

let home: InstallHome;

beforeEach(() => {
  home = createInstallHome();
});
afterEach(() => home.remove());

describe('one client', () => {
  const cursor = (text: string): string => home.write('home/.cursor/mcp.json', text);

  test('that has no file yet gets one, which goes again with its folders', async () => {
    const before = home.snapshot();
    expect((await home.install('codex', 'cursor', 'continue')).code).toBe(0);
    expect(readFileSync(join(home.home, '.codex/config.toml'), 'utf8')).toMatch(/^\[mcp_servers\.marshal\]\n/);
    expect(JSON.parse(readFileSync(join(home.home, '.cursor/mcp.json'), 'utf8'))).toMatchObject({
      mcpServers: { marshal: { args: expect.arrayContaining([join(home.project, 'marshal.yaml')]) } },
    });
    await home.install('--all', '--uninstall');
    expect(home.snapshot()).toEqual(before);
  });

  test.each([
    ['is broken', () => cursor('{\n  "mcpServers": {,\n}'), /^is not valid JSON$/],
    ['is null', () => cursor('null'), /^holds a list or a single value/],
    ['holds something else where servers should be', () => cursor('{"mcpServers": []}'), /^has something else/],
    [
      'is a folder',
      () => void mkdirSync(join(home.home, '.cursor/mcp.json'), { recursive: true }),
      /^is not a regular file$/,
    ],
    [
      'is not UTF-8',
      () => void home.write('home/.cursor/mcp.json', Buffer.from('{"a":"\xe4"}', 'latin1')),
      /^is not UTF-8/,
    ],
    [
      'is a link to nothing',
      () => {
        mkdirSync(join(home.home, '.cursor'));
        symlinkSync('/nowhere/at/all', join(home.home, '.cursor/mcp.json'));
      },
      /^is a link/,
    ],
    ['may not be written', () => chmodSync(cursor('{}'), 0o444), /^may not be/],
    [
      'has a server of that name that is another',
      () => cursor('{"mcpServers": {"marshal": {"command": "sheriff"}}}'),
      /^has another server/,
    ],
    ['says our key twice', () => cursor('{"mcpServers": {}, "mcpServers": {}}'), /^is written in a way/],
  ])('whose file %s fails by itself, with a reason and a mend, and the others go on', async (_how, prepare, reason) => {
    prepare();
    const { code, clients } = await home.install('cursor', 'codex');
    expect(code).toBe(1);
    expect(clients).toMatchObject([
      { status: 'failed', reason: expect.stringMatching(reason), fix: expect.any(String) },
      { status: 'registered' },
    ]);
    expect(existsSync(join(home.home, '.codex/config.toml'))).toBe(true);
  });

  test('whose file is a link to one with permissions of its own keeps both', async () => {
    const target = home.write('dotfiles/mcp.json', '\uFEFF{\r\n\t"mcpServers": {}\r\n}');
    chmodSync(target, 0o640);
    const link = join(home.home, '.cursor/mcp.json');
    mkdirSync(dirname(link));
    symlinkSync(target, link);
    await home.install('cursor');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(statSync(target).mode & 0o777).toBe(0o640);
    const text = readFileSync(target, 'utf8');
    expect(text).toMatch(/^\uFEFF\{\r\n\t"mcpServers": \{\r\n\t\t"marshal": \{\r\n/);
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
    await home.install('cursor', '--uninstall');
    expect(readFileSync(target, 'utf8')).toBe('\uFEFF{\r\n\t"mcpServers": {}\r\n}');
  });

  test('whose file is of another group, or for root of another user, is still theirs', async () => {
    const path = cursor('{}');
    const isRoot = process.getuid?.() === 0;
    const groups = process.getgroups?.() ?? [];
    const uid = isRoot ? 4242 : statSync(path).uid;
    const gid = isRoot ? 4243 : (groups.find((group) => group !== statSync(path).gid) ?? statSync(path).gid);
    chownSync(path, uid, gid);
    for (const words of [['cursor'], ['cursor', '--uninstall']]) {
      expect((await home.install(...words)).code).toBe(0);
      expect(statSync(path)).toMatchObject({ uid, gid });
    }
  });

  test('that had mcp-marshal in another way gets this one, and none at --uninstall', async () => {
    const path = cursor(
      '{"mcpServers": {"a": {"command": "x"}, "marshal": {"command": "npx", "args": ["-y", "mcp-marshal", "serve"]}}}',
    );
    expect((await home.install('cursor')).clients).toMatchObject([{ status: 'renewed' }]);
    await home.install('cursor', '--uninstall');
    expect(readFileSync(path, 'utf8')).toBe('{"mcpServers": {"a": {"command": "x"}}}');
  });

  test('whose file has gone since has nothing to be taken out', async () => {
    const path = cursor('{}');
    await home.install('cursor');
    rmSync(path);
    expect((await home.install('cursor', '--uninstall')).clients).toMatchObject([{ status: 'absent' }]);
    expect(existsSync(path)).toBe(false);
    expect(home.kept()).toEqual([]);
  });

  test('whose user has switched an original on again has it on afterwards, too', async () => {
    const path = home.write(
      'home/.codeium/windsurf/mcp_config.json',
      `{"mcpServers": {"memory": {"command": "node", "args": ["${server}", "memory"], "disabled": false}}}`,
    );
    await home.install('windsurf', '--switch-off');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"disabled": true', '"disabled": "later"'));
    await home.install('windsurf', '--uninstall');
    expect(readFileSync(path, 'utf8')).toContain('"disabled": "later"');
  });

  test('of a folder is registered in the files of that folder, and the user has none of it', async () => {
    home.write('project/.vscode/mcp.json', '{ // ours\n}');
    const { clients } = await home.install('vscode', 'roo', '--scope', 'project');
    expect(clients.map(({ path }) => path)).toEqual([
      join(home.project, '.vscode/mcp.json'),
      join(home.project, '.roo/mcp.json'),
    ]);
    expect(existsSync(join(home.home, '.config'))).toBe(false);
    await home.install('vscode', 'roo', '--scope', 'project', '--uninstall');
    expect(readFileSync(join(home.project, '.vscode/mcp.json'), 'utf8')).toBe('{ // ours\n}');
    expect(existsSync(join(home.project, '.roo'))).toBe(false);
  });

  test('Continue with a config.json only is not given a config.yaml, which would be read in its place', async () => {
    home.write('home/.continue/config.json', '{"models": []}');
    const { code, clients } = await home.install('continue');
    expect([code, clients[0]?.reason]).toEqual([1, expect.stringContaining('would pass over its config.json')]);
    expect(existsSync(join(home.home, '.continue/config.yaml'))).toBe(false);
  });

  test('opencode of the second version has its servers one level deeper, and another switch', async () => {
    const path = home.write(
      'home/.config/opencode/opencode.json',
      `{"mcp": {"servers": {"memory": {"type": "local", "command": ["node", "${server}", "memory"]}}}}`,
    );
    await home.install('opencode', '--switch-off');
    const { mcp } = JSON.parse(readFileSync(path, 'utf8'));
    expect(mcp.servers.marshal).toMatchObject({ type: 'local', command: expect.any(Array) });
    expect(mcp.servers.marshal.enabled).toBeUndefined();
  });

  test('whose originals are off keeps them off when it is registered again, until it is told to keep them', async () => {
    const path = cursor(`{"mcpServers": {"memory": {"command": "node", "args": ["${server}", "memory"]}}}`);
    await home.install('cursor', '--switch-off');
    expect((await home.install('cursor')).clients).toMatchObject([{ status: 'unchanged' }]);
    expect(readFileSync(path, 'utf8')).not.toContain('memory');
    await home.install('cursor', '--keep');
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')).mcpServers)).toEqual(['memory', 'marshal']);
  });

  test('is taken out without what was kept of it, too, and what is not ours stays', async () => {
    const path = cursor('{\n  "mcpServers": {\n    "a": {}\n  }\n}\n');
    const other = home.write(
      'home/.codeium/windsurf/mcp_config.json',
      '{"mcpServers": {"marshal": {"command": "sheriff"}}}',
    );
    await home.install('cursor');
    rmSync(join(home.home, '.local'), { recursive: true });
    await home.install('--all', '--uninstall');
    expect(readFileSync(path, 'utf8')).toBe('{\n  "mcpServers": {\n    "a": {}\n  }\n}\n');
    expect(readFileSync(other, 'utf8')).toContain('sheriff');
  });

  test('Codex with its servers in one line is not touched, and told what to add by hand', async () => {
    const path = home.write('home/.codex/config.toml', 'mcp_servers = { a = { command = "x" } }\n');
    const { code, clients } = await home.install('codex');
    expect([code, clients[0]?.fix]).toEqual([1, expect.stringContaining('install --print')]);
    expect(readFileSync(path, 'utf8')).toBe('mcp_servers = { a = { command = "x" } }\n');
  });
});
