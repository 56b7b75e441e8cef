import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerConfig } from '../config/config.ts';
import type { Tool } from '../core/tool.ts';
import { parseKept, readBounded, stemOf } from './kept-catalog.ts';

/**
 * The tools that are kept on disk of a server as it is started or reached now, whoever the clients were: the newest list, and what only
 * older ones of other clients have. Undefined where nothing is kept. At once, and without connecting to anything; never throws.
 */
export function loadKeptTools(server: ServerConfig, { stateDir }: { stateDir: string }): readonly Tool[] | undefined {
  const directory = join(stateDir, 'catalog');
  const stem = stemOf(server);
  const byName = new Map<string, Tool>();
  let isKept = false;
  for (const file of newestFirst(directory, stem)) {
    const tools = attempt(() => parseKept(readBounded(file), Date.now())?.tools);
    isKept ||= tools !== undefined;
    for (const tool of tools ?? []) if (!byName.has(tool.name)) byName.set(tool.name, tool);
  }
  return isKept ? [...byName.values()] : undefined;
}

/** One file for each kind of clients. */
function newestFirst(directory: string, stem: string): string[] {
  const names = attempt(() => readdirSync(directory)) ?? [];
  const files = names.filter(
    (name) => name.startsWith(stem) && /^(?:-[0-9a-f]{16})?\.json$/.test(name.slice(stem.length)),
  );
  return files
    .map((name) => join(directory, name))
    .map((file) => ({ file, writtenMs: attempt(() => statSync(file).mtimeMs) ?? 0 }))
    .sort((a, b) => b.writtenMs - a.writtenMs)
    .map(({ file }) => file);
}

/** What cannot be read counts as nothing: it is written anew with each run. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
