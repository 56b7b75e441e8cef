import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientIds } from '../../../src/clients/client.ts';
import { layOutHome } from '../../clients/client-home.ts';
import { createInstallHome, server } from './install-home.ts';
import type { InstallHome } from './install-home.ts';

let home: InstallHome;

beforeEach(() => {
  home = createInstallHome();
});
afterEach(() => home.remove());

describe('all thirteen clients', () => {
  beforeEach(() => layOutHome(home.home, home.project, { server }));

  test('have mcp-marshal, keep their comments and other servers, and are byte for byte as before after --uninstall', async () => {
    const before = home.snapshot();
    const { code, clients } = await home.install('--all', '--switch-off');
    expect(code).toBe(0);
    expect(clients.map(({ client }) => client).sort()).toEqual([...clientIds].sort());
    for (const { path, switchedOff, status } of clients) {
      expect([path, status, switchedOff]).toEqual([path, 'registered', ['memory']]);
      const text = readFileSync(path, 'utf8');
      const old = before.get(path.slice(home.path.length + 1)) ?? '';
      expect(text).toContain('marshal');
      // Comments, and everything of other servers that is secret.
      for (const [mark] of old.matchAll(/not-a-secret-canary-[\w-]*|\/\/ .*|(?<=\n)# .*/g))
        expect(text).toContain(mark);
    }
    expect((await home.install('--all', '--uninstall')).clients.map(({ status }) => status)).toEqual(
      clients.map(() => 'restored'),
    );
    expect(home.snapshot()).toEqual(before);
    expect(home.kept()).toEqual([]);
  });

  test('registered twice are registered once, and taken out twice are taken out once', async () => {
    await home.install('--all');
    const once = home.snapshot();
    const again = await home.install('--all');
    expect(new Set(again.clients.map(({ status }) => status))).toEqual(new Set(['unchanged']));
    expect(home.snapshot()).toEqual(once);
    await home.install('--all', '--uninstall');
    expect(new Set((await home.install('--all', '--uninstall')).clients.map(({ status }) => status))).toEqual(
      new Set(['absent']),
    );
  });

  test('are not touched by --dry-run and --print, and nothing secret of theirs is shown by any of it', async () => {
    const before = home.snapshot();
    const dry = await home.run(['install', '--all', '--switch-off', '--dry-run']);
    const printed = await home.run(['install', '--all', '--print']);
    expect([dry.code, printed.code]).toEqual([0, 0]);
    expect(home.snapshot()).toEqual(before);
    expect(dry.out).toContain('+    "marshal": {');
    expect(printed.out).toContain('[mcp_servers.marshal]');
    const real = await home.run(['install', '--all', '--switch-off']);
    const undone = await home.run(['install', '--all', '--uninstall']);
    const shown = [dry, printed, real, undone].map(({ out, err }) => out + err).join('\n');
    expect(shown).not.toContain('canary');
  });

  test('get an entry for another configuration in the place of the old one, and the way back stays the same', async () => {
    const before = home.snapshot();
    await home.install('--all', '--switch-off');
    renameSync(join(home.project, 'marshal.yaml'), join(home.project, 'other.yaml'));
    const { clients } = await home.install('--all', '--switch-off', '--config', 'other.yaml');
    expect(new Set(clients.map(({ status }) => status))).toEqual(new Set(['renewed']));
    for (const { path } of clients) {
      expect(readFileSync(path, 'utf8')).toContain('other.yaml');
      expect(readFileSync(path, 'utf8')).not.toContain('marshal.yaml');
    }
    renameSync(join(home.project, 'other.yaml'), join(home.project, 'marshal.yaml'));
    await home.install('--all', '--uninstall');
    expect(home.snapshot()).toEqual(before);
  });

  test('that were changed meanwhile keep the change, lose our entry, and have their own servers on again', async () => {
    const before = home.snapshot();
    const { clients } = await home.install('--all', '--switch-off');
    const added = (path: string): string => {
      const text = readFileSync(path, 'utf8');
      if (/\.(?:toml|yaml)$/.test(path)) return `# mine\n${text}`;
      return text.replace('{', '{\n  "zz-mine": [1],');
    };
    for (const { path } of clients) writeFileSync(path, added(path));
    const undone = await home.install('--all', '--uninstall');
    expect(new Set(undone.clients.map(({ status }) => status))).toEqual(new Set(['removed']));
    for (const { path, backup } of undone.clients) {
      const text = readFileSync(path, 'utf8');
      expect(text).toMatch(/mine/);
      expect(text).not.toContain('marshal.yaml');
      expect(text).toContain('memory');
      expect(before.get(path.slice(home.path.length + 1))).toContain(readFileSync(backup!, 'latin1'));
    }
  });
});
