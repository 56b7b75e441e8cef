import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A person's home and the folder that is worked in, with what clients keep there. */
export interface ClientHome {
  path: string;
  home: string;
  project: string;
  write(name: string, text: string | Uint8Array): string;
  remove(): void;
}

/** By fixture, where its client has it. */
const places: Record<string, string> = {
  'home/claude/settings.json': 'home/.claude/settings.json',
  'home/claude/claude.json': 'home/.claude.json',
  'home/codex/config.toml': 'home/.codex/config.toml',
  'home/gemini/settings.json': 'home/.gemini/settings.json',
  'home/gemini/policies/mine.toml': 'home/.gemini/policies/mine.toml',
  'home/cline/cline_mcp_settings.json': 'home/.cline/data/settings/cline_mcp_settings.json',
  'home/zed/settings.json': 'home/.config/zed/settings.json',
  'project/claude/settings.json': 'project/.claude/settings.json',
  'project/gemini/settings.json': 'project/.gemini/settings.json',
};
const fixtures = join(import.meta.dirname, 'fixtures');

/** A new home with these fixtures in it; with all of them where none are named. */
export function createClientHome(names: readonly string[] = Object.keys(places)): ClientHome {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'marshal-clients-')));
  const target = (name: string): string => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  for (const folder of ['home', 'project']) mkdirSync(join(path, folder));
  for (const name of names) cpSync(join(fixtures, name), target(places[name]!));
  return {
    path,
    home: join(path, 'home'),
    project: join(path, 'project'),
    write(name, text) {
      const file = target(name);
      writeFileSync(file, text);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
