import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../../src/cli/install/render-results.ts';
import { createCliHome } from '../commands/clients/run-in-home.ts';
import type { CliHome } from '../commands/clients/run-in-home.ts';

/** What the client's server `memory` and that of the configuration start. */
export const server = '/opt/servers/memory.mjs';

/** A home with a configuration in which `install` runs. */
export interface InstallHome extends CliHome {
  install(...words: string[]): Promise<{ code: number; clients: Result[] }>;
  /** Every file below the home and the project with its bytes and permissions; what mcp-marshal keeps is left out. */
  snapshot(): Map<string, string>;
  /** What mcp-marshal keeps. */
  kept(): string[];
}

export function createInstallHome(): InstallHome {
  const place = createCliHome([]);
  const servers = `servers:\n  memory:\n    command: node\n    args: [${server}, memory]\n`;
  place.write('project/marshal.yaml', `version: 1\n${servers}`);
  const contentOf = (path: string): string => {
    const stats = statSync(path);
    return `${stats.mode} ${stats.isFile() ? readFileSync(path, 'latin1') : ''}`;
  };
  return {
    ...place,
    async install(...words) {
      const { code, out } = await place.run(['install', ...words, '--json']);
      const { data }: { data?: { clients: Result[] } } = JSON.parse(out);
      return { code, clients: data?.clients ?? [] };
    },
    snapshot() {
      const all = readdirSync(place.path, { recursive: true, encoding: 'utf8' }).sort();
      const paths = all.filter((path) => !path.startsWith('home/.local'));
      return new Map(paths.map((path) => [path, contentOf(join(place.path, path))]));
    },
    kept: () => readdirSync(join(place.home, '.local/state/mcp-marshal'), { recursive: true, encoding: 'utf8' }),
  };
}
